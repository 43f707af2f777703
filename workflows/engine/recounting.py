"""Deadlines of open tasks are counted again when the company's calendar has changed.

The diagram says how many working days, ``opened_at`` says from when, so due, reminding and escalating can be computed
afresh at any time, and doing it twice changes nothing. A reminder that went out, or an escalation that happened, is
not set again. Timers of the diagram keep the hour that was computed when the case reached them.
"""

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from workflows.calendar.overrides import overrides
from workflows.kernel.workdays import SHANGHAI, Overrides, add_workdays

if TYPE_CHECKING:
    from workflows.engine.runtime import Engine

#: Rows that one transaction keeps locked; a step on one of these cases waits a few milliseconds.
BATCH = 500

_STEPS = """
SELECT DISTINCT definition_id, element_id FROM user_task
 WHERE status = 'open' AND (due_at IS NOT NULL OR remind_at IS NOT NULL OR escalate_at IS NOT NULL)
 ORDER BY 1, 2
"""
_DAYS = """
SELECT DISTINCT (opened_at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM user_task
 WHERE status = 'open' AND definition_id = %(definition)s AND element_id = %(element)s
"""
#: All tasks of one step that were opened on one day are due on one other day, each at the hour of its opening.
_MOVE = """
WITH counted AS (
    SELECT t.id,
           (d.remind_on + (t.opened_at AT TIME ZONE 'Asia/Shanghai')::time) AT TIME ZONE 'Asia/Shanghai' AS remind_at,
           (d.due_on + (t.opened_at AT TIME ZONE 'Asia/Shanghai')::time) AT TIME ZONE 'Asia/Shanghai' AS due_at
      FROM user_task t
      JOIN unnest(%(days)s::date[], %(remind_on)s::date[], %(due_on)s::date[]) AS d(opened_on, remind_on, due_on)
        ON d.opened_on = (t.opened_at AT TIME ZONE 'Asia/Shanghai')::date
     WHERE t.status = 'open' AND t.definition_id = %(definition)s AND t.element_id = %(element)s
), moved AS (
    SELECT c.* FROM counted c JOIN user_task t ON t.id = c.id
     WHERE t.status = 'open'
       AND (t.remind_at <> c.remind_at OR t.due_at <> c.due_at OR t.escalate_at <> c.due_at)
     ORDER BY t.id LIMIT %(batch)s FOR UPDATE OF t SKIP LOCKED
)
UPDATE user_task t
   SET remind_at = CASE WHEN t.remind_at IS NOT NULL THEN coalesce(m.remind_at, t.remind_at) END,
       due_at = CASE WHEN t.due_at IS NOT NULL THEN coalesce(m.due_at, t.due_at) END,
       escalate_at = CASE WHEN t.escalate_at IS NOT NULL THEN coalesce(m.due_at, t.escalate_at) END
  FROM moved m WHERE t.id = m.id
"""


def steps_with_deadlines(session: Session) -> list[tuple[int, str]]:
    """Give the steps (definition, element) of which open tasks have a deadline."""
    return [(row.definition_id, row.element_id) for row in session.connection().exec_driver_sql(_STEPS)]


def recount(engine: "Engine", session: Session, definition_id: int, element_id: str, *, batch: int = BATCH) -> int:
    """Move the deadlines of a step's open tasks to where today's calendar puts them, at most ``batch`` of them.

    Gives how many moved; call it again, each time in a transaction of its own, until it is 0. Tasks that somebody
    is just answering are passed over rather than waited for: they are done in a moment, or counted the next time.
    """
    element = engine.diagram(session, definition_id).element(element_id)
    step = {"definition": definition_id, "element": element_id}
    days = list(session.connection().exec_driver_sql(_DAYS, step).scalars())
    own = overrides(session)
    due_on = [_shifted(day, element.escalate_after, own) for day in days]
    remind_on = [_shifted(day, element.remind_after, own) for day in days]
    given = {**step, "days": days, "due_on": due_on, "remind_on": remind_on, "batch": batch}
    return session.connection().exec_driver_sql(_MOVE, given).rowcount


def _shifted(day: dt.date, workdays: int | None, own: Overrides) -> dt.date | None:
    """The day on which something is due that is counted from an hour of ``day``, as ``add_workdays`` counts."""
    if not workdays:
        return None
    return add_workdays(dt.datetime.combine(day, dt.time(12), SHANGHAI), workdays, own).astimezone(SHANGHAI).date()
