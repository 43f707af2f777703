"""What a program does with a task besides answering it, and what it is told of a step that several people sign."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from forms.json import from_json
from webapp.accounts.actor import current_actor
from webapp.api.blueprint import ID, blueprint
from webapp.api.bodies import read_json, submission
from webapp.api.shapes import answer, instant, result_of
from webapp.approvals import actions
from webapp.approvals.actions import Action
from webapp.approvals.guard import readable, refuse_others
from webapp.approvals.offers import return_targets
from webapp.clock import request_now
from webapp.engine import change, engine
from webapp.extensions import db
from webapp.i18n import current_language
from webapp.instances.case import case_of_task
from webapp.instances.standing import SeatShown, StepShown, step_of
from workflows.kernel.errors import Invalid

#: As large as the column is.
_LARGEST_REVISION = 2**31 - 1


@blueprint.post(f"/tasks/<{ID}:task_id>/hand-over")
def hand_over_task(task_id: int) -> Response:
    """Put my task onto a colleague's desk for good."""
    return _carry_out(actions.HAND_OVER, task_id)


@blueprint.post(f"/tasks/<{ID}:task_id>/signers")
def add_signers(task_id: int) -> Response:
    """Ask colleagues to sign as well."""
    return _carry_out(actions.ADD_SIGNERS, task_id)


@blueprint.post(f"/tasks/<{ID}:task_id>/opinions")
def ask_opinion(task_id: int) -> Response:
    """Ask colleagues for their opinion."""
    return _carry_out(actions.ASK_OPINION, task_id)


@blueprint.post(f"/tasks/<{ID}:task_id>/remove")
def remove_signer(task_id: int) -> Response:
    """Ask somebody no more; the task is theirs."""
    return _carry_out(actions.REMOVE, task_id)


@blueprint.post(f"/tasks/<{ID}:task_id>/take-back")
def take_back_decision(task_id: int) -> Response:
    """Take my decision back."""
    return _carry_out(actions.TAKE_BACK, task_id)


def _carry_out(action: Action, task_id: int) -> Response:
    actor = current_actor()
    revision, fields = _read()
    submitted = submission(revision)
    try:
        form = from_json(action.form, fields)
        if not form.validate():
            raise form.refusal()
        with change() as session:
            result = action.carry_out(
                session, task_id, form.answer(), submitted=submitted, actor=actor, now=request_now()
            )
    except Invalid:
        # Whose task it is not learns nothing of what would have been wrong.
        refuse_others(action, *readable(task_id))
        raise
    return answer(result_of(result))


def _read() -> tuple[int | None, Mapping[str, Any]]:
    """The fields of a form, and beside them the revision that the program has seen, if it says so."""
    body = read_json()
    if not isinstance(body, dict):
        raise Invalid.at("", "The body must be an object with named members.")
    revision = body.pop("revision", None)
    is_whole = isinstance(revision, int) and not isinstance(revision, bool) and 0 <= revision <= _LARGEST_REVISION
    if revision is not None and not is_whole:
        raise Invalid.at("revision", "This must be a whole number.")
    return revision, body


def signing_members(task_id: int) -> dict[str, Any]:
    """Give what a task says of those who sign it, of who asked for it, and of where it may be sent back."""
    case = case_of_task(db.session(), task_id)
    task = case.task(task_id)
    diagram = engine().diagram(db.session(), case.definition_id)
    step = step_of(case, diagram, task)
    asked_by = {"id": task.asked_by_id, "name": task.asked_by} if task.asked_by_id else None
    return {
        "kind": task.kind,
        "asked_by": asked_by,
        "question": task.question,
        "read_at": instant(task.read_at),
        "round": _round(step) if step is not None and (step.mode or len(step.seats) > 1) else None,
        "return_targets": [
            {
                "element": target.element_id,
                "name": diagram.element(target.element_id).name(current_language()),
                "person": target.person,
            }
            for target in return_targets(case, task, diagram)
        ],
    }


def _round(step: StepShown) -> dict[str, Any]:
    return {
        "mode": step.mode,
        "share": str(step.share) if step.share is not None else None,
        "signed": step.signed,
        "total": step.total,
        "seats": [_seat(seat) for seat in step.seats],
    }


def _seat(seat: SeatShown) -> dict[str, Any]:
    task = seat.task
    person = {"id": task.assignee_id, "name": task.assignee} if task.assignee_id else None
    return {
        "task_id": task.id,
        "kind": task.kind,
        "state": seat.state,
        "person": person,
        "group_role": task.group_role,
        "decision": None if seat.is_pending else task.decision,
        "opinion": None if seat.is_pending else task.opinion,
    }
