"""All the work of one person to another, because they leave or stay away: seen first, then done in one act.

What the other may not do (they started the case, or have acted on it in another role) goes to whom the diagram's rule
finds, and shows as such in the preview.
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflows.engine import desks
from workflows.engine.acting import required
from workflows.engine.administration import refuse_others, refuse_target
from workflows.engine.assignment import Desk
from workflows.engine.history import Event
from workflows.engine.incidents import close_incidents
from workflows.engine.model import TaskStatus
from workflows.engine.process import Actor
from workflows.engine.settling import desk_by_rule, settle_desk
from workflows.engine.submissions import lock_task
from workflows.kernel.errors import Invalid
from workflows.people.model import Employee, Role

if TYPE_CHECKING:
    from workflows.engine.runtime import Engine

_OPEN = (TaskStatus.OPEN.value, TaskStatus.WAITING.value)
_WORK = """
SELECT t.id AS task_id, t.instance_id, t.process_key, t.definition_id, t.element_id, t.title, t.status, t.role,
       t.opened_at, t.due_at, t.assignee_id, t.starter_id, t.node_id, t.barred, t.kind, t.group_role
  FROM user_task t
 WHERE t.id = ANY(ARRAY(SELECT id FROM user_task WHERE desk = %(desk)s AND status = 'open' UNION ALL
                        SELECT id FROM user_task WHERE desk = %(desk)s AND status = 'waiting'))
 ORDER BY t.id
"""
#: Of some tasks those at whose step somebody has a seat already, or has answered.
_SEATED = """
SELECT t.id FROM user_task t WHERE t.id = ANY(%(tasks)s)
   AND EXISTS (SELECT FROM user_task o WHERE o.instance_id = t.instance_id AND o.node_id = t.node_id AND o.id <> t.id
                AND %(person)s IN (o.assignee_id, o.closed_by_id, o.on_behalf_of_id)
                AND o.status IN ('open', 'waiting', 'completed'))
"""


@dataclass(frozen=True, slots=True)
class Work:
    """One task on a desk.

    ``hindrance`` says why the chosen person may not have it, as a refusal; None if they may. Then ``instead`` is the
    desk to which the diagram's rule brings it.
    """

    task_id: int
    instance_id: int
    process_key: str
    definition_id: int
    element_id: str
    title: str
    status: str
    opened_at: dt.datetime
    due_at: dt.datetime | None
    hindrance: Invalid | None
    instead: Desk | None = None
    starter_id: int = 0


def foreseen(
    engine: "Engine", session: Session, person_id: int, to_id: int, *, actor: Actor, now: dt.datetime
) -> list[Work]:
    """What ``move_all`` would do as of now. Raises what it would raise because of the two people."""
    refuse_others(actor)
    refuse_pair(session, person_id, to_id)
    return [
        work if work.hindrance is None else replace(work, instead=_by_rule(engine, session, work, person_id, now))
        for work in work_of(session, person_id, to_id)
    ]


def refuse_pair(session: Session, person_id: int, to_id: int) -> None:
    """Raise at ``to`` why somebody's work may not go to the other at all: who leaves, is disabled or administers."""
    if person_id == to_id:
        raise Invalid.at("to", "This is the same person.")
    target = session.get(Employee, to_id)
    if target is None:
        raise Invalid.at("to", "There is no such person.")
    if not target.active:
        raise Invalid.at("to", "%(name)s is disabled.", name=target.name)
    if roles_of(session, to_id) <= {Role.ADMINISTRATOR.value}:
        raise Invalid.at("to", "%(name)s only administers and decides nothing.", name=target.name)


def work_of(session: Session, person_id: int, to_id: int | None = None) -> list[Work]:
    """What lies on somebody's desk, now or later, and, with ``to_id``, what hinders that person from having it."""
    session.flush()
    rows = session.connection().exec_driver_sql(_WORK, {"desk": f"p{person_id}"}).all()
    seated = _seated(session, [row.task_id for row in rows], to_id) if to_id is not None else set()
    # Held here, so that the session keeps the person and does not read them again for each task.
    successor = session.get(Employee, to_id) if to_id is not None else None
    return [
        Work(
            row.task_id,
            row.instance_id,
            row.process_key,
            row.definition_id,
            row.element_id,
            row.title,
            row.status,
            row.opened_at,
            row.due_at,
            _hindrance(session, row, successor.id, row.task_id in seated) if successor is not None else None,
            starter_id=row.starter_id,
        )
        for row in rows
    ]


def move_all(
    engine: "Engine",
    session: Session,
    person_id: int,
    to_id: int,
    *,
    reason: str,
    actor: Actor,
    now: dt.datetime,
) -> tuple[int, int]:
    """Move everything on one desk to another person; gives how much went there, and how much where the rule says.

    One transaction: all of it moves, or nothing does. A repetition finds nothing left to move.
    """
    refuse_others(actor)
    reason = required(reason)
    refuse_pair(session, person_id, to_id)
    taken = elsewhere = 0
    for work in work_of(session, person_id):
        row = lock_task(session, work.task_id, None, actor, now)
        if row.status not in _OPEN or row.assignee_id != person_id:
            continue
        is_seated = bool(_seated(session, [row.task_id], to_id))
        hindrance = _hindrance(session, row, to_id, is_seated)
        if hindrance is None:
            details = {"from": person_id, "to": to_id, "reason": reason}
            event = Event("task_reassigned", now, actor.id, details=details)
            desks.move(session, engine.audit_key, row, event, to_id, row.group_role)
            close_incidents(session, actor_id=actor.id, resolution="reassigned", task_id=work.task_id, now=now)
            engine.defer(session, [("notify_opened", {"task_ids": [work.task_id]})])
            taken += 1
        else:
            _settle(engine, session, row, actor, now, without=person_id)
            elsewhere += 1
    return taken, elsewhere


def move_work_of(engine: "Engine", session: Session, employee_id: int, *, actor: Actor | None, now: dt.datetime) -> int:
    """Take every task off the desk of somebody who was disabled; gives how many there were.

    Each goes to whom the diagram's rule finds now: back to the group, to the next superior, or, where nobody is left,
    to the administrators as an incident.
    """
    found = work_of(session, employee_id)
    for work in found:
        row = lock_task(session, work.task_id, None, actor, now)
        if row.status in _OPEN and row.assignee_id == employee_id:
            _settle(engine, session, row, actor, now)
    return len(found)


def _settle(
    engine: "Engine",
    session: Session,
    row: Any,
    actor: Actor | None,
    now: dt.datetime,
    *,
    without: int | None = None,
) -> None:
    case = engine.case_of(session, row, actor, now)
    settle_desk(case, row.task_id, case.diagram.element(row.element_id), without=without)
    engine.defer(session, case.jobs)


def _by_rule(engine: "Engine", session: Session, work: Work, person_id: int, now: dt.datetime) -> Desk:
    element = engine.diagram(session, work.definition_id).element(work.element_id)
    return desk_by_rule(
        session, work.task_id, element, instance_id=work.instance_id, starter_id=work.starter_id, now=now,
        without=person_id,
    )  # fmt: skip


def _seated(session: Session, task_ids: list[int], person_id: int) -> set[int]:
    parameters = {"tasks": task_ids, "person": person_id}
    return set(session.connection().exec_driver_sql(_SEATED, parameters).scalars())


def _hindrance(session: Session, row: Any, to_id: int, is_seated: bool) -> Invalid | None:
    try:
        refuse_target(session, row, to_id)
    except Invalid as refusal:
        if to_id in row.barred or to_id == row.starter_id:
            return refusal
        raise
    if to_id == row.starter_id or is_seated:
        return Invalid.at("to", "They started this case or have already acted on it.")
    if row.group_role not in (None, Role.ADMINISTRATOR, *roles_of(session, to_id)):
        return Invalid.at("to", "They do not hold the role of the group that this was claimed from.")
    return None


def roles_of(session: Session, person_id: int) -> set[str]:
    """The roles that somebody holds; none for nobody."""
    person = session.get(Employee, person_id)
    return {held.role for held in person.role_rows} if person else set()
