"""Starting a request: what may be started, and the form with which one does."""

import datetime as dt
import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from forms.base import ProcessForm
from forms.registry import form_class
from webapp.accounts.actor import current_actor
from webapp.errors import status_of
from webapp.extensions import db
from webapp.frame import STARTED_ELSEWHERE
from webapp.i18n import current_language
from webapp.incidents.recording import take_step
from webapp.processes import startable_by
from webapp.tasks.copying import startable_diagram
from webapp.tasks.next_desks import now_with
from webapp.tasks.packages import first_values, start_context
from webapp.tasks.sent import Sent
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.drafts import Draft, Pairs, draft_of
from workflows.kernel.errors import KeyReused, NotFound, Refusal

blueprint = Blueprint("processes", __name__, url_prefix="/processes")


@blueprint.get("")
def overview() -> str:
    """What the reader may start."""
    offers = startable_by(db.session(), current_actor(), current_language())
    offers = [offer for offer in offers if offer[0] not in STARTED_ELSEWHERE]
    return render_template("tasks/processes.html", offers=offers)


@blueprint.get("/<process_key>/start")
def start(process_key: str) -> str:
    """The blank form, or a draft of the reader's; parameters of the address may fill some of a blank form in."""
    diagram = startable_diagram(db.session(), process_key, current_actor())
    key = request.args.get("draft", type=uuid.UUID)
    if key is not None:
        return _draft_page(diagram, draft_of(db.session(), key, owner_id=current_actor().id))
    values = first_values(db.session(), process_key, diagram.start_id, None, request.args.to_dict())
    return start_page(diagram, form_class(process_key, diagram.start_id)(data=values))


@blueprint.post("/<process_key>/start")
def begin(process_key: str) -> Response | tuple[str, int]:
    """Start a case, and show it to its starter."""
    diagram = startable_diagram(db.session(), process_key, current_actor())
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
        page = start_page(diagram, sent.form, draft=sent.draft, copied_from=sent.copied_from, typed=sent.pairs)
        return page, status_of(refusal)
    told = _("%(title)s was sent.", title=result.title)
    flash(f"{told} {now_with(result)}".rstrip(), "success")
    return redirect(url_for("instances.instance", instance_id=result.instance_id), 303)


def start_page(
    diagram: Diagram,
    form: ProcessForm,
    *,
    draft: uuid.UUID | None = None,
    copied_from: int | None = None,
    saved_at: dt.datetime | None = None,
    typed: Pairs = (),
) -> str:
    """The page of a start form. ``typed`` is all that was sent or kept, for parts of the page outside the form."""
    return render_template(
        "tasks/start.html",
        process_key=diagram.key,
        process_name=diagram.name(current_language()),
        element=diagram.element(diagram.start_id),
        form=form,
        idempotency_key=uuid.uuid4().hex,
        draft=draft or uuid.uuid4(),
        copied_from=copied_from,
        saved_at=saved_at,
        typed=MultiDict(typed),
        **start_context(db.session(), diagram.key, form),
    )


def _draft_page(diagram: Diagram, draft: Draft) -> str:
    """A draft, as it was left; its own process decides, whatever the address says."""
    if draft.process_key != diagram.key:
        raise NotFound("There is no such draft. It may have been sent or deleted.")
    pairs = [(name, said) for name, said in draft.pairs]
    form = form_class(diagram.key, diagram.start_id)(MultiDict(pairs))
    return start_page(
        diagram, form, draft=draft.key, copied_from=draft.copied_from_id, saved_at=draft.saved_at, typed=pairs
    )
