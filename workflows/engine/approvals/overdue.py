"""What a diagram may have happen to a task at its deadline besides telling the superior: handing over, or deciding."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflows.engine import desks
from workflows.engine.answering import take
from workflows.engine.history import Event
from workflows.engine.process import Outcome

if TYPE_CHECKING:
    from workflows.engine.runtime import Engine

#: The nearest active superior above a holder who may have the task, and has no seat at the step yet.
_SUPERIOR = """
WITH RECURSIVE above AS (
    SELECT e.id, e.superior_id, e.department_id, 0 AS rung FROM employee e WHERE e.id = %(holder)s
    UNION ALL
    SELECT n.id, n.superior_id, n.department_id, above.rung + 1
      FROM above
      CROSS JOIN LATERAL (
        WITH RECURSIVE line AS (
            SELECT d.id, d.parent_id, d.manager_id, 0 AS depth FROM department d WHERE d.id = above.department_id
            UNION ALL
            SELECT d.id, d.parent_id, d.manager_id, line.depth + 1
              FROM department d JOIN line ON d.id = line.parent_id WHERE line.depth < 30)
        SELECT coalesce(above.superior_id, (SELECT manager_id FROM line
                WHERE manager_id IS NOT NULL AND manager_id <> above.id ORDER BY depth LIMIT 1)) AS id
      ) next
      JOIN employee n ON n.id = next.id
     WHERE above.rung < 30
)
SELECT a.id FROM above a JOIN employee e ON e.id = a.id AND e.active
 WHERE a.rung > 0 AND NOT a.id = ANY(%(barred)s) AND a.id <> %(starter)s
   AND NOT EXISTS (SELECT FROM user_task t WHERE t.instance_id = %(instance)s AND t.node_id = %(node)s
                    AND t.id <> %(task)s AND a.id IN (t.assignee_id, t.closed_by_id, t.on_behalf_of_id)
                    AND t.status IN ('open', 'waiting', 'completed'))
 ORDER BY a.rung LIMIT 1
"""


def hand_over_to_superior(engine: "Engine", session: Session, row: Any, *, now: dt.datetime) -> bool:
    """Move a locked, overdue task to its holder's superior; False where there is nobody to take it."""
    if row.assignee_id is None:
        return False
    parameters = {
        "holder": row.assignee_id,
        "barred": list(row.barred),
        "starter": row.starter_id,
        "instance": row.instance_id,
        "node": row.node_id,
        "task": row.task_id,
    }
    superior = session.connection().exec_driver_sql(_SUPERIOR, parameters).scalar_one_or_none()
    if superior is None:
        return False
    details = {"from": row.assignee_id, "to": superior, "reason": "overdue"}
    desks.move(session, engine.audit_key, row, Event("task_handed_over", now, details=details), superior, None)
    engine.defer(session, [("notify_opened", {"task_ids": [row.task_id]})])
    return True


def decide_for(engine: "Engine", session: Session, row: Any, decision: str, *, now: dt.datetime) -> None:
    """Decide a locked, overdue task as its diagram says: ``approve`` or ``reject``, by nobody, with a note."""
    case = engine.restored(session, row, None, now)
    outcome = Outcome(decision, "overdue")
    if row.kind == "signer":
        step = case.step(row.element_id, row.task_id)
        given = case.process.operations[row.element_id](step, {"decision": decision, "opinion": None})
        outcome = Outcome(decision, "overdue", given.values)
    engine.finish(case, None, take(case, row, outcome, None))
