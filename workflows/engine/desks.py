"""Moving an open task from one desk to another, with its history."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from workflows.engine.acting import belongs, capacity, refuse_actor
from workflows.engine.history import Chain, Event, write_history
from workflows.engine.model import TaskStatus
from workflows.engine.process import Actor
from workflows.engine.submissions import lock_task
from workflows.kernel.errors import Conflict, NotAllowed


def claim(session: Session, audit_key: bytes, task_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Take a task from the group's desk onto one's own, or onto that of the member whom one stands in for."""
    row = lock_task(session, task_id, None, actor, now)
    refuse_actor(session, row, actor, None)
    if row.assignee_id is not None:
        raise Conflict("This task lies on a person's desk already.")
    # What is claimed for somebody stays theirs when they are back, and is answered in their name until then.
    covered = capacity(row, actor)
    event = Event("task_claimed", now, actor.id, details={"to": covered} if covered else {})
    _move(session, audit_key, row, event, covered or actor.id, row.group_role)


def release(session: Session, audit_key: bytes, task_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Put a claimed task back onto the group's desk."""
    row = lock_task(session, task_id, None, actor, now)
    if row.assignee_id is None or not belongs(row, actor):
        raise NotAllowed("This task is not on your desk.")
    if row.status != TaskStatus.OPEN or row.group_role is None:
        raise Conflict("Only an open task that was claimed from a group can be put back.")
    _move(session, audit_key, row, Event("task_released", now, actor.id), None, row.group_role)


def hand_to(session: Session, audit_key: bytes, row: Any, to_id: int, group: str | None, event: Event) -> None:
    """Put a locked task onto a person's desk; the caller has checked that they may act on it."""
    _move(session, audit_key, row, event, to_id, group)


def _move(
    session: Session, audit_key: bytes, row: Any, event: Event, assignee_id: int | None, group: str | None
) -> None:
    """The new desk's form starts a new revision, so that a form opened before is refused."""
    told = Event(event.kind, event.at, event.actor_id, None, row.element_id, row.task_id, event.details)
    chain = Chain.of(audit_key, row)
    chain.append(told)
    write_history(session, chain)
    session.connection().exec_driver_sql(
        "UPDATE user_task SET assignee_id = %(assignee)s, group_role = %(group)s, revision = revision + 1"
        " WHERE id = %(task)s",
        {"assignee": assignee_id, "group": group, "task": row.task_id},
    )
