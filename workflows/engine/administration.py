"""What administrators do when a case needs a hand: reassign, terminate, retry, each with a reason on record.

They repair; they approve nothing (domain.md, People).
"""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.engine import desks
from workflows.engine.deadlines import deliver, fire_timer
from workflows.engine.history import Event
from workflows.engine.incidents import close_incidents
from workflows.engine.model import Incident, InstanceStatus, TaskStatus, Timer, UserTask
from workflows.engine.process import Actor
from workflows.engine.settling import settle_desk
from workflows.engine.submissions import Result, lock_instance, lock_task
from workflows.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from workflows.people.model import Employee, Role

if TYPE_CHECKING:
    from workflows.engine.runtime import Engine


def reassign(
    engine: "Engine", session: Session, task_id: int, to_id: int, *, reason: str, actor: Actor, now: dt.datetime
) -> None:
    """Put an open task on somebody's desk. Refused for who is disabled, barred from the case or only administers."""
    _refuse_others(actor)
    reason = _required(reason)
    row = lock_task(session, task_id, None, actor, now)
    if row.status != TaskStatus.OPEN:
        raise Conflict("This task is no longer open.")
    _refuse_target(session, row, to_id)
    nobody = row.group_role == Role.ADMINISTRATOR and row.role != Role.ADMINISTRATOR
    event = Event("task_reassigned", now, actor.id, details={"from": row.assignee_id, "to": to_id, "reason": reason})
    desks.move(session, engine.audit_key, row, event, to_id, None if nobody else row.group_role)
    close_incidents(session, actor_id=actor.id, resolution="reassigned", reason=reason, task_id=task_id, now=now)
    engine.defer(session, [("notify_opened", {"task_ids": [task_id]})])


def _refuse_target(session: Session, row: Any, to_id: int) -> None:
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
    _refuse_others(actor)
    reason = _required(reason)
    row = lock_instance(session, instance_id, None, actor, now)
    return engine.stop(session, row, InstanceStatus.TERMINATED, reason, submitted=None, actor=actor, now=now)


def retry(
    engine: "Engine",
    session: Session,
    incident_id: int,
    *,
    resubmit: Callable[[dict[str, Any]], object],
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Try again what failed. ``resubmit`` sends a kept submission once more, in the name of who sent it."""
    _refuse_others(actor)
    incident = _lock_open_incident(session, incident_id)
    _again(engine, session, incident, resubmit, actor, now)
    incident.closed_at, incident.closed_by_id, incident.resolution = now, actor.id, "retried"
    session.flush()


def dismiss(session: Session, incident_id: int, *, reason: str, actor: Actor, now: dt.datetime) -> None:
    """Close an incident that needs nothing more: what was sent is no longer wanted, or was done another way."""
    _refuse_others(actor)
    reason = _required(reason)
    incident = _lock_open_incident(session, incident_id)
    if incident.kind != "step_failed":
        raise Conflict("Somebody still waits for this: try again, reassign it or terminate the case.")
    incident.closed_at, incident.closed_by_id = now, actor.id
    incident.resolution, incident.reason = "dismissed", reason
    session.flush()


def _lock_open_incident(session: Session, incident_id: int) -> Incident:
    incident = session.execute(
        select(Incident).where(Incident.id == incident_id).with_for_update()
    ).scalar_one_or_none()
    if incident is None:
        raise NotFound("There is no such incident.")
    if incident.closed_at is not None:
        raise Conflict("This incident is closed already.")
    return incident


def _again(
    engine: "Engine",
    session: Session,
    incident: Incident,
    resubmit: Callable[[dict[str, Any]], object],
    actor: Actor,
    now: dt.datetime,
) -> None:
    if incident.kind == "timer_failed" and incident.timer_id is not None:
        timer = session.get(Timer, incident.timer_id)
        if timer is not None:
            timer.held = False
            session.flush()
            fire_timer(engine, session, timer.id, now=now)
    elif incident.kind == "message_failed" and incident.submission:
        deliver(engine, session, incident.submission["message_id"], now=now)
    elif incident.kind == "step_failed" and incident.submission:
        resubmit(incident.submission)
    elif incident.kind == "no_one_left" and incident.task_id is not None:
        _look_again(engine, session, incident.task_id, actor, now)


def _look_again(engine: "Engine", session: Session, task_id: int, actor: Actor, now: dt.datetime) -> None:
    row = lock_task(session, task_id, None, actor, now)
    case = engine.case_of(session, row, actor, now)
    if settle_desk(case, task_id, case.diagram.element(row.element_id)):
        raise Conflict("Still nobody is left who may do this. Please reassign it.")
    engine.defer(session, case.jobs)


def move_work_of(engine: "Engine", session: Session, employee_id: int, *, actor: Actor | None, now: dt.datetime) -> int:
    """Take every open task off the desk of somebody who was disabled; gives how many there were.

    Each goes to whom the diagram's rule finds now: back to the group, to the next superior, or, where nobody is left,
    to the administrators as an incident.
    """
    open_tasks = select(UserTask.id).where(UserTask.assignee_id == employee_id, UserTask.status == TaskStatus.OPEN)
    task_ids = list(session.scalars(open_tasks.order_by(UserTask.id)))
    for task_id in task_ids:
        row = lock_task(session, task_id, None, actor, now)
        if row.status == TaskStatus.OPEN and row.assignee_id == employee_id:
            case = engine.case_of(session, row, actor, now)
            settle_desk(case, task_id, case.diagram.element(row.element_id))
            engine.defer(session, case.jobs)
    return len(task_ids)


def _refuse_others(actor: Actor) -> None:
    if Role.ADMINISTRATOR.value not in actor.roles:
        raise NotAllowed("Only an administrator may do this.")


def _required(reason: str) -> str:
    if not reason.strip():
        raise Invalid.at("reason", "Please give a reason.")
    return reason.strip()
