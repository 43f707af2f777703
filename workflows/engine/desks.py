"""Moving an open task from one desk to another, with its history."""

import datetime as dt
from dataclasses import replace
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
    move(session, audit_key, row, event, covered or actor.id, row.group_role)


def release(session: Session, audit_key: bytes, task_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Put a claimed task back onto the group's desk."""
    row = lock_task(session, task_id, None, actor, now)
    if row.assignee_id is None or not belongs(row, actor):
        raise NotAllowed("This task is not on your desk.")
    if row.status != TaskStatus.OPEN or row.group_role is None:
        raise Conflict("Only an open task that was claimed from a group can be put back.")
    move(session, audit_key, row, Event("task_released", now, actor.id), None, row.group_role)


def move(
    session: Session, audit_key: bytes, row: Any, event: Event, assignee_id: int | None, group: str | None
) -> None:
    """Put a locked task onto another desk; the caller has checked that it may lie there.

    The new desk's form starts a new revision, so that a form opened before is refused.
    """
    chain = Chain.of(audit_key, row)
    chain.append(replace(event, element_id=row.element_id, task_id=row.task_id))
    write_history(session, chain)
    session.connection().exec_driver_sql(
        "UPDATE user_task SET assignee_id = %(assignee)s, group_role = %(group)s, revision = revision + 1"
        " WHERE id = %(task)s",
        {"assignee": assignee_id, "group": group, "task": row.task_id},
    )
