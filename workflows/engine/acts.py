"""What people do to a case besides answering its tasks: one locked step each, as answering is.

A receipt is recorded, a sale is lost, or given to somebody else. What may be done, and by whom, is the process
package's to say (``process.Act``); where the act moves the case, it does so by a message that the diagram waits for.
"""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflows.engine.history import Chain, Event, write_history
from workflows.engine.model import InstanceStatus
from workflows.engine.passing import pass_on_locked
from workflows.engine.process import Act, Acted, Actor, Step
from workflows.engine.submissions import Repeated, Result, Submitted, acknowledge, lock_instance
from workflows.kernel.errors import Conflict, NotFound, Refusal

if TYPE_CHECKING:
    from workflows.engine.runtime import Engine, Reader


def act(
    engine: "Engine",
    session: Session,
    instance_id: int,
    name: str,
    read: "Reader",
    *,
    submitted: Submitted,
    actor: Actor,
    now: dt.datetime,
) -> Result:
    """Do something to a case. The caller commits.

    Raises ``NotFound``, ``Conflict`` (ended, suspended, or not waiting for it), ``KeyReused``, ``Busy``, or what the
    act, its ``refuse`` and ``read`` raise.
    """
    try:
        row = lock_instance(session, instance_id, submitted, actor, now)
    except Repeated as repeated:
        return repeated.result
    found = _act(engine, row.process_key, name)
    is_running = row.instance_status == InstanceStatus.RUNNING
    if not (is_running or found.is_always_possible):
        raise Conflict("This case has ended already.")
    if row.suspended_at is not None:
        raise Conflict("This case is suspended.")
    step = _step(session, row, name, actor, now)
    found.refuse(step)
    done = found.perform(step, read(row.process_key, name))
    event = Event("case_acted_on", now, actor.id, element_id=name, details=dict(done.note))
    if is_running and (done.message or done.owner_id or done.title or step.messages):
        return _move(engine, session, row, step, done, event, submitted, actor)
    chain = Chain.of(engine.audit_key, row)
    chain.append(event)
    write_history(session, chain)
    result = Result(row.instance_id, row.instance_status, row.title)
    acknowledge(session, submitted, actor, result)
    if step.jobs:
        engine.defer(session, step.jobs)
    return result


def may_act(engine: "Engine", session: Session, case: Any, name: str, *, actor: Actor, now: dt.datetime) -> bool:
    """Whether ``act`` would be allowed as of now, for pages; it decides again under the lock.

    ``case`` has the ``id``, ``process_key``, ``starter_id``, ``status`` and ``suspended_at`` of an instance.
    """
    found = _act(engine, case.process_key, name)
    if case.suspended_at is not None or not (case.status == InstanceStatus.RUNNING or found.is_always_possible):
        return False
    try:
        found.refuse(Step(session, now, actor, case.id, case.starter_id, case.process_key, name))
    except Refusal:
        return False
    return True


def _act(engine: "Engine", process_key: str, name: str) -> Act:
    found = engine.processes[process_key].acts.get(name)
    if found is None:
        raise NotFound("There is no such form.")
    return found


def _step(session: Session, row: Any, name: str, actor: Actor, now: dt.datetime) -> Step:
    return Step(session, now, actor, row.instance_id, row.starter_id, row.process_key, name)


def _move(
    engine: "Engine",
    session: Session,
    row: Any,
    step: Step,
    done: Acted,
    event: Event,
    submitted: Submitted,
    actor: Actor,
) -> Result:
    case = engine.restored(session, row, actor, step.now)
    case.jobs += step.jobs
    case.messages += step.messages
    case.title = done.title or case.title
    case.chain.append(event)
    if done.owner_id is not None:
        reason = str(done.note.get("reason", ""))
        pass_on_locked(case, done.owner_id, reason=reason)
    if done.message is not None:
        _take_in(case, done.message, done.payload, is_needed=done.is_needed)
    return engine.finish(case, submitted)


def _take_in(case: Any, message: str, payload: Mapping[str, Any], *, is_needed: bool) -> None:
    if message in case.waited_messages():
        case.receive(message, payload)
    elif is_needed:
        raise Conflict("The case does not wait for this just now.")
