"""What administrators do about an incident: try again what failed, or set it aside, with a reason on record."""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.engine.acting import required
from workflows.engine.administration import refuse_others
from workflows.engine.deadlines import deliver, fire_timer
from workflows.engine.interventions import suspension_of
from workflows.engine.model import Incident, Timer
from workflows.engine.process import Actor
from workflows.engine.settling import settle_desk
from workflows.engine.submissions import lock_task
from workflows.kernel.errors import Conflict, NotFound

if TYPE_CHECKING:
    from workflows.engine.runtime import Engine


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
    refuse_others(actor)
    incident = _lock_open_incident(session, incident_id)
    _again(engine, session, incident, resubmit, actor, now)
    incident.closed_at, incident.closed_by_id, incident.resolution = now, actor.id, "retried"
    session.flush()


def dismiss(session: Session, incident_id: int, *, reason: str, actor: Actor, now: dt.datetime) -> None:
    """Close an incident that needs nothing more: what was sent is no longer wanted, or was done another way."""
    refuse_others(actor)
    reason = required(reason)
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
    if incident.instance_id is not None and suspension_of(session, incident.instance_id):
        raise Conflict("This case is suspended.")
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
