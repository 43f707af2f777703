"""Drafts: the list of them, keeping one, throwing one away, and beginning one as a copy of an old request."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.actor import current_account, current_actor
from webapp.clock import request_now, request_today
from webapp.engine import change, engine
from webapp.errors import status_of, told
from webapp.extensions import db
from webapp.i18n import current_language
from webapp.instances.case import Case
from webapp.processes import process_names
from webapp.tasks.copying import copied_form, copy_as_draft, filled, keep_as_draft, startable_diagram
from webapp.tasks.inbox import Asked
from webapp.tasks.packages import is_copyable
from webapp.tasks.sent import Sent
from webapp.tasks.start import start_page
from workflows.engine.drafts import discard_draft, drafts_of, has_draft, relatives_of
from workflows.kernel.errors import Refusal

blueprint = Blueprint("drafts", __name__)


@blueprint.get("/drafts")
def overview() -> str:
    """What the reader began and has not sent."""
    is_part = request.headers.get("HX-Target") == "inbox"
    return render_template(
        "tasks/drafts_list.html" if is_part else "tasks/drafts.html",
        view="drafts",
        asked=Asked.here(),
        counts=None,
        drafts=drafts_of(db.session(), current_actor().id),
        processes=process_names(db.session(), current_language()),
    )


@blueprint.post("/drafts/<process_key>")
def save(process_key: str) -> Response | str | tuple[str, int]:
    """Keep a start form as it was typed, with its files."""
    actor = current_actor()
    diagram = startable_diagram(db.session(), process_key, actor)
    sent = Sent.by_page(process_key=process_key)
    kept = filled(process_key, diagram.start_id, sent.pairs)
    key = sent.draft or uuid.uuid4()
    is_following = request.headers.get("HX-Target") == "draft-state"
    try:
        with change() as session:
            if is_following and not has_draft(session, key, owner_id=actor.id):
                return ""  # It was sent or deleted in the meantime, and does not come back by itself.
            keep_as_draft(
                session,
                key,
                kept,
                process_key=process_key,
                copied_from=sent.copied_from,
                actor=actor,
                now=request_now(),
            )
    except Refusal as refusal:
        kept.form.form_errors = [*kept.form.form_errors, told(refusal.message, refusal.params)]
        return start_page(diagram, kept.form, draft=sent.draft, copied_from=sent.copied_from), status_of(refusal)
    for reason in kept.refused:
        flash(reason, "warning")
    if is_following:
        return render_template("tasks/draft_state.html", saved_at=request_now())
    flash(_("The draft is saved. You find it in your inbox under Drafts."), "success")
    return redirect(url_for("processes.start", process_key=process_key, draft=key), 303)


@blueprint.post("/drafts/<uuid:key>/discard")
def discard(key: uuid.UUID) -> Response:
    """Throw a draft away; one that is gone already is gone."""
    with change() as session:
        discard_draft(session, key, owner_id=current_actor().id)
    flash(_("The draft was deleted."), "success")
    return redirect(url_for("drafts.overview"), 303)


@blueprint.post("/instances/<int:instance_id>/copy")
def copy_case(instance_id: int) -> Response:
    """Begin a new request, filled in as an old one of the reader's own."""
    key = request.form.get("draft", type=uuid.UUID) or uuid.uuid4()
    now, today = request_now(), request_today()
    with change() as session:
        process_key, emptied = copy_as_draft(session, instance_id, key, actor=current_actor(), now=now, today=today)
    _form_key, form, _emptied = copied_form(db.session(), instance_id, actor=current_actor(), today=today)
    for name in emptied:
        flash(_("%(field)s: the day lies in the past. Please choose another.", field=form[name].label.text), "warning")
    return redirect(url_for("processes.start", process_key=process_key, draft=key), 303)


@blueprint.app_template_global()
def may_copy(case: Case) -> bool:
    """Whether the reader may begin a copy of this case."""
    account = current_account()
    if account is None or case.starter_id != account.id or not is_copyable(case.process_key):
        return False
    return engine().current(db.session(), case.process_key).is_started_by(account.actor.roles)


@blueprint.app_template_global()
def relatives(case: Case) -> list[object]:
    """The case that this one was copied from, and those that were copied from it, where the reader started them."""
    account = current_account()
    return relatives_of(db.session(), case.id) if account is not None and case.starter_id == account.id else []
