"""Deadlines of open tasks are counted again when the company's calendar has changed.

The diagram says how many working days, ``opened_at`` says from when, so due, reminding and escalating can be computed
afresh at any time, and doing it twice changes nothing. A reminder that went out, or an escalation that happened, is
not set again. Timers of the diagram keep the hour that was computed when the case reached them.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from workflows.calendar.overrides import overrides
from workflows.kernel.workdays import Overrides, add_workdays

if TYPE_CHECKING:
    from workflows.engine.bpmn.diagrams import Element
    from workflows.engine.runtime import Engine

#: Rows that one transaction keeps locked; a step on one of these cases waits a few milliseconds.
BATCH = 500

_WITH_DEADLINES = """
SELECT id FROM user_task
 WHERE status = 'open' AND (due_at IS NOT NULL OR remind_at IS NOT NULL OR escalate_at IS NOT NULL) ORDER BY id
"""
_READ = """
SELECT id, definition_id, element_id, opened_at, remind_at, escalate_at, due_at FROM user_task
 WHERE id = ANY(%(ids)s) AND status = 'open'
"""
#: Whatever has happened to a row since it was read (reminded, escalated, answered) stays as it is.
_MOVE = """
WITH moved AS (
    SELECT m.* FROM jsonb_to_recordset(%(moved)s) AS m(id bigint, remind_at timestamptz, due_at timestamptz)
      JOIN user_task t ON t.id = m.id AND t.status = 'open' FOR UPDATE OF t SKIP LOCKED
)
UPDATE user_task t
   SET remind_at = CASE WHEN t.remind_at IS NOT NULL THEN coalesce(m.remind_at, t.remind_at) END,
       escalate_at = CASE WHEN t.escalate_at IS NOT NULL THEN coalesce(m.due_at, t.escalate_at) END,
       due_at = CASE WHEN t.due_at IS NOT NULL THEN coalesce(m.due_at, t.due_at) END
  FROM moved m WHERE t.id = m.id
"""


def tasks_with_deadlines(session: Session) -> list[int]:
    """Give the open tasks that have a deadline."""
    return list(session.connection().exec_driver_sql(_WITH_DEADLINES).scalars())


def batches(task_ids: Sequence[int], size: int = BATCH) -> Iterator[Sequence[int]]:
    """Part the tasks into what one transaction may take."""
    return (task_ids[start : start + size] for start in range(0, len(task_ids), size))


def recount(engine: "Engine", session: Session, task_ids: Sequence[int]) -> int:
    """Move the deadlines of these tasks to where today's calendar puts them; gives how many moved.

    The caller commits after each batch. Tasks that somebody is just answering are passed over rather than waited for:
    they are done in a moment, or counted the next time.
    """
    own = overrides(session)
    moved = []
    for row in session.connection().exec_driver_sql(_READ, {"ids": list(task_ids)}):
        element = engine.diagram(session, row.definition_id).element(row.element_id)
        counted = _counted(row.opened_at, element, own)
        if _differs(row, *counted):
            moved.append({"id": row.id, "remind_at": _iso(counted[0]), "due_at": _iso(counted[1])})
    if not moved:
        return 0
    return session.connection().exec_driver_sql(_MOVE, {"moved": Jsonb(moved)}).rowcount


def _counted(
    opened_at: dt.datetime, element: "Element", own: Overrides
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When a step that opened at an instant reminds, and when it is due."""
    days = (element.remind_after, element.escalate_after)
    remind_at, due_at = (add_workdays(opened_at, count, own) if count else None for count in days)
    return remind_at, due_at


def _differs(row: Any, remind_at: dt.datetime | None, due_at: dt.datetime | None) -> bool:
    kept = [(row.remind_at, remind_at), (row.escalate_at, due_at), (row.due_at, due_at)]
    return any(before is not None and after is not None and before != after for before, after in kept)


def _iso(instant: dt.datetime | None) -> str | None:
    return instant.isoformat() if instant else None
