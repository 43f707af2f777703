"""All cases in a list, and one case with what an administrator may do to it, each act with its reason."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from forms.administration import ConfirmedJumpForm, ConfirmedReasonForm, ReasonForm, ReassignForm
from forms.base import ProcessForm
from webapp.accounts.actor import current_actor
from webapp.administration.blueprint import blueprint, submitted_here
from webapp.administration.cases import STATES, Asked, step_name
from webapp.clock import request_now
from webapp.engine import change, engine
from webapp.errors import status_of, told
from webapp.extensions import db
from webapp.i18n import current_language
from webapp.instances.case import case_of_instance
from webapp.processes import process_names
from workflows.engine import interventions
from workflows.engine.model import TaskStatus, UserTask
from workflows.engine.overview import CaseRow, cases_page
from workflows.kernel.errors import Invalid, NotFound, Refusal
from workflows.people.naming import people_named

Act = Callable[[Session, Any], Any]
#: What a refused act comes back with: the name of its form on the page, the form, and what belongs to no field.
Refused = tuple[str, ProcessForm, str]


@blueprint.get("/cases")
def cases() -> str | tuple[str, int]:
    """Every case, narrowed by what is asked for."""
    asked, now, problems = Asked.here(), request_now(), {}
    rows: list[CaseRow] = []
    following = None
    try:
        narrowed = asked.filter(db.session(), now)
        rows, following = cases_page(
            db.session(), narrowed, now=now, process_keys=list(engine().processes), before=asked.before
        )
    except Invalid as refusal:
        problems = {field: told(*messages[0]) for field, messages in refusal.fields.items()}
    page = render_template(
        "administration/cases.html", asked=asked, rows=rows, problems=problems, states=STATES, step=_step,
        processes=process_names(db.session(), current_language()),
        next_url=url_for("administration.cases", **asked.kept(), before=following) if following else None,
    )  # fmt: skip
    return (page, 422) if problems else page


@blueprint.get("/cases/<int:instance_id>")
def case(instance_id: int) -> str:
    """One case: on whose desks it lies, and what can be done."""
    return _panel(instance_id)


@blueprint.post("/cases/<int:instance_id>/suspend")
def suspend(instance_id: int) -> Response | tuple[str, int]:
    """Keep a case from moving."""

    def act(session: Session, form: ReasonForm) -> None:
        interventions.suspend(engine(), session, instance_id, reason=form.reason.data, **_by_whom())

    return _done(instance_id, "suspend", ReasonForm(request.form), act, _("The case is suspended."))


@blueprint.post("/cases/<int:instance_id>/resume")
def resume(instance_id: int) -> Response | tuple[str, int]:
    """Let a suspended case go on."""

    def act(session: Session, form: ReasonForm) -> None:
        interventions.resume(engine(), session, instance_id, reason=form.reason.data, **_by_whom())

    return _done(instance_id, "resume", ReasonForm(request.form), act, _("The case goes on."))


@blueprint.post("/cases/<int:instance_id>/jump")
def jump(instance_id: int) -> Response | tuple[str, int]:
    """Take a case back to a step that it has passed."""

    def act(session: Session, form: ConfirmedJumpForm) -> None:
        to, reason = form.element.data, form.reason.data
        interventions.jump(engine(), session, instance_id, to, reason=reason, **_by_whom())

    return _done(instance_id, "jump", ConfirmedJumpForm(request.form), act, _("The case went back."))


@blueprint.post("/cases/<int:instance_id>/terminate")
def terminate(instance_id: int) -> Response | tuple[str, int]:
    """End a case for good."""

    def act(session: Session, form: ConfirmedReasonForm) -> None:
        interventions.terminate(engine(), session, instance_id, reason=form.reason.data, **_by_whom())

    return _done(instance_id, "terminate", ConfirmedReasonForm(request.form), act, _("The case was terminated."))


@blueprint.post("/tasks/<int:task_id>/reassign")
def reassign(task_id: int) -> Response | tuple[str, int]:
    """Put a task on somebody's desk."""
    task = db.session.get(UserTask, task_id)
    if task is None:
        raise NotFound("There is no such case or task.")

    def act(session: Session, form: ReassignForm) -> None:
        [to] = people_named(session, [form.to.data], field="to") or [0]
        interventions.reassign(engine(), session, task_id, to, reason=form.reason.data, **_by_whom())

    form = ReassignForm(request.form)
    return _done(task.instance_id, f"reassign-{task_id}", form, act, _("The task was reassigned."))


def _by_whom() -> dict[str, Any]:
    return {"submitted": submitted_here(), "actor": current_actor(), "now": request_now()}


def _done(instance_id: int, name: str, form: ProcessForm, act: Act, done: str) -> Response | tuple[str, int]:
    """Do it and show the case; a refusal comes back at its form with what was typed."""
    try:
        if not form.validate():
            raise form.refusal()
        with change() as session:
            act(session, form)
    except NotFound:
        raise
    except Refusal as refusal:
        is_at_fields = isinstance(refusal, Invalid)
        if isinstance(refusal, Invalid) and not form.errors:
            form.show(refusal, told)
        problem = "" if is_at_fields else told(refusal.message, refusal.params)
        return _panel(instance_id, (name, form, problem)), status_of(refusal)
    flash(done, "success")
    return redirect(url_for("administration.case", instance_id=instance_id), 303)


def _panel(instance_id: int, refused: Refused | None = None) -> str:
    session, now = db.session(), request_now()
    shown = case_of_instance(session, instance_id)
    diagram = engine().diagram(session, shown.definition_id)
    targets = interventions.jump_targets(engine(), session, instance_id, actor=current_actor(), now=now)
    waiting = (TaskStatus.OPEN, TaskStatus.WAITING)

    def form_for(name: str, otherwise: type[ProcessForm]) -> ProcessForm:
        return refused[1] if refused and refused[0] == name else otherwise()

    return render_template(
        "administration/case.html",
        case=shown,
        process_name=diagram.name(current_language()),
        suspension=interventions.suspension_of(session, instance_id),
        tasks=[task for task in shown.tasks if task.status in waiting],
        targets=targets.element_ids,
        irrevocable=told(targets.refusal.message, targets.refusal.params) if targets.refusal else "",
        step=lambda element_id: step_name(diagram, element_id),
        form_for=form_for,
        forms={"reason": ReasonForm, "reassign": ReassignForm, "jump": ConfirmedJumpForm, "end": ConfirmedReasonForm},
        refused=refused[0] if refused else "",
        problem=refused[2] if refused else "",
        now=now,
    )


def _step(row: CaseRow, element_id: str) -> str:
    return step_name(engine().diagram(db.session(), row.definition_id), element_id)
