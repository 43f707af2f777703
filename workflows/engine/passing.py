"""A case gets another owner: what its starter is asked from now on, the new one is asked.

The steps of the lanes with ``assign="starter"`` go to the new owner, open ones at once. Who has acted on the case in
another lane cannot have it, because nobody acts in two lanes of one case (domain.md, People).
"""

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from workflows.engine.history import Event
from workflows.engine.model import InstanceStatus
from workflows.engine.process import Actor
from workflows.engine.spiff.case import Case
from workflows.engine.submissions import lock_instance
from workflows.kernel.errors import Conflict, Invalid

if TYPE_CHECKING:
    from workflows.engine.runtime import Engine

_PERSON = """
SELECT e.name, e.active,
       EXISTS (SELECT FROM user_task t WHERE t.instance_id = %(instance)s AND t.status = 'completed'
                AND t.kind <> 'adviser' AND NOT t.element_id = ANY(%(own)s)
                AND (t.closed_by_id = e.id OR t.on_behalf_of_id = e.id)) AS has_decided
  FROM employee e WHERE e.id = %(to)s
"""
#: Others' open tasks bar the new owner as they bar the old one; the owner's own change hands.
_HAND_ON = """
WITH moved AS (
    UPDATE user_task SET assignee_id = %(to)s, starter_id = %(to)s, revision = revision + 1, read_at = NULL
     WHERE instance_id = %(instance)s AND status IN ('open', 'waiting') AND assignee_id = %(before)s
       AND element_id = ANY(%(own)s)
    RETURNING id, status
), barring AS (
    UPDATE user_task SET starter_id = %(to)s, barred = array_append(array_remove(barred, %(to)s::bigint), %(to)s)
     WHERE instance_id = %(instance)s AND status IN ('open', 'waiting') AND NOT element_id = ANY(%(own)s)
), owned AS (
    UPDATE process_instance SET starter_id = %(to)s WHERE id = %(instance)s
)
SELECT array_agg(id ORDER BY id) FILTER (WHERE status = 'open') FROM moved
"""
_THEIRS = """
SELECT EXISTS (SELECT FROM user_task t WHERE t.instance_id = %(instance)s AND t.status IN ('open', 'waiting')
                AND t.assignee_id = %(to)s AND NOT t.element_id = ANY(%(own)s))
"""


def pass_on(
    engine: "Engine", session: Session, instance_id: int, to_id: int, *, reason: str, actor: Actor, now: dt.datetime
) -> None:
    """Give a case to somebody else, who may have it (``pass_on_locked``). The caller has asked whether one may."""
    row = lock_instance(session, instance_id, None, actor, now)
    if row.instance_status != InstanceStatus.RUNNING:
        raise Conflict("This case has ended already.")
    case = engine.restored(session, row, actor, now)
    pass_on_locked(case, to_id, reason=reason)
    engine.finish(case, None)


def pass_case_on(
    engine: "Engine",
    session: Session,
    instance_id: int,
    to_id: int,
    reason: str,
    actor_id: int | None,
    *,
    now: dt.datetime,
) -> bool:
    """The same as a job of the worker, after something that the case belongs to got another owner.

    The package of the case is told (``Process.passed_on``) in the same step. Gives whether anything changed: a case
    that has ended stays whose it was.
    """
    actor = Actor(actor_id, frozenset()) if actor_id is not None else None
    row = lock_instance(session, instance_id, None, actor, now)
    if row.instance_status != InstanceStatus.RUNNING:
        return False
    case = engine.restored(session, row, actor, now)
    if case.starter_id == to_id:
        return False
    if case.process.passed_on is not None:
        case.process.passed_on(case.step(case.diagram.start_id, None), to_id, reason)
    pass_on_locked(case, to_id, reason=reason)
    engine.finish(case, None)
    return True


def pass_on_locked(case: Case, to_id: int, *, reason: str) -> None:
    """Give a locked case to somebody else.

    :raises Invalid: at ``to``: they are disabled, own the case already, have decided on it, or are about to
    """
    before = case.starter_id
    own = [each.id for each in case.diagram.user_tasks() if each.assign == "starter"] + [case.diagram.start_id]
    parameters = {"instance": case.instance_id, "to": to_id, "before": before, "own": own}
    connection = case.session.connection()
    person = connection.exec_driver_sql(_PERSON, parameters).one_or_none()
    if person is None or not person.active:
        raise Invalid.at("to", "There is no such person.")
    if to_id == before:
        raise Invalid.at("to", "%(name)s has this already.", name=person.name)
    if person.has_decided:
        raise Invalid.at("to", "%(name)s has already decided on this case and cannot own it.", name=person.name)
    if connection.exec_driver_sql(_THEIRS, parameters).scalar_one():
        raise Invalid.at("to", "%(name)s is asked to decide on this case and cannot own it.", name=person.name)
    opened = connection.exec_driver_sql(_HAND_ON, parameters).scalar_one()
    case.starter_id = to_id
    details = {"from": before, "to": to_id, "reason": reason}
    case.chain.append(Event("case_passed_on", case.now, case.actor_id, details=details))
    if opened:
        case.jobs.append(("notify_opened", {"task_ids": list(opened)}))
