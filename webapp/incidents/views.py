"""The incidents: what broke or lies with nobody, why, and the four ways to mend it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from forms.incidents import MendForm
from webapp.accounts.actor import current_actor
from webapp.addresses import ident
from webapp.clock import request_now
from webapp.engine import change, engine, show_at_fields
from webapp.errors import status_of, told
from webapp.extensions import db
from webapp.i18n import current_language
from webapp.incidents.reading import IncidentRow, incident, incidents_page
from webapp.incidents.recording import StepFailed, cause_of, note_another_failure
from webapp.incidents.resubmission import resubmit
from workflows.engine import administration, mending
from workflows.kernel.errors import Invalid, Refusal
from workflows.people.directory import employee_with_login

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")

KINDS = {
    "no_one_left": lazy_gettext("Nobody is left to ask"),
    "step_failed": lazy_gettext("A step failed"),
    "timer_failed": lazy_gettext("A timer failed"),
    "message_failed": lazy_gettext("A message failed"),
}
RESOLUTIONS = {
    "retried": lazy_gettext("Tried again"),
    "reassigned": lazy_gettext("Reassigned"),
    "terminated": lazy_gettext("Terminated"),
    "withdrawn": lazy_gettext("Withdrawn"),
    "dismissed": lazy_gettext("Dismissed"),
}


@blueprint.app_errorhandler(StepFailed)
def step_failed(_failure: StepFailed) -> tuple[str, int]:
    """Tell the sender that nothing was lost."""
    return render_template("incidents/step_failed.html"), 500


@blueprint.get("")
def overview() -> str:
    """The open incidents, or those that were closed."""
    is_open = request.args.get("state") != "closed"
    before = request.args.get("before", type=ident)
    rows, following = incidents_page(db.session(), is_open=is_open, before=before)
    state = None if is_open else "closed"
    more = url_for("incidents.overview", state=state, before=following) if following else None
    return render_template(
        "incidents/overview.html", incidents=rows, is_open=is_open, more=more, place=_place, KINDS=KINDS,
        RESOLUTIONS=RESOLUTIONS,
    )  # fmt: skip


@blueprint.get("/<int:incident_id>")
def detail(incident_id: int) -> str:
    """One incident with its cause, and what can be done."""
    return _page(incident_id, MendForm())


@blueprint.post("/<int:incident_id>/retry")
def retry(incident_id: int) -> Response | tuple[str, int]:
    """Try again what failed; the incident closes when it goes through."""

    def again(session: Session, _shown: IncidentRow, _form: MendForm) -> None:
        mending.retry(
            engine(), session, incident_id, actor=current_actor(), now=request_now(),
            resubmit=lambda kept: resubmit(session, kept, now=request_now()),
        )  # fmt: skip

    try:
        return _mended(incident_id, again, _("It went through."), needs_reason=False)
    except Exception as problem:
        if isinstance(problem, Refusal):
            raise
        with change() as session:
            note_another_failure(session, incident_id, problem)
        flash(_("It failed again: %(cause)s", cause=cause_of(problem)), "error")
        return redirect(url_for("incidents.detail", incident_id=incident_id), 303)


@blueprint.post("/<int:incident_id>/reassign")
def reassign(incident_id: int) -> Response | tuple[str, int]:
    """Put the task on somebody's desk."""

    def hand_over(session: Session, shown: IncidentRow, form: MendForm) -> None:
        person = employee_with_login(session, form.to.data or "")
        if person is None or shown.task_id is None:
            raise Invalid.at("to", "There is no such person.")
        administration.reassign(
            engine(), session, shown.task_id, person.id, reason=form.reason.data or "", actor=current_actor(),
            now=request_now(),
        )  # fmt: skip

    return _mended(incident_id, hand_over, _("The task was reassigned."))


@blueprint.post("/<int:incident_id>/terminate")
def terminate(incident_id: int) -> Response | tuple[str, int]:
    """End the case for good."""

    def end(session: Session, shown: IncidentRow, form: MendForm) -> None:
        reason = form.reason.data or ""
        administration.terminate(
            engine(), session, shown.instance_id or 0, reason=reason, actor=current_actor(), now=request_now()
        )

    return _mended(incident_id, end, _("The case was terminated."))


@blueprint.post("/<int:incident_id>/dismiss")
def dismiss(incident_id: int) -> Response | tuple[str, int]:
    """Close an incident that no longer matters."""

    def close(session: Session, _shown: IncidentRow, form: MendForm) -> None:
        mending.dismiss(
            session, incident_id, reason=form.reason.data or "", actor=current_actor(), now=request_now()
        )

    return _mended(incident_id, close, _("The incident was dismissed."))


def _mended(
    incident_id: int, act: Callable[[Session, IncidentRow, MendForm], Any], done: str, *, needs_reason: bool = True
) -> Response | tuple[str, int]:
    """Do it and go back to the list; a refusal comes back on the page with what was typed."""
    form = MendForm(request.form)
    try:
        with change() as session:
            shown = incident(session, incident_id)
            if needs_reason and not form.validate():
                raise Invalid.at("reason", "Please give a reason.")
            act(session, shown, form)
    except Refusal as refusal:
        _show(form, refusal)
        return _page(incident_id, form), status_of(refusal)
    flash(done, "success")
    return redirect(url_for("incidents.overview"), 303)


def _show(form: MendForm, refusal: Refusal) -> None:
    if isinstance(refusal, Invalid) and not any(form.errors.values()):
        show_at_fields(form, refusal)
    elif not isinstance(refusal, Invalid):
        form.form_errors = [*form.form_errors, told(refusal.message, refusal.params)]


def _page(incident_id: int, form: MendForm) -> str:
    shown = incident(db.session(), incident_id)
    return render_template(
        "incidents/detail.html", incident=shown, form=form, place=_place, KINDS=KINDS, RESOLUTIONS=RESOLUTIONS
    )


def _place(shown: IncidentRow) -> str:
    """The step where it happened, in the language of the page."""
    if shown.element_id is None:
        return ""
    if shown.definition_id is not None:
        diagram = engine().diagram(db.session(), shown.definition_id)
    elif shown.process_key in engine().processes:
        diagram = engine().current(db.session(), shown.process_key)
    else:
        return shown.element_id
    known = diagram.has_element(shown.element_id)
    return diagram.element(shown.element_id).name(current_language()) if known else shown.element_id
