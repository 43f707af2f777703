"""What administrators do when a case needs a hand: reassign, jump, suspend, resume, terminate, each with a reason.

They repair; they approve nothing (domain.md, People).
"""

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflows.engine import desks
from workflows.engine.acting import required
from workflows.engine.approvals.sending_back import jump_to
from workflows.engine.history import Event
from workflows.engine.incidents import close_incidents
from workflows.engine.model import InstanceStatus, TaskStatus
from workflows.engine.process import Actor
from workflows.engine.submissions import Result, lock_instance, lock_task
from workflows.kernel.errors import Conflict, Invalid, NotAllowed
from workflows.people.model import Employee, Role

if TYPE_CHECKING:
    from workflows.engine.runtime import Engine


def reassign(
    engine: "Engine", session: Session, task_id: int, to_id: int, *, reason: str, actor: Actor, now: dt.datetime
) -> None:
    """Put an open task on somebody's desk. Refused for who is disabled, barred from the case or only administers."""
    refuse_others(actor)
    reason = required(reason)
    row = lock_task(session, task_id, None, actor, now)
    if row.status not in (TaskStatus.OPEN, TaskStatus.WAITING):
        raise Conflict("This task is no longer open.")
    refuse_target(session, row, to_id)
    nobody = row.group_role == Role.ADMINISTRATOR and row.role != Role.ADMINISTRATOR
    event = Event("task_reassigned", now, actor.id, details={"from": row.assignee_id, "to": to_id, "reason": reason})
    desks.move(session, engine.audit_key, row, event, to_id, None if nobody else row.group_role)
    close_incidents(session, actor_id=actor.id, resolution="reassigned", reason=reason, task_id=task_id, now=now)
    engine.defer(session, [("notify_opened", {"task_ids": [task_id]})])


def refuse_target(session: Session, row: Any, to_id: int) -> None:
    """Raise at the field ``to`` why a task may not lie with somebody."""
    target = session.get(Employee, to_id)
    if target is None:
        raise Invalid.at("to", "There is no such person.")
    if not target.active:
        raise Invalid.at("to", "%(name)s is disabled.", name=target.name)
    if to_id == row.assignee_id:
        raise Invalid.at("to", "The task lies with %(name)s already.", name=target.name)
    if to_id in row.barred:
        raise Invalid.at("to", "%(name)s started this case or has already acted on it.", name=target.name)
    if {held.role for held in target.role_rows} <= {Role.ADMINISTRATOR.value}:
        raise Invalid.at("to", "%(name)s only administers and decides nothing.", name=target.name)


def terminate(
    engine: "Engine", session: Session, instance_id: int, *, reason: str, actor: Actor, now: dt.datetime
) -> Result:
    """End a case for good. Refused where the process package says that it is too late, as after a payment."""
    refuse_others(actor)
    reason = required(reason)
    row = lock_instance(session, instance_id, None, actor, now)
    return engine.stop(session, row, InstanceStatus.TERMINATED, reason, submitted=None, actor=actor, now=now)


def suspend(
    engine: "Engine", session: Session, instance_id: int, *, reason: str, actor: Actor, now: dt.datetime
) -> Result:
    """Keep a case from moving: nobody is asked, no timer fires, messages wait. A repetition changes nothing."""
    return _pause(engine, session, instance_id, reason, actor, now, until=now)


def resume(
    engine: "Engine", session: Session, instance_id: int, *, reason: str, actor: Actor, now: dt.datetime
) -> Result:
    """Let a suspended case go on; deadlines run anew. A repetition changes nothing."""
    return _pause(engine, session, instance_id, reason, actor, now, until=None)


def _pause(
    engine: "Engine",
    session: Session,
    instance_id: int,
    reason: str,
    actor: Actor,
    now: dt.datetime,
    *,
    until: dt.datetime | None,
) -> Result:
    refuse_others(actor)
    reason = required(reason)
    row = lock_instance(session, instance_id, None, actor, now)
    if row.instance_status != InstanceStatus.RUNNING:
        raise Conflict("This case has ended already.")
    if (row.suspended_at is None) is (until is None):
        return Result(row.instance_id, row.instance_status, row.title, replayed=True)
    case = engine.restored(session, row, actor, now)
    case.suspended_at = until
    kind = "instance_suspended" if until else "instance_resumed"
    case.chain.append(Event(kind, now, actor.id, details={"reason": reason}))
    return engine.finish(case, None)


def jump(
    engine: "Engine",
    session: Session,
    instance_id: int,
    element_id: str,
    *,
    reason: str,
    actor: Actor,
    now: dt.datetime,
) -> Result:
    """Take a case back to any step that it has passed, or to its starter, and ask from there again.

    It never leads forwards: that would decide in the place of those who are passed over, and administrators approve
    nothing (domain.md, People). What cannot be undone stops it, as it stops a return.
    """
    refuse_others(actor)
    reason = required(reason)
    row = lock_instance(session, instance_id, None, actor, now)
    if row.instance_status != InstanceStatus.RUNNING:
        raise Conflict("This case has ended already.")
    if row.suspended_at is not None:
        raise Conflict("This case is suspended.")
    case = engine.restored(session, row, actor, now)
    details = {"to_element": element_id, "reason": reason}
    case.chain.append(Event("instance_jumped", now, actor.id, details=details))
    jump_to(case, element_id)
    close_incidents(session, actor_id=actor.id, resolution="jumped", reason=reason, instance_id=instance_id, now=now)
    return engine.finish(case, None)


def refuse_others(actor: Actor) -> None:
    """Let administrators in and nobody else."""
    if Role.ADMINISTRATOR.value not in actor.roles:
        raise NotAllowed("Only an administrator may do this.")
