"""Ways back: sending a case back to a step that it has passed, and taking one's own decision back.

A return goes to the starter or to a step that led here. *Again through all* takes the case back to that step and asks
everybody after it again; *straight back* has only that step done again, while everything else waits, and then asks
who sent it back. What was decided stays in the history either way. A case does not go back past a service task that
may not run twice, nor once the process package says that something irrevocable has happened, as after a payment.
"""

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflows.engine.approvals.rounds import RETURN
from workflows.engine.approvals.seats import (
    Invitation,
    begin_detour,
    detour_of,
    end_detour,
    forget_rounds,
    keep_round,
    round_at,
    seats_of,
)
from workflows.engine.history import Event
from workflows.engine.model import InstanceStatus, TaskKind, TaskStatus
from workflows.engine.process import Actor
from workflows.engine.spiff.case import Case
from workflows.engine.submissions import Repeated, Result, Submitted, lock_task
from workflows.kernel.errors import Conflict, Invalid, NotAllowed, Refusal

if TYPE_CHECKING:
    import datetime as dt

    from workflows.engine.runtime import Engine

#: Who answered a task of the state last, and on whose desk it lay.
_DECIDER = """
SELECT e.id FROM user_task t JOIN employee e ON e.active AND e.id = coalesce(t.on_behalf_of_id, t.closed_by_id)
 WHERE t.instance_id = %(instance)s AND t.node_id = %(node)s AND t.kind = 'signer' AND t.status = 'completed'
 ORDER BY t.closed_at DESC, t.id DESC LIMIT 1
"""
#: A task and its case as ``lock_task`` gives them, for a look that locks nothing.
_LOOK = """
SELECT t.id AS task_id, t.node_id, t.kind, t.element_id, t.status, i.id AS instance_id, i.definition_id, i.title,
       i.starter_id, i.status AS instance_status, i.revision AS instance_revision, i.suspended_at, i.state,
       i.history_count, i.history_hash
  FROM user_task t JOIN process_instance i ON i.id = t.instance_id WHERE t.id = %(task)s
"""
_SINCE = """
SELECT t.id, t.status, t.read_at, t.node_id, t.seat, e.name
  FROM user_task t LEFT JOIN employee e ON e.id = coalesce(t.closed_by_id, t.assignee_id)
 WHERE t.instance_id = %(instance)s AND t.id <> %(task)s AND t.status <> 'cancelled' FOR UPDATE OF t
"""


def targets(case: Case, node_id: str) -> list[str]:
    """The elements to which an open task may send the case back: the steps that led here, then the start."""
    passed = [task for task in case.passed(node_id) if not _unrepeatable(case, case.services_since(task))]
    ids = [str(task.task_spec.bpmn_id) for task in passed]
    if case.process.revise is not None and not _unrepeatable(case, case.services_since(None)):
        ids.append(case.diagram.start_id)
    return ids


def targets_of(engine: "Engine", session: Session, task_id: int, *, now: "dt.datetime") -> list[str]:
    """Say for a page where an open task may send its case, the start first, then the steps, the last answered first.

    Locks and changes nothing; the step itself decides again. Empty where nothing can be sent back from there.
    """
    row = session.connection().exec_driver_sql(_LOOK, {"task": task_id}).one_or_none()
    if row is None or row.status != TaskStatus.OPEN or row.kind not in (TaskKind.SIGNER, TaskKind.REVISER):
        return []
    case = engine.restored(session, row, None, now)
    if not case.diagram.element(row.element_id).approval:
        return []
    try:
        _refuse_irrevocable(case)
    except Refusal:
        return []
    node_id = _stand_again(case) if row.kind == TaskKind.REVISER else row.node_id
    found = targets(case, node_id)
    return sorted(found, key=lambda element_id: element_id != case.diagram.start_id)


def _stand_again(case: Case) -> str:
    """Take the case, in memory, to the step that is done again, since its return leads on from there."""
    detour = detour_of(case)
    assert detour is not None and detour.node_id is not None  # noqa: S101 (a reviser decides at a step of the case)
    done = case.done(detour.node_id)
    assert done is not None  # noqa: S101 (nothing moves during a detour)
    case.rewind(done)
    return detour.node_id


def send_back(case: Case, row: Any, *, back_to: str | None, is_straight: bool, node_id: str | None = None) -> None:
    """Send the case back from a task whose answer is a return; ``back_to`` is an element, None for the start.

    ``node_id`` is where the case stands, if that is not the task's own: a step that was done again on a detour.
    """
    element_id = back_to or case.diagram.start_id
    node_id = node_id or row.node_id
    _refuse_irrevocable(case)
    if element_id not in targets(case, node_id):
        raise Invalid.at("return_to", "The case has not come through this step, or cannot go back to it.")
    details = {"to_element": element_id, "straight": is_straight}
    case.chain.append(Event("sent_back", case.now, case.actor_id, None, row.element_id, row.task_id, details))
    if element_id == case.diagram.start_id:
        _ask_starter(case, element_id, is_straight=is_straight)
    else:
        target = next(task for task in case.passed(node_id) if task.task_spec.bpmn_id == element_id)
        if not is_straight:
            _ask_again(case, target)
            return
        detour = begin_detour(case, element_id, str(target.id), is_straight=True)
        case.invited[detour.id, 0] = Invitation(_decider(case, str(target.id)), case.actor_id)
    if is_straight:
        _keep_place(case, row)


def jump_to(case: Case, element_id: str) -> None:
    """Take a case back to a step that it has passed, in whatever branch, or to its start."""
    _refuse_irrevocable(case)
    if element_id == case.diagram.start_id:
        if case.process.revise is None or _unrepeatable(case, case.services_since(None)):
            raise Invalid.at("element", "This case cannot go back to its start.")
        end_detour(case)
        _ask_starter(case, element_id, is_straight=False)
        return
    target = case.newest(element_id)
    if target is None or not target.task_spec.manual or _unrepeatable(case, case.services_since(target)):
        raise Invalid.at("element", "The case has not passed this step, or cannot go back to it.")
    end_detour(case)
    _ask_again(case, target)


def _ask_again(case: Case, target: Any) -> None:
    """Take the case to a step that it has passed, and have everybody there sign afresh."""
    case.rewind(target)
    keep_round(case, str(target.id), None)
    forget_rounds(case)


def _ask_starter(case: Case, element_id: str, *, is_straight: bool) -> None:
    detour = begin_detour(case, element_id, None, is_straight=is_straight)
    case.invited[detour.id, 0] = Invitation(asked_by_id=case.actor_id)


def _keep_place(case: Case, row: Any) -> None:
    """Let whoever sent it back decide anew when it returns."""
    _forget_answer(case, row)
    case.invited[row.node_id, row.seat] = Invitation(row.assignee_id or case.actor_id)


def _forget_answer(case: Case, row: Any) -> None:
    """Have a seat of a round answer once more; one person who decides alone has no round."""
    kept = round_at(case, row.node_id)
    if kept is not None:
        kept.withdraw_answer(row.seat)
        keep_round(case, row.node_id, kept)


def _decider(case: Case, node_id: str) -> int | None:
    parameters = {"instance": case.instance_id, "node": node_id}
    found: int | None = case.session.connection().exec_driver_sql(_DECIDER, parameters).scalar_one_or_none()
    return found


def _unrepeatable(case: Case, services: set[str]) -> bool:
    return any(not case.diagram.element(each).repeatable for each in services)


def _refuse_irrevocable(case: Case) -> None:
    if case.process.refuse_undoing is not None:
        case.process.refuse_undoing(case.step(""))


def take_back(
    engine: "Engine",
    session: Session,
    task_id: int,
    *,
    reason: str,
    submitted: Submitted | None,
    actor: Actor,
    now: "dt.datetime",
) -> Result:
    """Take one's own decision back, until the next person has opened the task or anything else has happened since."""
    try:
        row = lock_task(session, task_id, submitted, actor, now)
    except Repeated as repeated:
        return repeated.result
    if row.closed_by_id != actor.id or row.status != TaskStatus.COMPLETED:
        raise NotAllowed("Only the person who decided may take it back.")
    if row.instance_status != InstanceStatus.RUNNING:
        raise Conflict("This case has ended already.")
    if row.suspended_at is not None:
        raise Conflict("This case is suspended.")
    case = engine.restored(session, row, actor, now)
    if row.kind not in (TaskKind.SIGNER, TaskKind.ADDED) or not case.diagram.element(row.element_id).approval:
        raise Conflict("Only the decision on an approval can be taken back.")
    _refuse_irrevocable(case)
    _undo(case, row)
    case.invited[row.node_id, row.seat] = Invitation(row.on_behalf_of_id or actor.id, row.asked_by_id)
    told = Event("taken_back", now, actor.id, row.on_behalf_of_id, row.element_id, task_id, {"reason": reason})
    case.chain.append(told)
    session.connection().exec_driver_sql("UPDATE user_task SET status = 'cancelled' WHERE id = %s", (task_id,))
    return engine.finish(case, submitted)


def _undo(case: Case, row: Any) -> None:
    """Bring the case to where it stood before the answer; raises when it is too late."""
    detour = detour_of(case)
    kept = round_at(case, row.node_id)
    waiting = row.node_id in case.open_nodes()
    if row.decision == RETURN and detour is not None and waiting:
        _refuse_seen(case, row, {(detour.id, 0)})
        end_detour(case)
        _forget_answer(case, row)
        return
    if waiting and kept is not None:
        before = {number for number in range(len(kept.seats)) if kept.is_asked(number)}
        kept.withdraw_answer(row.seat)
        after = {number for number in range(len(kept.seats)) if kept.is_asked(number)}
        _refuse_seen(case, row, {(row.node_id, number) for number in before - after})
        keep_round(case, row.node_id, kept)
        return
    done = case.done(row.node_id)
    if done is None or _unrepeatable(case, case.services_since(done)):
        raise Conflict("The case has gone on since, so that this can no longer be taken back.")
    undone = case.undone_by(done)
    _refuse_seen(case, row, {key for key in seats_of(case) if key[0] in undone}, undone)
    case.rewind(done)
    _forget_answer(case, row)
    forget_rounds(case)


def _refuse_seen(case: Case, row: Any, keys: set[tuple[str, int]], undone: set[str] | None = None) -> None:
    """Refuse where somebody has opened what the decision brought them, or has answered it."""
    rows = case.session.connection().exec_driver_sql(_SINCE, {"instance": case.instance_id, "task": row.task_id})
    for other in rows:
        if other.status == TaskStatus.COMPLETED and undone is not None and other.node_id in undone:
            raise Conflict("%(name)s has already decided, so it is too late to take this back.", name=other.name or "")
        if (other.node_id, other.seat) in keys and other.read_at is not None:
            raise Conflict(
                "%(name)s has already opened the task, so it is too late to take this back.", name=other.name
            )
