"""The page of one task: what is asked, what it rests on, and the buttons that decide it."""

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from forms.base import ProcessForm
from forms.registry import form_class
from webapp.accounts.actor import current_actor
from webapp.clock import request_now
from webapp.conversation.talk import note_opened
from webapp.engine import change, engine
from webapp.errors import status_of, told
from webapp.extensions import db
from webapp.headers import allow_style_attributes
from webapp.i18n import current_language
from webapp.incidents.recording import take_step
from webapp.instances.case import Case, CaseTask, case_of_task
from webapp.instances.way import awaited_event, passed, way_ahead
from webapp.instances.words import init_words
from webapp.tasks.next_desks import now_with
from webapp.tasks.packages import first_values, task_context
from webapp.tasks.sent import Sent
from workflows.documents.files import documents_of
from workflows.engine.access import may_read
from workflows.engine.acting import belongs, capacity
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.inbox import pending_tasks
from workflows.engine.model import InstanceStatus
from workflows.engine.submissions import Result
from workflows.kernel.errors import Conflict, NotAllowed, NotFound, Refusal
from workflows.people.directory import names_of

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")
init_words(blueprint)

#: These refusals say that the task is no longer the reader's to answer; all others are mended in the form.
GONE = (Conflict, NotAllowed, NotFound)


@blueprint.get("/<int:task_id>")
def task(task_id: int) -> str:
    """Show a task to whoever may read its case."""
    return _page(task_id, None)


@blueprint.post("/<int:task_id>")
def complete(task_id: int) -> Response | tuple[str, int]:
    """Answer a task, and go back to the inbox."""
    sent = Sent.by_page(task_id=task_id)
    try:
        result = take_step(sent, actor=current_actor())
    except Refusal as refusal:
        if isinstance(refusal, GONE) or sent.form is None:
            return _refused(task_id, refusal, sent)
        sent.show(refusal)
        return _page(task_id, sent.form), status_of(refusal)
    _tell_what_happened(sent, result)
    return redirect(url_for("inbox.pending"), 303)


@blueprint.post("/<int:task_id>/claim")
def claim(task_id: int) -> Response:
    """Take a task from the group's desk."""
    with change() as session:
        engine().claim(session, task_id, actor=current_actor(), now=request_now())
    flash(_("The task lies on your desk now."), "success")
    return redirect(url_for("tasks.task", task_id=task_id), 303)


@blueprint.post("/<int:task_id>/release")
def release(task_id: int) -> Response:
    """Put a claimed task back for the group."""
    with change() as session:
        engine().release(session, task_id, actor=current_actor(), now=request_now())
    flash(_("The task is back for everyone in the group."), "success")
    return redirect(url_for("inbox.pending"), 303)


def _page(task_id: int, form: ProcessForm | None) -> str:
    """The page; ``form`` is one that came back with errors, None for a blank one."""
    session, actor = db.session(), current_actor()
    case = case_of_task(session, task_id)
    shown = case.task(task_id)
    diagram = engine().diagram(session, case.definition_id)
    is_mine = shown.is_open and belongs(shown, actor) and actor.id not in shown.barred
    if not is_mine and not may_read(session, actor, case.id, frozenset(diagram.readers)):
        raise NotFound("There is no such case or task.")
    case = note_opened(case, shown if is_mine else None)
    if is_mine and form is None:
        form = _blank_form(case, shown)
    allow_style_attributes()
    return render_template(
        "tasks/task.html",
        task=shown,
        element=diagram.element(shown.element_id),
        form=form if is_mine else None,
        behalf=_behalf(shown) if is_mine else None,
        can_release=is_mine and shown.assignee_id is not None and shown.group_role is not None,
        idempotency_key=uuid.uuid4().hex,
        **_case_context(case, diagram),
        **task_context(session, case, shown),
    )


def _case_context(case: Case, diagram: Diagram) -> dict[str, Any]:
    """What the parts of the page show that are the same on the page of the case."""
    session, language = db.session(), current_language()
    return {
        "case": case,
        "diagram": diagram,
        "process_name": diagram.name(language),
        "ahead": way_ahead(session, diagram, case),
        "awaited": awaited_event(diagram, case),
        "passed": passed(diagram, case),
        "documents": documents_of(session, [case.id]),
        "now": request_now(),
    }


def _blank_form(case: Case, shown: CaseTask) -> ProcessForm:
    values = first_values(db.session(), case.process_key, shown.form_key, case.id, {})
    return form_class(case.process_key, shown.form_key)(data=values)


def _behalf(shown: CaseTask) -> str | None:
    covered = capacity(shown, current_actor())
    return names_of(db.session(), [covered], in_english=current_language() == "en").get(covered) if covered else None


def _refused(task_id: int, refusal: Refusal, sent: Sent) -> tuple[str, int]:
    """Say who was faster, or why not, and give back what was typed."""
    status = status_of(refusal)
    message = told(refusal.message, refusal.params)
    is_open = isinstance(refusal, Conflict) and request.form.get("revision", type=int) is not None
    page = render_template(
        "tasks/refused.html", status=status, message=message, texts=sent.texts(), task_id=task_id if is_open else None
    )
    return page, status


def _tell_what_happened(sent: Sent, result: Result) -> None:
    """Flash what was done, on whose desk the case lies now, and the way to what waits next."""
    session = db.session()
    message = Markup("<strong>{}</strong> {}").format(_said(sent), result.title)
    if result.next_tasks:
        message += " " + now_with(result)
    elif result.status != InstanceStatus.RUNNING:
        message += " " + _("The case has ended.")
    waiting, _more = pending_tasks(session, current_actor(), limit=1)
    if waiting:
        link = Markup('<a class="alert-link" href="{}">{}</a>')
        message += Markup(" ") + link.format(url_for("tasks.task", task_id=waiting[0].id), _("Next task"))
    flash(message, "success")


def _said(sent: Sent) -> str:
    decision = sent.form.data.get("decision") if sent.form is not None else None
    return {
        "approve": _("You approved:"),
        "return": _("You returned for changes:"),
        "reject": _("You rejected:"),
    }.get(str(decision), _("Done:"))
