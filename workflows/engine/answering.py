"""Answering a task: the step's own form, a signature that somebody asked for, an opinion, or a change sent back for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflows.engine.acting import capacity, refuse_actor
from workflows.engine.approvals.rounds import ADVISED, APPROVE, REJECT, RETURN
from workflows.engine.approvals.seats import detour_of, end_detour, keep_round, round_at
from workflows.engine.approvals.sending_back import send_back
from workflows.engine.history import Event
from workflows.engine.model import TaskKind
from workflows.engine.process import Actor, Outcome
from workflows.engine.seating import Answered
from workflows.engine.signatures import sign
from workflows.engine.spiff.case import Case
from workflows.engine.submissions import Result, Submitted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from workflows.engine.runtime import Engine

    Reader = Callable[[str, str], Mapping[str, Any]]

#: The forms of those whom a signer asked, the same for every process; ids of elements begin with a letter.
ADDED_FORM = "_added"
ADVICE_FORM = "_advice"


def form_key(kind: str, element_id: str) -> str:
    """Under what name the form of a task is found: the step's, or a common one."""
    return {TaskKind.ADDED.value: ADDED_FORM, TaskKind.ADVISER.value: ADVICE_FORM}.get(kind, element_id)


def complete(
    engine: "Engine",
    session: Session,
    row: Any,
    read: "Reader",
    *,
    submitted: Submitted,
    actor: Actor,
    now: "dt.datetime",
) -> Result:
    """Answer a locked task; see ``Engine.complete``."""
    refuse_actor(session, row, actor, submitted.revision)
    answer = read(row.process_key, form_key(row.kind, row.element_id))
    case = engine.restored(session, row, actor, now)
    behalf = capacity(row, actor)
    outcome = _outcome(case, row, answer, behalf)
    signed = _signed(engine, case, row, answer, outcome, actor)
    return engine.finish(case, submitted, take(case, row, outcome, behalf, signed))


def _outcome(case: Case, row: Any, answer: Mapping[str, Any], behalf: int | None) -> Outcome:
    """What the answer comes to, in the words of the process package where the step's own form was filled in."""
    if row.kind == TaskKind.ADVISER:
        return Outcome(ADVISED, answer["opinion"])
    if row.kind == TaskKind.ADDED:
        return Outcome(answer["decision"], answer.get("opinion") or None)
    step = case.step(row.element_id, row.task_id, behalf)
    if row.kind == TaskKind.REVISER and row.element_id == case.diagram.start_id:
        assert case.process.revise is not None  # noqa: S101 (nothing is sent back to the start otherwise)
        return case.process.revise(step, answer)
    return case.process.operations[row.element_id](step, answer)


def _signed(
    engine: "Engine", case: Case, row: Any, answer: Mapping[str, Any], outcome: Outcome, actor: Actor
) -> Mapping[str, str]:
    """Store the signature that a step asks for; gives its digest, for the history."""
    is_required = case.diagram.element(row.element_id).signature and row.kind == TaskKind.SIGNER
    if not (is_required or answer.get("signature")):
        return {}
    if engine.keyring is None:
        raise RuntimeError("a step is signed, and there is no key to seal signatures with")
    return sign(
        case.session,
        engine.keyring,
        is_required=is_required,
        task_id=row.task_id,
        signer_id=actor.id,
        strokes=answer.get("signature"),
        decision=outcome.decision,
        now=case.now,
    )


def take(
    case: Case, row: Any, outcome: Outcome, behalf: int | None, signed: Mapping[str, str] | None = None
) -> Answered:
    """Move the case by an answer, given by a person or by the clock; ``signed`` is what the history notes besides."""
    case.title = outcome.title or case.title
    said = {"decision": outcome.decision, "opinion": outcome.opinion, **(signed or {})}
    case.chain.append(Event("task_completed", case.now, case.actor_id, behalf, row.element_id, row.task_id, said))
    role = "" if row.kind == TaskKind.ADVISER else row.role
    answered = Answered(
        row.task_id,
        (row.node_id, row.seat),
        role,
        outcome.decision,
        outcome.opinion,
        behalf,
        case.actor_id,
        row.element_id,
    )
    if row.kind == TaskKind.REVISER:
        _go_on(case, row, outcome)
    else:
        _count(case, row, outcome)
    return answered


def _count(case: Case, row: Any, outcome: Outcome) -> None:
    """Take an answer into its round, or let it decide alone."""
    kept = round_at(case, row.node_id)
    decision: str | None = outcome.decision
    values: Mapping[str, Any] = outcome.values
    if kept is not None:
        decision = kept.take(row.seat, outcome.decision, outcome.values)
        values = kept.values
        keep_round(case, row.node_id, kept)
    if decision == RETURN and case.diagram.element(row.element_id).approval:
        send_back(case, row, back_to=outcome.back_to, is_straight=outcome.is_straight)
    elif decision is not None:
        case.answer(case.ready(row.node_id), decision, values)


def _go_on(case: Case, row: Any, outcome: Outcome) -> None:
    """After a change that was sent back for: straight to who sent it, or the whole way again."""
    detour = detour_of(case)
    assert detour is not None  # noqa: S101 (a reviser's task exists exactly as long as the detour)
    end_detour(case)
    if detour.node_id is None:
        values = dict(outcome.values)
        if detour.is_straight:
            case.answers[detour.element_id] = values
        else:
            case.begin()
            case.start_with(values)
        return
    if outcome.decision in (REJECT, RETURN):
        # They changed their mind, so the case stands at their step again and goes on from there.
        done = case.done(detour.node_id)
        assert done is not None  # noqa: S101 (nothing moves during a detour)
        case.rewind(done)
        if outcome.decision == RETURN and case.diagram.element(detour.element_id).approval:
            send_back(case, row, back_to=outcome.back_to, is_straight=False, node_id=detour.node_id)
        else:
            case.answer(case.ready(detour.node_id), outcome.decision, outcome.values)
        return
    case.answers[detour.element_id] = {**outcome.values, "decision": outcome.decision or APPROVE}
