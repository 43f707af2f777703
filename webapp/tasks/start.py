"""Starting a request: what may be started, and the form with which one does."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forms.base import ProcessForm
from forms.registry import form_class
from webapp.accounts.actor import current_actor
from webapp.engine import engine
from webapp.errors import status_of
from webapp.extensions import db
from webapp.frame import STARTED_ELSEWHERE
from webapp.i18n import current_language
from webapp.incidents.recording import take_step
from webapp.processes import startable_by
from webapp.tasks.next_desks import now_with
from webapp.tasks.packages import first_values, start_context
from webapp.tasks.sent import Sent
from workflows.engine.bpmn.diagrams import Diagram
from workflows.kernel.errors import KeyReused, NotAllowed, NotFound, Refusal

blueprint = Blueprint("processes", __name__, url_prefix="/processes")


@blueprint.get("")
def overview() -> str:
    """What the reader may start."""
    offers = startable_by(db.session(), current_actor(), current_language())
    offers = [offer for offer in offers if offer[0] not in STARTED_ELSEWHERE]
    return render_template("tasks/processes.html", offers=offers)


@blueprint.get("/<process_key>/start")
def start(process_key: str) -> str:
    """The blank form; parameters of the address may fill some of it in."""
    diagram = _startable(process_key)
    values = first_values(db.session(), process_key, diagram.start_id, None, request.args.to_dict())
    return _page(diagram, form_class(process_key, diagram.start_id)(data=values))


@blueprint.post("/<process_key>/start")
def begin(process_key: str) -> Response | tuple[str, int]:
    """Start a case, and show it to its starter."""
    diagram = _startable(process_key)
    sent = Sent.by_page(process_key=process_key)
    try:
        result = take_step(sent, actor=current_actor())
    except Refusal as refusal:
        if isinstance(refusal, KeyReused):
            # Sent once, changed with the browser's back button and sent again: a second request, if it is meant.
            sent.read(process_key, diagram.start_id)
        if sent.form is None:
            raise
        sent.show(refusal)
        return _page(diagram, sent.form), status_of(refusal)
    told = _("%(title)s was sent.", title=result.title)
    flash(f"{told} {now_with(result)}".rstrip(), "success")
    return redirect(url_for("instances.instance", instance_id=result.instance_id), 303)


def _startable(process_key: str) -> Diagram:
    """The diagram on which a case would start; refused to whom its first lane leaves out."""
    if process_key not in engine().processes:
        raise NotFound("There is no such process.")
    diagram = engine().current(db.session(), process_key)
    if not diagram.is_started_by(current_actor().roles):
        raise NotAllowed("Your roles do not start this request.")
    return diagram


def _page(diagram: Diagram, form: ProcessForm) -> str:
    return render_template(
        "tasks/start.html",
        process_key=diagram.key,
        process_name=diagram.name(current_language()),
        element=diagram.element(diagram.start_id),
        form=form,
        idempotency_key=uuid.uuid4().hex,
        **start_context(db.session(), diagram.key, form),
    )
