"""What sales add up to: how far they come, what is signed, collected and expected, and who has them.

Every figure is about the departments that the reader sees, and belongs to the sale's department and owner of today.
Days are those of Shanghai; sums are fen.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from workflows.customers.scope import Sight
from workflows.kernel.days import SHANGHAI
from workflows.kernel.errors import Invalid
from workflows.sale.model import SaleStatus, Stage


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: a period with both its days, and the departments (None for all of them)."""

    first_on: dt.date
    last_on: dt.date
    departments: tuple[int, ...] | None

    def parameters(self, today: dt.date) -> dict[str, Any]:
        """The same as parameters of a statement."""
        return {
            "first": self.first_on,
            "last": self.last_on,
            "begins": dt.datetime.combine(self.first_on, dt.time(), SHANGHAI),
            "ends": dt.datetime.combine(self.last_on + dt.timedelta(days=1), dt.time(), SHANGHAI),
            "today": today,
            "departments": list(self.departments or ()),
        }


@dataclass(frozen=True, slots=True)
class StageFigures:
    """One stage, of what was registered in the period: how many came that far, how many were lost there, and what
    they are worth. Seconds, in whole hours, are those of the sales that left the stage for the next one in the period.
    """

    stage: int
    reached: int
    lost: int
    closed: int
    expected_fen: int
    left: int
    median_seconds: float | None
    p90_seconds: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of sales in the period: contracts signed, sales lost and still lost, sales closed."""

    registered: int
    won: int
    won_fen: int
    lost: int
    closed: int

    @property
    def win_rate(self) -> float | None:
        """Signed contracts of all that was decided; None where nothing was."""
        decided = self.won + self.lost
        return self.won / decided if decided else None


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """What was signed, collected and refunded in a month."""

    month: dt.date
    signed: int
    contracted_fen: int
    collected_fen: int
    refunded_fen: int


@dataclass(frozen=True, slots=True)
class ForecastFigures:
    """What open sales without a signed contract are expected to bring in a month, by the customers' grades."""

    month: dt.date
    count: int
    a_fen: int
    b_fen: int
    c_fen: int
    d_fen: int

    @property
    def total_fen(self) -> int:
        """All grades together."""
        return self.a_fen + self.b_fen + self.c_fen + self.d_fen


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """One person: what is open now, what was won, lost and collected in the period, visits and late follow-ups."""

    person_id: int
    name: str
    name_en: str
    open: int
    open_fen: int
    won: int
    won_fen: int
    lost: int
    collected_fen: int
    visits: int
    overdue: int


def departments_asked(sight: Sight, wanted: Sequence[int] | None) -> tuple[int, ...] | None:
    """The departments that the figures are about: those that are wanted, of those that the reader sees.

    :raises Invalid: at ``department``, where the reader sees none of them
    """
    if wanted is None:
        return sight.departments
    seen = wanted if sight.departments is None else [each for each in wanted if each in sight.departments]
    if not seen:
        raise Invalid.at("department", "There is no such department.")
    return tuple(seen)


#: Stands where a statement is narrowed to departments; an OR there would keep it from their index.
_SEEN = "<seen>"
_OF_DEPARTMENTS = "s.department_id = ANY(%(departments)s::bigint[])"
_COHORT = f"""
SELECT s.stage, s.status, count(*) AS count, sum(s.expected_fen) AS fen
  FROM sale s WHERE s.created_at >= %(begins)s AND s.created_at < %(ends)s AND {_SEEN} GROUP BY s.stage, s.status
"""  # noqa: S608
#: By whole hours, because counting is several times faster than sorting.
_STAYS = f"""
SELECT m.from_stage AS stage, floor(extract(epoch FROM m.moved_at - m.since) / 3600)::bigint AS hours, count(*) AS count
  FROM sale_move m JOIN sale s ON s.id = m.sale_id
 WHERE m.kind IN ('stage', 'closed') AND m.from_stage IS NOT NULL AND m.since IS NOT NULL
   AND m.moved_at >= %(begins)s AND m.moved_at < %(ends)s AND {_SEEN}
 GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608
_OUTCOME = f"""
SELECT (SELECT count(*) FROM sale s
         WHERE s.created_at >= %(begins)s AND s.created_at < %(ends)s AND {_SEEN}) AS registered,
       (SELECT count(DISTINCT s.id) FROM sale_move m JOIN sale s ON s.id = m.sale_id
         WHERE m.kind = 'lost' AND m.moved_at >= %(begins)s AND m.moved_at < %(ends)s AND s.status = 'lost' AND {_SEEN})
         AS lost,
       (SELECT count(*) FROM sale s
         WHERE s.status = 'closed' AND s.closed_at >= %(begins)s AND s.closed_at < %(ends)s AND {_SEEN}) AS closed,
       w.count AS won, w.fen AS won_fen
  FROM (SELECT count(*) AS count, coalesce(sum(c.total_fen), 0) AS fen
          FROM contract c JOIN sale s ON s.id = c.sale_id
         WHERE c.status = 'signed' AND c.signed_on BETWEEN %(first)s AND %(last)s AND {_SEEN}) w
"""  # noqa: S608
_MONTHS = f"""
WITH months AS (
    SELECT generate_series(date_trunc('month', %(first)s::timestamp), %(last)s::timestamp, '1 month')::date AS month
),
signed AS (
    SELECT date_trunc('month', c.signed_on::timestamp)::date AS month, count(*) AS count, sum(c.total_fen) AS fen
      FROM contract c JOIN sale s ON s.id = c.sale_id
     WHERE c.status = 'signed' AND c.signed_on BETWEEN %(first)s AND %(last)s AND {_SEEN} GROUP BY 1
),
money AS (
    SELECT date_trunc('month', r.occurred_on::timestamp)::date AS month,
           sum(CASE WHEN r.reverses_id IS NULL THEN r.amount_fen ELSE -r.amount_fen END)
             FILTER (WHERE r.kind = 'receipt') AS collected,
           sum(CASE WHEN r.reverses_id IS NULL THEN r.amount_fen ELSE -r.amount_fen END)
             FILTER (WHERE r.kind = 'refund') AS refunded
      FROM receipt r JOIN sale s ON s.id = r.sale_id
     WHERE r.occurred_on BETWEEN %(first)s AND %(last)s AND {_SEEN} GROUP BY 1
)
SELECT m.month, coalesce(c.count, 0) AS signed, coalesce(c.fen, 0) AS contracted, coalesce(r.collected, 0) AS collected,
       coalesce(r.refunded, 0) AS refunded
  FROM months m LEFT JOIN signed c ON c.month = m.month LEFT JOIN money r ON r.month = m.month ORDER BY m.month
"""  # noqa: S608
_FORECAST = f"""
SELECT date_trunc('month', s.expected_on::timestamp)::date AS month, count(*) AS count,
       coalesce(sum(s.expected_fen) FILTER (WHERE c.grade = 'A'), 0) AS a,
       coalesce(sum(s.expected_fen) FILTER (WHERE c.grade = 'B'), 0) AS b,
       coalesce(sum(s.expected_fen) FILTER (WHERE c.grade = 'C'), 0) AS c,
       coalesce(sum(s.expected_fen) FILTER (WHERE c.grade = 'D'), 0) AS d
  FROM sale s JOIN customer c ON c.id = s.customer_id
 WHERE s.status = 'open' AND s.stage <= 3 AND {_SEEN} GROUP BY 1 ORDER BY 1
"""  # noqa: S608
_PEOPLE = f"""
WITH held AS (
    SELECT s.owner_id, count(*) FILTER (WHERE s.status = 'open') AS open,
           coalesce(sum(s.expected_fen) FILTER (WHERE s.status = 'open'), 0) AS open_fen
      FROM sale s WHERE {_SEEN} AND (%(person)s::bigint IS NULL OR s.owner_id = %(person)s) GROUP BY s.owner_id
),
won AS (
    SELECT s.owner_id, count(*) AS count, sum(c.total_fen) AS fen FROM contract c JOIN sale s ON s.id = c.sale_id
     WHERE c.status = 'signed' AND c.signed_on BETWEEN %(first)s AND %(last)s AND {_SEEN} GROUP BY s.owner_id
),
lost AS (
    SELECT s.owner_id, count(DISTINCT s.id) AS count FROM sale_move m JOIN sale s ON s.id = m.sale_id
     WHERE m.kind = 'lost' AND m.moved_at >= %(begins)s AND m.moved_at < %(ends)s AND s.status = 'lost' AND {_SEEN}
     GROUP BY s.owner_id
),
money AS (
    SELECT s.owner_id, sum(CASE WHEN r.reverses_id IS NULL THEN r.amount_fen ELSE -r.amount_fen END) AS fen
      FROM receipt r JOIN sale s ON s.id = r.sale_id
     WHERE r.kind = 'receipt' AND r.occurred_on BETWEEN %(first)s AND %(last)s AND {_SEEN} GROUP BY s.owner_id
)
SELECT e.id, e.name, e.name_en, h.open, h.open_fen, coalesce(w.count, 0) AS won, coalesce(w.fen, 0) AS won_fen,
       coalesce(l.count, 0) AS lost, coalesce(r.fen, 0) AS collected,
       (SELECT count(*) FROM visit v
         WHERE v.recorded_by_id = e.id AND v.visited_on > %(today)s::date - 30 AND v.visited_on <= %(today)s) AS visits,
       (SELECT count(*) FROM customer c
         WHERE c.owner_id = e.id AND c.follow_up_on < %(today)s AND c.archived_at IS NULL) AS overdue
  FROM held h JOIN employee e ON e.id = h.owner_id LEFT JOIN won w ON w.owner_id = e.id
  LEFT JOIN lost l ON l.owner_id = e.id LEFT JOIN money r ON r.owner_id = e.id
 ORDER BY won_fen DESC, open_fen DESC, e.id
"""  # noqa: S608


def stage_figures(session: Session, asked: Asked, *, today: dt.date) -> list[StageFigures]:
    """The funnel: the five stages in their order."""
    cohort = _read(session, _COHORT, asked, today)
    stays: dict[int, list[tuple[int, int]]] = {}
    for row in _read(session, _STAYS, asked, today):
        stays.setdefault(row.stage, []).append((row.hours, row.count))
    return [
        StageFigures(
            stage=stage,
            reached=sum(row.count for row in cohort if row.stage >= stage),
            lost=sum(row.count for row in cohort if row.stage == stage and row.status == SaleStatus.LOST),
            closed=sum(row.count for row in cohort if row.stage == stage and row.status == SaleStatus.CLOSED),
            expected_fen=sum(int(row.fen) for row in cohort if row.stage >= stage),
            left=sum(count for _, count in stays.get(stage, [])),
            median_seconds=_percentile(stays.get(stage, []), 50),
            p90_seconds=_percentile(stays.get(stage, []), 90),
        )
        for stage in Stage
    ]


def _percentile(stays: Sequence[tuple[int, int]], percent: int) -> float | None:
    """The shortest stay, in seconds, within which so many of a hundred left; ``stays`` are (hours, how many)."""
    whole, passed = sum(count for _, count in stays), 0
    for hours, count in stays:
        passed += count
        if passed * 100 >= whole * percent:
            return hours * 3_600.0
    return None


def outcome(session: Session, asked: Asked, *, today: dt.date) -> Outcome:
    """What was registered, won, lost and closed in the period."""
    [row] = _read(session, _OUTCOME, asked, today)
    counts = (row.registered, row.won, row.won_fen, row.lost, row.closed)
    return Outcome(*(int(each) for each in counts))


def month_figures(session: Session, asked: Asked, *, today: dt.date) -> list[MonthFigures]:
    """Each month of the period, also those in which nothing happened."""
    return [
        MonthFigures(row.month, int(row.signed), int(row.contracted), int(row.collected), int(row.refunded))
        for row in _read(session, _MONTHS, asked, today)
    ]


def forecast_figures(session: Session, asked: Asked, *, today: dt.date) -> list[ForecastFigures]:
    """What is expected, by the month in which it is expected, as of now; the period does not count."""
    return [
        ForecastFigures(row.month, int(row.count), int(row.a), int(row.b), int(row.c), int(row.d))
        for row in _read(session, _FORECAST, asked, today)
    ]


def person_figures(
    session: Session, asked: Asked, *, today: dt.date, person_id: int | None = None
) -> list[PersonFigures]:
    """Everybody who has a sale in these departments, or one of them; who won most comes first."""
    return [
        PersonFigures(
            row.id, row.name, row.name_en, int(row.open), int(row.open_fen), int(row.won), int(row.won_fen),
            int(row.lost), int(row.collected), int(row.visits), int(row.overdue),
        )
        for row in _read(session, _PEOPLE, asked, today, person=person_id)
    ]  # fmt: skip


def _read(session: Session, sql: str, asked: Asked, today: dt.date, **more: Any) -> list[Any]:
    narrowed = sql.replace(_SEEN, "true" if asked.departments is None else _OF_DEPARTMENTS)
    connection = session.connection()
    # A plan for whatever period and departments takes several times as long as one for those that are asked for.
    connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")
    return list(connection.exec_driver_sql(narrowed, {**asked.parameters(today), **more}))
