"""The read side: what waits for a person, what they did, what they started. One indexed SELECT each, no state.

A person reads several desks: their own, their groups', and those of whom they stand in for. Each desk is read through
its index only as far as the page needs, and the pages of the desks are merged, so that a page costs the same with a
thousand open tasks and with a million. Counts stop at ``MOST`` for the same reason.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from workflows.engine.process import Actor
from workflows.kernel.errors import Invalid

#: Counts are exact up to here; more is shown as 99+.
MOST = 100


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as lists show it. ``covered_id`` is whom the reader stands in for, None on their own desks."""

    id: int
    instance_id: int
    process_key: str
    definition_id: int
    element_id: str
    title: str
    starter_id: int
    starter_name: str
    starter_name_en: str
    role: str
    status: str
    assignee_id: int | None
    group_role: str | None
    covered_id: int | None
    revision: int
    opened_at: dt.datetime
    due_at: dt.datetime | None
    closed_at: dt.datetime | None
    decision: str | None
    #: When a holder first opened it, and when the starter last urged it.
    read_at: dt.datetime | None
    urged_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """A case as lists show it."""

    id: int
    process_key: str
    definition_id: int
    title: str
    status: str
    outcome: str | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    #: The elements that wait now, and the names of the people on whose desks they lie.
    waiting: list[str]
    holders: list[str]
    holders_en: list[str]
    #: The element that was answered last, from which a case without open tasks went on.
    last_answered: str | None
    #: Set while an administrator keeps it from moving.
    suspended_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much lies where, each counted up to ``MOST``; of the copies only those that were not read."""

    mine: int
    groups: int
    behalf: int
    done: int
    started: int
    copied: int


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to. ``search`` is looked for in titles and in starters' names."""

    search: str = ""
    process_key: str | None = None
    opened_before: dt.datetime | None = None
    overdue_at: dt.datetime | None = None

    def sql(self, alias: str, opened: str) -> str:
        """Give the conditions, beginning with AND."""
        parts = []
        if self.search:
            parts.append(
                f" AND ({alias}.title ILIKE %(search)s OR {alias}.starter_id IN"  # noqa: S608 (aliases only)
                " (SELECT id FROM employee WHERE name ILIKE %(search)s OR login ILIKE %(search)s))"
            )
        if self.process_key:
            parts.append(f" AND {alias}.process_key = %(process_key)s")
        if self.opened_before:
            parts.append(f" AND {alias}.{opened} < %(opened_before)s")
        if self.overdue_at:
            parts.append(f" AND {alias}.due_at < %(overdue_at)s")
        return "".join(parts)

    def parameters(self) -> dict[str, Any]:
        """Give the values of the conditions."""
        escaped = self.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return {
            "search": f"%{escaped}%",
            "process_key": self.process_key,
            "opened_before": self.opened_before,
            "overdue_at": self.overdue_at,
        }


_COLUMNS = """t.id, t.instance_id, t.process_key, t.definition_id, t.element_id, t.title, t.starter_id,
       s.name AS starter_name, s.name_en AS starter_name_en, t.role, t.status, t.assignee_id, t.group_role,
       t.revision, t.opened_at, t.due_at, t.closed_at, t.decision, t.read_at,
       (SELECT max(u.urged_at) FROM urge u WHERE u.task_id = t.id) AS urged_at"""

#: The open tasks of one desk, read through its index no further than a page needs.
_DESK = """(SELECT t.*, {number} AS place FROM user_task t
         WHERE t.desk = %(desk{number})s AND t.status = 'open' AND NOT %(me)s = ANY(t.barred){conditions}
         ORDER BY {order} LIMIT {rows})"""
#: In what order what waits is given: by the index of the desk, or by a sort of all that lies on it. What is never due
#: comes last, as if it were due on ``_FAR``.
_BY_AGE = "t.opened_at"
_FAR = dt.datetime(2099, 12, 31, tzinfo=dt.UTC)
_BY_DUE = "coalesce(t.due_at, '2099-12-31 00:00+00')"


def pending_tasks(
    session: Session,
    actor: Actor,
    *,
    limit: int = 20,
    after: str | None = None,
    narrowed: Filter | None = None,
    desk: str | None = None,
    by_due: bool = False,
) -> tuple[list[TaskRow], str | None]:
    """Give the open tasks that wait for a person, and the cursor of the next page.

    The oldest come first, or with ``by_due`` what is due first; a cursor is good for its own order only. ``desk`` is
    mine, groups, behalf, or None for all of them. Raises ``Invalid`` for a cursor that is none.
    """
    key_of = _BY_DUE if by_due else _BY_AGE
    order = f"{key_of}, t.id"
    narrowed = narrowed or Filter()
    desks = [(key, covered) for key, (kind, covered) in _desks(actor).items() if desk in (None, kind)]
    at, ident = read_cursor(after)
    if not desks:
        return [], None
    parameters = narrowed.parameters() | {"me": actor.id, "at": at, "id": ident}
    parts = []
    for number, (key, covered) in enumerate(desks):
        conditions = f" AND ({order}) > (%(at)s::timestamptz, %(id)s)" if at else ""
        if covered is not None:
            conditions += f" AND (t.group_role IS NULL OR NOT %(covered{number})s = ANY(t.barred))"
        if covered is not None and actor.covers[covered]:
            conditions += f" AND t.process_key = ANY(%(keys{number})s)"
        conditions += narrowed.sql("t", "opened_at")
        parts.append(_DESK.format(number=number, conditions=conditions, order=order, rows=limit + 1))
        parameters |= {f"desk{number}": key, f"covered{number}": covered}
        parameters |= {f"keys{number}": list(actor.covers[covered]) if covered is not None else []}
    # The number of rows stands in the text and not in a parameter: only then is the plan that reads each desk's index
    # as far as needed seen to be the good one, and kept.
    sql = f"""
SELECT {_COLUMNS}, t.place
  FROM (SELECT * FROM ({" UNION ALL ".join(parts)}) t ORDER BY {order} LIMIT {limit + 1}) t
  JOIN employee s ON s.id = t.starter_id
 ORDER BY {order}"""  # noqa: S608 (constants and placeholders only)
    found = []
    for row in session.connection().exec_driver_sql(sql, parameters):
        values = dict(row._mapping)
        covered = desks[values.pop("place")][1]
        found.append(TaskRow(**values, covered_id=covered))
    return page_of(found, limit, lambda row: (row.due_at or _FAR) if by_due else row.opened_at)


def done_tasks(
    session: Session, actor: Actor, *, limit: int = 20, after: str | None = None, narrowed: Filter | None = None
) -> tuple[list[TaskRow], str | None]:
    """Give the tasks that a person completed, the newest first, and the cursor of the next page."""
    narrowed = narrowed or Filter()
    at, ident = read_cursor(after)
    sql = f"""
SELECT {_COLUMNS}, t.on_behalf_of_id AS covered_id
  FROM user_task t JOIN employee s ON s.id = t.starter_id
 WHERE t.closed_by_id = %(me)s AND t.status = 'completed'
   AND (%(at)s::timestamptz IS NULL OR (t.closed_at, t.id) < (%(at)s, %(id)s)){narrowed.sql("t", "opened_at")}
 ORDER BY t.closed_at DESC, t.id DESC LIMIT %(limit)s"""  # noqa: S608
    rows = session.connection().exec_driver_sql(
        sql, narrowed.parameters() | {"me": actor.id, "at": at, "id": ident, "limit": limit + 1}
    )
    return page_of([TaskRow(**row._mapping) for row in rows], limit, lambda row: row.closed_at or row.opened_at)


def started_instances(
    session: Session, actor: Actor, *, limit: int = 20, after: str | None = None, narrowed: Filter | None = None
) -> tuple[list[InstanceRow], str | None]:
    """Give the cases that a person started, the newest first, and the cursor of the next page."""
    narrowed = narrowed or Filter()
    at, ident = read_cursor(after)
    sql = f"""
SELECT i.id, i.process_key, i.definition_id, i.title, i.status, i.outcome, i.started_at, i.ended_at,
       coalesce(w.waiting, '{{}}') AS waiting, coalesce(w.holders, '{{}}') AS holders,
       coalesce(w.holders_en, '{{}}') AS holders_en,
       (SELECT t.element_id FROM user_task t WHERE t.instance_id = i.id AND t.status = 'completed'
         ORDER BY t.closed_at DESC, t.id DESC LIMIT 1) AS last_answered, i.suspended_at
  FROM process_instance i
  LEFT JOIN LATERAL (SELECT array_agg(t.element_id ORDER BY t.id) AS waiting,
                            array_agg(coalesce(e.name, t.group_role) ORDER BY t.id) AS holders,
                            array_agg(coalesce(nullif(e.name_en, ''), e.name, t.group_role) ORDER BY t.id)
                            AS holders_en
                       FROM user_task t LEFT JOIN employee e ON e.id = t.assignee_id
                      WHERE t.instance_id = i.id AND t.status = 'open') w ON true
 WHERE i.starter_id = %(me)s AND (%(at)s::timestamptz IS NULL OR i.id < %(id)s){narrowed.sql("i", "started_at")}
 ORDER BY i.id DESC LIMIT %(limit)s"""  # noqa: S608
    rows = session.connection().exec_driver_sql(
        sql, narrowed.parameters() | {"me": actor.id, "at": at, "id": ident, "limit": limit + 1}
    )
    return page_of([InstanceRow(**row._mapping) for row in rows], limit, lambda row: row.started_at)


def counts(session: Session, actor: Actor) -> Counts:
    """Count what lies on each kind of desk, what is done and what is started, in one statement."""
    desks = _desks(actor)
    sql = """
SELECT d.kind, sum(n.n) AS n
  FROM unnest(%(desks)s::text[], %(kinds)s::text[], %(keys)s::text[]) AS d(desk, kind, keys),
       LATERAL (SELECT count(*) AS n FROM (SELECT FROM user_task t
                 WHERE t.desk = d.desk AND t.status = 'open' AND NOT %(me)s = ANY(t.barred)
                   AND (d.keys = '' OR t.process_key = ANY(string_to_array(d.keys, ','))) LIMIT %(most)s) x) n
 GROUP BY d.kind
UNION ALL
SELECT 'done', count(*) FROM (SELECT FROM user_task WHERE closed_by_id = %(me)s AND status = 'completed'
                               LIMIT %(most)s) x
UNION ALL
SELECT 'started', count(*) FROM (SELECT FROM process_instance WHERE starter_id = %(me)s LIMIT %(most)s) x
UNION ALL
SELECT 'copied', count(*) FROM (SELECT FROM copy WHERE employee_id = %(me)s AND read_at IS NULL LIMIT %(most)s) x"""
    rows = session.connection().exec_driver_sql(
        sql,
        {
            "desks": list(desks),
            "kinds": [kind for kind, _ in desks.values()],
            "keys": [_keys(actor, covered) for _, covered in desks.values()],
            "me": actor.id,
            "most": MOST,
        },
    )
    found = {kind: min(int(n), MOST) for kind, n in rows}
    return Counts(**{kind: found.get(kind, 0) for kind in Counts.__slots__})


def _desks(actor: Actor) -> dict[str, tuple[str, int | None]]:
    """Give the desks that a person reads: desk -> (mine, groups or behalf, whom they stand in for)."""
    desks: dict[str, tuple[str, int | None]] = {f"p{actor.id}": ("mine", None)}
    desks |= {f"g{role}": ("groups", None) for role in sorted(actor.roles)}
    for person in actor.covers:
        desks[f"p{person}"] = ("behalf", person)
        for role in sorted(actor.covered_roles.get(person, frozenset()) - actor.roles):
            desks.setdefault(f"g{role}", ("behalf", person))
    return desks


def _keys(actor: Actor, covered: int | None) -> str:
    return "" if covered is None else ",".join(actor.covers[covered])


def page_of(found: list[Any], limit: int, instant: Any) -> tuple[list[Any], str | None]:
    """Give a page of what was found, one row more than fits, and the cursor of the next; it names the last row."""
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], f"{instant(last).isoformat()}~{last.id}"


def read_cursor(after: str | None) -> tuple[dt.datetime | None, int]:
    """Read a cursor; raises ``Invalid`` for what is none."""
    if not after:
        return None, 0
    try:
        at, ident = after.split("~")
        return dt.datetime.fromisoformat(at.replace(" ", "+")), int(ident)
    except ValueError as error:
        raise Invalid.at("after", "This is not the place where a page ended.") from error
