"""One page for each action on a task; each works without JavaScript, and is safe to send twice."""

import hashlib
import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forms.base import ProcessForm
from webapp.accounts.actor import current_actor
from webapp.approvals import actions
from webapp.approvals.actions import Action
from webapp.approvals.guard import readable, refuse_others
from webapp.approvals.offers import last_decision, may_remove, offered_actions, return_targets
from webapp.clock import request_now
from webapp.engine import change
from webapp.errors import status_of, told
from webapp.extensions import db
from webapp.i18n import current_language
from webapp.tasks.sent import page_key
from workflows.engine.submissions import Result, Submitted
from workflows.kernel.errors import Conflict, Invalid
from workflows.people.directory import names_of

blueprint = Blueprint("approvals", __name__, url_prefix="/tasks")
for _asked in (offered_actions, may_remove, return_targets, last_decision):
    blueprint.add_app_template_global(_asked)


@blueprint.route("/<int:task_id>/hand-over", methods=["GET", "POST"])
def hand_over(task_id: int) -> Response | tuple[str, int]:
    """Put one's own task onto a colleague's desk for good."""
    return _act(task_id, actions.HAND_OVER)


@blueprint.route("/<int:task_id>/signers", methods=["GET", "POST"])
def add_signers(task_id: int) -> Response | tuple[str, int]:
    """Ask colleagues to sign as well."""
    return _act(task_id, actions.ADD_SIGNERS)


@blueprint.route("/<int:task_id>/opinions", methods=["GET", "POST"])
def ask_opinion(task_id: int) -> Response | tuple[str, int]:
    """Ask colleagues for their opinion."""
    return _act(task_id, actions.ASK_OPINION)


@blueprint.route("/<int:task_id>/remove", methods=["GET", "POST"])
def remove_signer(task_id: int) -> Response | tuple[str, int]:
    """Ask somebody no more."""
    return _act(task_id, actions.REMOVE)


@blueprint.route("/<int:task_id>/take-back", methods=["GET", "POST"])
def take_back(task_id: int) -> Response | tuple[str, int]:
    """Take one's own decision back."""
    return _act(task_id, actions.TAKE_BACK)


@blueprint.get("/<int:task_id>/round")
def signing(task_id: int) -> str:
    """How far the signers of a step have come, for the page of the task to look again."""
    case, task, diagram = readable(task_id)
    return render_template("approvals/round.html", case=case, task=task, diagram=diagram, now=request_now())


def _act(task_id: int, action: Action) -> Response | tuple[str, int]:
    """Show an action's page, or carry it out and go where the work goes on."""
    if request.method == "GET":
        return _page(task_id, action, action.form(data={"position": "before"}), 200)
    form = action.form(request.form)
    try:
        if not form.validate():
            raise form.refusal()
        with change() as session:
            result = action.carry_out(
                session, task_id, form.answer(), submitted=_submitted(), actor=current_actor(), now=request_now()
            )
    except (Invalid, Conflict) as refusal:
        _show(form, refusal)
        return _page(task_id, action, form, status_of(refusal))
    flash(_said(action, result, form), "success")
    return redirect(_next_page(action, task_id, result), 303)


def _page(task_id: int, action: Action, form: ProcessForm, status: int) -> tuple[str, int]:
    """The page of an action, for whom it is; a conflict is told to everybody who may read the case."""
    case, task, diagram = readable(task_id)
    if status != status_of(Conflict("")):
        refuse_others(action, case, task, diagram)
    page = render_template(
        "approvals/action.html", action=action, case=case, task=task, form=form, diagram=diagram,
        step_name=diagram.element(task.element_id).name(current_language()), idempotency_key=uuid.uuid4().hex,
    )  # fmt: skip
    return page, status


def _submitted() -> Submitted:
    """Name what was sent, so that one page's key answers for one address and one set of fields."""
    fields = sorted(pair for pair in request.form.items(multi=True) if pair[0] not in ("csrf_token", "idempotency_key"))
    digest = hashlib.sha256(repr((request.path, fields)).encode("utf-8", "surrogatepass")).digest()
    return Submitted(page_key(), digest, request.form.get("revision", type=int))


def _show(form: ProcessForm, refusal: Invalid | Conflict) -> None:
    if isinstance(refusal, Conflict):
        form.form_errors = [*form.form_errors, told(refusal.message, refusal.params)]
    elif not any(form.errors.values()):
        form.show(refusal, told)


def _said(action: Action, result: Result, form: ProcessForm) -> str:
    if action is actions.HAND_OVER:
        ids = [task.assignee_id for task in result.next_tasks if task.assignee_id]
        names = names_of(db.session(), ids, in_english=current_language() == "en")
        return _("%(name)s has the task now.", name=", ".join(names.values()))
    return {
        "add_signers": _("They are asked to sign."),
        "ask_opinion": _("They are asked for their opinion; the task comes back to you."),
        "remove_signer": _("They are asked no more."),
    }.get(action.name, _("Your decision was taken back; the task lies on your desk again."))


def _next_page(action: Action, task_id: int, result: Result) -> str:
    if action is actions.HAND_OVER:
        return url_for("inbox.pending")
    if action in (actions.ADD_SIGNERS, actions.ASK_OPINION):
        return url_for("tasks.task", task_id=task_id)
    me = current_actor().id
    mine = next((task.id for task in result.next_tasks if task.assignee_id == me), None)
    if mine is not None:
        return url_for("tasks.task", task_id=mine)
    return url_for("instances.instance", instance_id=result.instance_id)
