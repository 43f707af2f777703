"""What happens by the clock and by messages, without a person: each is one locked step that the worker commits.

The worker asks ``due_*`` for what is due and calls the function for each, every one in its own transaction. Two
workers may ask at the same time: whoever comes second finds, under the lock, that it is done.
"""

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from workflows.calendar.overrides import overrides
from workflows.engine.approvals.overdue import decide_for, hand_over_to_superior
from workflows.engine.bpmn.approvals import DECIDED_AT_DEADLINE
from workflows.engine.history import Chain, Event, write_history
from workflows.engine.model import InstanceStatus, Message, TaskKind, TaskStatus, Timer, UserTask
from workflows.engine.notices import notify_escalated, notify_reminded
from workflows.engine.submissions import lock_instance, lock_task
from workflows.kernel.errors import NotFound
from workflows.kernel.workdays import SHANGHAI, is_workday

if TYPE_CHECKING:
    from workflows.engine.runtime import Engine

#: Whose task may pass on, or be decided, by itself; an opinion or a change was asked of that one person.
_MOVABLE = frozenset({TaskKind.SIGNER, TaskKind.ADDED})

_DUE_TIMERS = """
SELECT t.id FROM timer t JOIN process_instance i ON i.id = t.instance_id AND i.suspended_at IS NULL
 WHERE t.due_at <= :now AND NOT t.held ORDER BY t.due_at LIMIT :limit
"""


def due_timers(session: Session, now: dt.datetime, limit: int = 200) -> list[int]:
    """Give the timers that should fire by now, the oldest first; those of suspended cases wait until these go on."""
    rows = session.execute(text(_DUE_TIMERS), {"now": now, "limit": limit})
    return list(rows.scalars())


def fire_timer(engine: "Engine", session: Session, timer_id: int, *, now: dt.datetime) -> bool:
    """Fire a timer; False when somebody else did, or when the case is suspended or no longer waits for it."""
    instance_id = session.scalar(select(Timer.instance_id).where(Timer.id == timer_id))
    if instance_id is None:
        return False
    row = lock_instance(session, instance_id, None, None, now)
    due = select(Timer.element_id).where(Timer.id == timer_id, Timer.due_at <= now, ~Timer.held)
    element_id = session.scalar(due)
    if element_id is None or not _moves(row):
        return False
    case = engine.restored(session, row, None, now)
    case.chain.append(Event("timer_fired", now, element_id=element_id))
    case.let_timers_through()
    engine.finish(case, None)
    return True


def deliver(engine: "Engine", session: Session, message_id: int, *, now: dt.datetime) -> bool:
    """Hand a message to its case; False when it was handed over before, or must wait until the case asks for it.

    A suspended case takes what has come meanwhile in the step that lets it go on.
    """
    message = session.get(Message, message_id)
    if message is None:
        return False
    row = lock_instance(session, message.instance_id, None, None, now)
    session.refresh(message)
    if message.delivered_at is not None or not _moves(row):
        return False
    case = engine.restored(session, row, None, now)
    if message.name not in case.waited_messages():
        return False
    # The case takes every buffered message that it waits for, this one among them, before it is written.
    engine.finish(case, None)
    return True


def _moves(row: Any) -> bool:
    """Whether a locked case may move: it has not ended, and no administrator keeps it from moving."""
    return bool(row.instance_status == InstanceStatus.RUNNING and row.suspended_at is None)


def due_reminders(session: Session, now: dt.datetime, limit: int = 200) -> list[int]:
    """Give the open tasks whose reminder is due; none on a day on which nobody works."""
    return _due(session, "remind_at", now, limit)


def due_escalations(session: Session, now: dt.datetime, limit: int = 200) -> list[int]:
    """Give the open tasks whose escalation is due; none on a day on which nobody works."""
    return _due(session, "escalate_at", now, limit)


def remind(engine: "Engine", session: Session, task_id: int, *, now: dt.datetime) -> bool:
    """Remind whoever has the task on their desk, once."""
    found = _overdue(session, task_id, "remind_at", now)
    if found is None:
        return False
    row, task = found
    _tell(engine, session, row, Event("task_reminded", now))
    notify_reminded(session, task, now=now)
    return True


def escalate(engine: "Engine", session: Session, task_id: int, *, now: dt.datetime) -> bool:
    """Do, once, what the diagram wants at the deadline of a step.

    The superior of whoever has the task is told (``escalate``) or gets the task (``hand_over``), or the task is
    decided without anybody (``approve``, ``reject``). Where nobody can take it over, and where only an opinion or a
    change was asked for, the superior is told as well.
    """
    found = _overdue(session, task_id, "escalate_at", now)
    if found is None:
        return False
    row, task = found
    at_deadline = engine.diagram(session, row.definition_id).element(row.element_id).at_deadline
    if task.kind not in _MOVABLE:
        _tell_superior(engine, session, row, task, now)
    elif at_deadline in DECIDED_AT_DEADLINE:
        decide_for(engine, session, row, at_deadline, now=now)
    elif at_deadline != "hand_over" or not hand_over_to_superior(engine, session, row, now=now):
        _tell_superior(engine, session, row, task, now)
    return True


def tell_superior(engine: "Engine", session: Session, task_id: int, *, now: dt.datetime) -> bool:
    """Tell the superior of a late task, whatever the diagram says: what is left when ``escalate`` has failed."""
    found = _overdue(session, task_id, "escalate_at", now)
    if found is not None:
        _tell_superior(engine, session, *found, now)
    return found is not None


def _tell_superior(engine: "Engine", session: Session, row: Any, task: UserTask, now: dt.datetime) -> None:
    _tell(engine, session, row, Event("task_escalated", now))
    notify_escalated(session, task, now=now)


#: What falls on a day off, or was missed because no worker ran, goes out at its hour of the next working day. What
#: belongs to the last hour of a day would be missed again whenever the sweep comes a minute too late, so it goes out
#: from 23:00 on.
_DUE = """
SELECT id FROM user_task
 WHERE status = 'open' AND {column} <= %(now)s
   AND least(({column} AT TIME ZONE 'Asia/Shanghai')::time, time '23:00') <= %(time)s
 ORDER BY {column} LIMIT %(limit)s
"""


def _due(session: Session, column: str, now: dt.datetime, limit: int) -> list[int]:
    local = now.astimezone(SHANGHAI)
    if not is_workday(local.date(), overrides(session)):
        return []
    given = {"now": now, "time": local.time(), "limit": limit}
    return list(session.connection().exec_driver_sql(_DUE.format(column=column), given).scalars())


def _overdue(session: Session, task_id: int, column: str, now: dt.datetime) -> tuple[Any, UserTask] | None:
    """Lock the task and its case and, if it is still due, clear the deadline, so that it is done once."""
    try:
        row = lock_task(session, task_id, None, None, now)
    except NotFound:
        return None
    task = session.get_one(UserTask, task_id)
    session.refresh(task)
    due = getattr(task, column)
    if task.status != TaskStatus.OPEN or row.instance_status != InstanceStatus.RUNNING or due is None or due > now:
        return None
    setattr(task, column, None)
    session.flush()
    return row, task


def _tell(engine: "Engine", session: Session, row: Any, event: Event) -> None:
    chain = Chain.of(engine.audit_key, row)
    chain.append(replace(event, element_id=row.element_id, task_id=row.task_id))
    write_history(session, chain)
