"""Whether this person may answer this locked task, and in what capacity."""

from typing import Any

from sqlalchemy.orm import Session

from workflows.engine.model import TaskStatus
from workflows.engine.process import Actor
from workflows.kernel.errors import Conflict, Invalid, NotAllowed, StaleRevision
from workflows.people.model import Role


def capacity(row: Any, actor: Actor) -> int | None:
    """Whom the actor stands in for on this task; None where it is their own."""
    if row.assignee_id is not None:
        own = row.assignee_id == actor.id
        return None if own or not actor.stands_in_for(row.assignee_id, row.process_key) else int(row.assignee_id)
    if row.group_role in actor.roles:
        return None
    return next(iter(_covered_holders(row, actor)), None)


def belongs(row: Any, actor: Actor) -> bool:
    """Whether the task lies on the actor's desk, their group's, or that of somebody whom they stand in for."""
    if row.assignee_id is not None:
        return bool(row.assignee_id == actor.id) or actor.stands_in_for(row.assignee_id, row.process_key)
    if row.group_role == Role.ADMINISTRATOR and row.role != Role.ADMINISTRATOR:
        # Nobody was left to ask. Administrators see the incident and find somebody; they approve nothing themselves.
        return False
    return row.group_role in actor.roles or bool(_covered_holders(row, actor))


def refuse_actor(session: Session, row: Any, actor: Actor, revision: int | None) -> None:
    """Raise unless the task is open, the actor's to answer, and shown to them in its current revision.

    Who never had the task on a desk learns nothing of it (``NotAllowed``); who had it learns who decided and when.
    """
    is_open = row.status == TaskStatus.OPEN
    if not (belongs(row, actor) or (not is_open and _had(row, actor))):
        raise NotAllowed("This task is not yours.")
    if row.status == TaskStatus.WAITING:
        raise Conflict("It is not your turn: others come first, or the case is being changed or suspended.")
    if not is_open:
        raise _closed(session, row)
    if actor.id in row.barred:
        raise NotAllowed("You started this case or have already acted on it, so somebody else must do this.")
    if revision is not None and revision != row.revision:
        raise StaleRevision("This task has changed since you opened it. Please look at it again.")


def _had(row: Any, actor: Actor) -> bool:
    return bool(row.closed_by_id == actor.id) or row.group_role in actor.roles


def _covered_holders(row: Any, actor: Actor) -> list[int]:
    """Those of the group whom the actor stands in for; who is barred from the task has nothing to hand over."""
    return [
        person
        for person, roles in actor.covered_roles.items()
        if row.group_role in roles and person not in row.barred and actor.stands_in_for(person, row.process_key)
    ]


def _closed(session: Session, row: Any) -> Conflict:
    if row.closed_by_id is None:
        return Conflict("This task was closed on %(at)s because the case went on without it.", at=row.closed_at)
    name = session.connection().exec_driver_sql("SELECT name FROM employee WHERE id = %s", (row.closed_by_id,)).scalar()
    return Conflict("%(name)s has already decided this, on %(at)s.", name=name, at=row.closed_at)


def required(reason: str) -> str:
    """A reason goes with everything that moves work to somebody else, or a case out of its way."""
    if not reason.strip():
        raise Invalid.at("reason", "Please give a reason.")
    return reason.strip()
