"""The single rows that the API shows: a task, a case with its open tasks, a history. Who may not read them gets 404."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from webapp.engine import engine
from workflows.engine.access import may_read
from workflows.engine.model import HistoryEvent, ProcessInstance, TaskStatus, UserTask
from workflows.engine.process import Actor
from workflows.engine.urging import Urge
from workflows.kernel.errors import NotFound
from workflows.people.model import Employee


def readable_task(session: Session, actor: Actor, task_id: int) -> Any:
    """Give a task; raises ``NotFound`` for who may not read its case."""
    row = session.execute(_tasks().where(UserTask.id == task_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such case or task.")
    _refuse_stranger(session, actor, row.instance_id, row.definition_id)
    return row


def readable_instance(session: Session, actor: Actor, instance_id: int) -> Any:
    """Give a case; raises ``NotFound`` for who may not read it."""
    row = session.execute(
        select(
            ProcessInstance.id,
            ProcessInstance.process_key,
            ProcessInstance.definition_id,
            ProcessInstance.title,
            ProcessInstance.status,
            ProcessInstance.outcome,
            ProcessInstance.started_at,
            ProcessInstance.ended_at,
            ProcessInstance.starter_id,
            Employee.name.label("starter_name"),
        )
        .join(Employee, Employee.id == ProcessInstance.starter_id)
        .where(ProcessInstance.id == instance_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such case or task.")
    _refuse_stranger(session, actor, row.id, row.definition_id)
    return row


def open_tasks(session: Session, instance_id: int) -> list[Any]:
    """Give what a case waits for, in the order in which it opened."""
    query = _tasks().where(UserTask.instance_id == instance_id, UserTask.status == TaskStatus.OPEN.value)
    return list(session.execute(query.order_by(UserTask.id)))


def history_of(session: Session, instance_id: int) -> list[Any]:
    """Give all that happened in a case, the oldest first, with the names of who did it."""
    actor, covered = aliased(Employee), aliased(Employee)
    query = (
        select(
            HistoryEvent.seq,
            HistoryEvent.at,
            HistoryEvent.kind,
            HistoryEvent.element_id,
            HistoryEvent.task_id,
            HistoryEvent.details,
            HistoryEvent.actor_id,
            actor.name.label("actor_name"),
            HistoryEvent.on_behalf_of_id,
            covered.name.label("on_behalf_of_name"),
        )
        .outerjoin(actor, actor.id == HistoryEvent.actor_id)
        .outerjoin(covered, covered.id == HistoryEvent.on_behalf_of_id)
        .where(HistoryEvent.instance_id == instance_id)
        .order_by(HistoryEvent.seq)
    )
    return list(session.execute(query))


def _tasks() -> Any:
    return select(
        UserTask.id,
        UserTask.instance_id,
        UserTask.process_key,
        UserTask.definition_id,
        UserTask.element_id,
        UserTask.title,
        UserTask.starter_id,
        Employee.name.label("starter_name"),
        UserTask.role,
        UserTask.status,
        UserTask.assignee_id,
        UserTask.group_role,
        UserTask.on_behalf_of_id.label("covered_id"),
        UserTask.revision,
        UserTask.opened_at,
        UserTask.due_at,
        UserTask.closed_at,
        UserTask.decision,
        UserTask.read_at,
        select(func.max(Urge.urged_at)).where(Urge.task_id == UserTask.id).scalar_subquery().label("urged_at"),
    ).join(Employee, Employee.id == UserTask.starter_id)


def _refuse_stranger(session: Session, actor: Actor, instance_id: int, definition_id: int) -> None:
    readers = frozenset(engine().diagram(session, definition_id).readers)
    if not may_read(session, actor, instance_id, readers):
        raise NotFound("There is no such case or task.")
