"""What an administrator asks of a case from a page or a program: each act once for each submission, and told.

The acts themselves are those of ``administration``. Here they are claimed by their idempotency key, so that a form
sent twice acts once; who suspends twice is told so, and the starter hears of a suspension. ``jump_targets`` and
``suspension_of`` read for pages, without a lock; the acts decide again under it.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from workflows.engine import administration
from workflows.engine.administration import refuse_others
from workflows.engine.model import InstanceStatus
from workflows.engine.process import Actor
from workflows.engine.submissions import NextTask, Repeated, Result, Submitted, acknowledge, lock_instance, lock_task
from workflows.kernel.errors import Conflict, NotFound, Refusal
from workflows.notices.bell import notify

if TYPE_CHECKING:
    from workflows.engine.runtime import Engine

_PEEK = """
SELECT id AS instance_id, definition_id, process_key, title, starter_id, status AS instance_status,
       revision AS instance_revision, suspended_at, state, history_count, history_hash
  FROM process_instance WHERE id = %(id)s
"""
_SUSPENDED = """
SELECT i.suspended_at, h.details ->> 'reason' AS reason, e.name, e.name_en
  FROM process_instance i
  LEFT JOIN LATERAL (SELECT * FROM history_event WHERE instance_id = i.id AND kind = 'instance_suspended'
                      ORDER BY seq DESC LIMIT 1) h ON true
  LEFT JOIN employee e ON e.id = h.actor_id
 WHERE i.id = %(id)s AND i.suspended_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Suspension:
    """Since when a case is kept from moving, why and by whom."""

    suspended_at: dt.datetime
    reason: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class JumpTargets:
    """The elements to which a case may be taken back; ``refusal`` says why there are none where that has a reason."""

    element_ids: list[str]
    refusal: Refusal | None = None


def suspend(
    engine: "Engine",
    session: Session,
    instance_id: int,
    *,
    reason: str,
    submitted: Submitted | None,
    actor: Actor,
    now: dt.datetime,
) -> Result:
    """Keep a case from moving and tell its starter. Raises ``Conflict`` where it has ended or is suspended already."""

    def act() -> Result:
        result = administration.suspend(engine, session, instance_id, reason=reason, actor=actor, now=now)
        if result.replayed:
            raise Conflict("This case is suspended already.")
        _tell_starter(session, result, now)
        return result

    return _once(session, instance_id, act, submitted=submitted, actor=actor, now=now)


def resume(
    engine: "Engine",
    session: Session,
    instance_id: int,
    *,
    reason: str,
    submitted: Submitted | None,
    actor: Actor,
    now: dt.datetime,
) -> Result:
    """Let a suspended case go on. Raises ``Conflict`` where it has ended or is not suspended."""

    def act() -> Result:
        result = administration.resume(engine, session, instance_id, reason=reason, actor=actor, now=now)
        if result.replayed:
            raise Conflict("This case is not suspended.")
        return result

    return _once(session, instance_id, act, submitted=submitted, actor=actor, now=now)


def jump(
    engine: "Engine",
    session: Session,
    instance_id: int,
    element_id: str,
    *,
    reason: str,
    submitted: Submitted | None,
    actor: Actor,
    now: dt.datetime,
) -> Result:
    """Take a case back to a step that it has passed (``administration.jump``)."""

    def act() -> Result:
        return administration.jump(engine, session, instance_id, element_id, reason=reason, actor=actor, now=now)

    return _once(session, instance_id, act, submitted=submitted, actor=actor, now=now)


def terminate(
    engine: "Engine",
    session: Session,
    instance_id: int,
    *,
    reason: str,
    submitted: Submitted | None,
    actor: Actor,
    now: dt.datetime,
) -> Result:
    """End a case for good (``administration.terminate``)."""

    def act() -> Result:
        return administration.terminate(engine, session, instance_id, reason=reason, actor=actor, now=now)

    return _once(session, instance_id, act, submitted=submitted, actor=actor, now=now)


def reassign(
    engine: "Engine",
    session: Session,
    task_id: int,
    to_id: int,
    *,
    reason: str,
    submitted: Submitted | None,
    actor: Actor,
    now: dt.datetime,
) -> Result:
    """Put a task that is open, or waits for its turn, on somebody's desk (``administration.reassign``)."""
    refuse_others(actor)
    try:
        row = lock_task(session, task_id, submitted, actor, now)
    except Repeated as repeated:
        return repeated.result
    administration.reassign(engine, session, task_id, to_id, reason=reason, actor=actor, now=now)
    moved = [NextTask(task_id, row.element_id, to_id)]
    result = Result(row.instance_id, row.instance_status, row.title, moved)
    acknowledge(session, submitted, actor, result)
    return result


def jump_targets(
    engine: "Engine", session: Session, instance_id: int, *, actor: Actor, now: dt.datetime
) -> JumpTargets:
    """Give the steps to which ``jump`` would take a running case as of now, in the diagram's order, the start first."""
    row = session.connection().exec_driver_sql(_PEEK, {"id": instance_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such case or task.")
    if row.instance_status != InstanceStatus.RUNNING:
        return JumpTargets([])
    case = engine.restored(session, row, actor, now)
    try:
        if case.process.refuse_undoing is not None:
            case.process.refuse_undoing(case.step(""))
    except Refusal as refusal:
        return JumpTargets([], refusal)

    def may_run_again(services: set[str]) -> bool:
        return all(case.diagram.element(each).repeatable for each in services)

    found = []
    if case.process.revise is not None and may_run_again(case.services_since(None)):
        found.append(case.diagram.start_id)
    for element in case.diagram.user_tasks():
        passed = case.newest(element.id)
        if passed is not None and may_run_again(case.services_since(passed)):
            found.append(element.id)
    return JumpTargets(found)


def suspension_of(session: Session, instance_id: int) -> Suspension | None:
    """Say why a case stands still; None where no administrator keeps it from moving."""
    row = session.connection().exec_driver_sql(_SUSPENDED, {"id": instance_id}).one_or_none()
    return Suspension(row.suspended_at, row.reason or "", row.name or "", row.name_en or "") if row else None


def _once(
    session: Session,
    instance_id: int,
    act: Callable[[], Result],
    *,
    submitted: Submitted | None,
    actor: Actor,
    now: dt.datetime,
) -> Result:
    refuse_others(actor)
    try:
        lock_instance(session, instance_id, submitted, actor, now)
    except Repeated as repeated:
        return repeated.result
    result = act()
    acknowledge(session, submitted, actor, result)
    return result


def _tell_starter(session: Session, result: Result, now: dt.datetime) -> None:
    starter = session.connection().exec_driver_sql(
        "SELECT starter_id FROM process_instance WHERE id = %s", (result.instance_id,)
    )
    notify(
        session,
        kind="case_suspended",
        event_key=f"case_suspended:{result.instance_id}:{now.isoformat()}",
        employee_ids=[starter.scalar_one()],
        instance_id=result.instance_id,
        params={"title": result.title},
        now=now,
    )
