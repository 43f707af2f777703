"""The statement behind each table of the figures: a histogram of waits, ranks, percentiles, and what is open.

Each wait falls into a bucket 5 % wider than the one before, each bucket stands for the mean of its waits, and a
percentile is interpolated between ranks as ``percentile_cont`` does. So it is off by 5 % at most, and exact where a
bucket holds equal waits, which few tasks mostly have. Exact percentiles would sort every row, which takes more than a
second for a million (docs/scale.md).
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from workflows.kernel.days import SHANGHAI, day_of


@dataclass(frozen=True, slots=True)
class Question:
    """What the figures are asked about: days of Shanghai, both included; None means every process or department."""

    first_on: dt.date
    last_on: dt.date
    process_key: str | None = None
    #: This department and all that belongs to it.
    department_id: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The figures of one step, person, department or month. Times in seconds; None where nothing was answered."""

    open: int
    overdue: int
    answered: int
    #: Answered after the deadline.
    late: int
    median: float | None
    p90: float | None
    waited: float
    #: The part of all waiting time in the same table, from 0 to 1.
    share: float


#: The departments that the reader sees, and of them those that were asked about.
_SEEN = """
WITH RECURSIVE seen AS (
    SELECT id FROM department WHERE %(all)s OR manager_id = %(me)s
    UNION SELECT d.id FROM department d JOIN seen ON d.parent_id = seen.id
)"""
_ASKED = """, asked AS (
    SELECT id FROM seen WHERE %(department)s::bigint IS NULL OR id = %(department)s
    UNION SELECT d.id FROM department d JOIN asked ON d.parent_id = asked.id
)"""

# The planner knows how many values these three have (migration 0007 keeps statistics on them), without which it would
# expect a million groups and use one processor. They stand there word for word.
_PERSON = "coalesce(t.assignee_id, t.closed_by_id)"
#: China has had no summer time since 1991; a fixed offset costs a fifth of what the named zone does.
_MONTH = "date_trunc('month', t.closed_at AT TIME ZONE INTERVAL '08:00')"
_OF_ASKED = f" AND {_PERSON} IN (SELECT id FROM employee WHERE department_id IN (SELECT id FROM asked))"  # noqa: S608
_SECONDS = "greatest(date_part('epoch', t.closed_at - t.opened_at), 0)"
_BUCKET = f"floor(ln(1 + {_SECONDS}) * 20)::int"


@dataclass(frozen=True, slots=True)
class Table:
    """How one table is put together: the columns it is grouped by, what they are joined from, and what names them."""

    keys: tuple[tuple[str, str], ...]
    join: str = ""
    selected: str = ""
    naming: str = ""
    has_open: bool = True


STEPS = Table((("process_key", "t.process_key"), ("element_id", "t.element_id")))
PEOPLE = Table(
    (("person_id", _PERSON),),
    selected=", coalesce(p.name, '') AS name, coalesce(p.name_en, '') AS name_en,"
    " coalesce(d.name, '') AS department, coalesce(d.name_en, '') AS department_en",
    naming="LEFT JOIN employee p ON p.id = f.person_id LEFT JOIN department d ON d.id = p.department_id",
)
DEPARTMENTS = Table(
    (("department_id", "e.department_id"),),
    join=f"LEFT JOIN employee e ON e.id = {_PERSON}",
    selected=", coalesce(d.name, '') AS name, coalesce(d.name_en, '') AS name_en",
    naming="LEFT JOIN department d ON d.id = f.department_id",
)
MONTHS = Table((("month", _MONTH),), has_open=False)


def _percentile(share: float) -> str:
    """The value at the rank ``(n - 1) * share``, interpolated between the ranks on both sides of it."""
    rank = f"(max(total) - 1) * {share}::float8"
    below, above = (
        f"min(mean) FILTER (WHERE reached > {side}((total - 1) * {share}::float8))" for side in ("floor", "ceil")
    )
    return f"{below} + ({above} - {below}) * ({rank} - floor({rank}))"


@lru_cache
def _statement(table: Table, *, is_narrowed: bool, has_process: bool) -> str:
    """Put the statement together: a histogram of what was answered, ranks, percentiles, and what is open."""
    narrow = "\n   AND t.process_key = %(process)s" if has_process else ""
    narrow += _OF_ASKED if is_narrowed else ""
    parts = {
        "names": ", ".join(name for name, _ in table.keys),
        "values": ", ".join(f"{value} AS {name}" for name, value in table.keys),
        "numbers": ", ".join(str(number) for number, _ in enumerate(table.keys, start=1)),
        "join": table.join,
        "narrow": narrow if table.has_open else f"{narrow} AND false",
        "narrow_answered": narrow,
        "selected": table.selected,
        "naming": table.naming,
        "bucket": _BUCKET,
        "seconds": _SECONDS,
        "median": _percentile(0.5),
        "p90": _percentile(0.9),
    }
    return _SEEN + _ASKED + _FIGURES.format_map(parts)


_FIGURES = """, answered AS (
    SELECT {values}, {bucket} AS bucket, count(*) AS n, sum({seconds}) AS seconds,
           count(*) FILTER (WHERE t.closed_at > t.due_at) AS late, max(t.definition_id) AS definition_id
      FROM user_task t {join}
     WHERE t.status = 'completed' AND t.closed_at >= %(from)s AND t.closed_at < %(to)s{narrow_answered}
     GROUP BY {numbers}, bucket
), ranked AS (
    SELECT {names}, seconds, seconds / n AS mean, late, definition_id,
           sum(n) OVER (PARTITION BY {names} ORDER BY bucket) AS reached, sum(n) OVER (PARTITION BY {names}) AS total
      FROM answered
), done AS (
    SELECT {names}, max(total)::bigint AS answered, sum(seconds) AS waited, sum(late)::bigint AS late,
           {median} AS median, {p90} AS p90, max(definition_id) AS definition_id
      FROM ranked GROUP BY {numbers}
), standing AS (
    SELECT {values}, count(*) AS open, count(*) FILTER (WHERE t.due_at < %(now)s) AS overdue,
           sum(greatest(date_part('epoch', %(now)s - t.opened_at), 0)) AS waited, max(t.definition_id) AS definition_id
      FROM user_task t {join}
     WHERE t.status = 'open'{narrow}
     GROUP BY {numbers}
), figures AS (
    SELECT {names}, coalesce(s.open, 0) AS open, coalesce(s.overdue, 0) AS overdue,
           coalesce(done.answered, 0) AS answered, coalesce(done.late, 0) AS late, done.median, done.p90,
           coalesce(done.waited, 0) + CASE WHEN %(current)s THEN coalesce(s.waited, 0) ELSE 0 END AS waited,
           greatest(done.definition_id, s.definition_id) AS definition_id
      FROM done FULL JOIN standing s USING ({names})
)
SELECT f.*, coalesce(f.waited / nullif(sum(f.waited) OVER (), 0), 0) AS share{selected}
  FROM figures f {naming}
 ORDER BY f.waited DESC, {names}"""


def departments_seen(session: Session, reader_id: int, *, sees_all: bool) -> frozenset[int]:
    """The ids of the departments that a reader leads, with all that belongs to them; for some readers of all."""
    sql = _SEEN + " SELECT id FROM seen"  # noqa: S608 (a constant)
    return frozenset(session.connection().exec_driver_sql(sql, {"me": reader_id, "all": sees_all}).scalars())


def read_waiting(
    session: Session, table: Table, question: Question, *, reader_id: int, sees_all: bool, now: dt.datetime
) -> list[tuple[Any, Waiting]]:
    """The rows of one table with their figures, most waiting time first, of what that reader may see."""
    sql = _statement(
        table,
        is_narrowed=not sees_all or question.department_id is not None,
        has_process=question.process_key is not None,
    )
    parameters = {
        "me": reader_id,
        "all": sees_all,
        "department": question.department_id,
        "process": question.process_key,
        "from": dt.datetime.combine(question.first_on, dt.time.min, SHANGHAI),
        "to": dt.datetime.combine(question.last_on + dt.timedelta(days=1), dt.time.min, SHANGHAI),
        "now": now,
        "current": question.first_on <= day_of(now) <= question.last_on,
    }
    return [
        (row, Waiting(row.open, row.overdue, row.answered, row.late, row.median, row.p90, row.waited, row.share))
        for row in session.connection().exec_driver_sql(sql, parameters)
    ]
