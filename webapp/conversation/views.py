"""Commenting on a case, sending copies of it, urging it; and finding people while one types their names."""

import hashlib
import re
import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from forms.conversation import CommentForm, CopyForm
from webapp.accounts.actor import current_actor
from webapp.addresses import ident
from webapp.clock import request_now
from webapp.conversation.sending import copy_errors
from webapp.conversation.talk import SHOWN_ALONE, readers_of, talk_of
from webapp.documents.reading import may_read_case
from webapp.documents.uploads import uploaded_pairs
from webapp.engine import change, engine
from webapp.errors import status_of, told
from webapp.extensions import db
from webapp.instances.case import Case, case_of_instance
from webapp.tasks.sent import page_key
from workflows.conversation.comments import add_comment, take_back_comment
from workflows.engine.copies import mark_copies_read, send_copies
from workflows.engine.urging import urge_case
from workflows.kernel.errors import Invalid, NotFound, Refusal
from workflows.people.directory import pick_people
from workflows.people.naming import people_named

blueprint = Blueprint("conversation", __name__)
blueprint.add_app_template_global(talk_of)
blueprint.add_app_template_global(copy_errors)

#: What a person who is being picked follows: names that stand complete before a comma.
_LAST_NAME = re.compile(r"^(.*[,，、;；])?\s*(.*)$", re.DOTALL)
#: The files of a comment have a name of their own: a task's form may have attachments on the same page.
_FILES = "comment_files"


@blueprint.get("/instances/<int:instance_id>/comments")
def comments(instance_id: int) -> str:
    """All that was said about a case, page by page."""
    return _comments_page(_readable(instance_id), CommentForm())


@blueprint.post("/instances/<int:instance_id>/comments")
def comment(instance_id: int) -> Response | tuple[str, int]:
    """Say something about a case."""
    case = _readable(instance_id)
    pairs = [*request.form.items(multi=True), *uploaded_pairs()]
    form = CommentForm(MultiDict([("attachments" if name == _FILES else name, text) for name, text in pairs]))
    try:
        if not form.validate():
            raise form.refusal()
        with change() as session:
            add_comment(
                session, case.id, **form.answer(), key=_key(), actor=current_actor(), may_read=readers_of(case.id),
                now=request_now(),
            )  # fmt: skip
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            raise
        _show(form, refusal)
        return _comments_page(case, form), status_of(refusal)
    flash(_("Your comment was added."), "success")
    return _back(case.id)


@blueprint.post("/instances/<int:instance_id>/comments/<int:comment_id>/take-back")
def take_back(instance_id: int, comment_id: int) -> Response:
    """Take one's own comment back."""
    with change() as session:
        take_back_comment(session, comment_id, actor=current_actor(), now=request_now())
    flash(_("Your comment was taken back."), "success")
    return _back(instance_id)


@blueprint.get("/instances/<int:instance_id>/copies")
def copies(instance_id: int) -> str:
    """Who reads a case along."""
    return _copies_page(_readable(instance_id), CopyForm())


@blueprint.post("/instances/<int:instance_id>/copies")
def copy(instance_id: int) -> Response | tuple[str, int]:
    """Send copies by hand."""
    case, form, actor = _readable(instance_id), CopyForm(request.form), current_actor()
    try:
        if not form.validate():
            raise form.refusal()
        with change() as session:
            people = people_named(session, form.copy_to.data, field="copy_to")
            sent = send_copies(
                session, engine().audit_key, case.id, employee_ids=people, note=form.note.data or "", actor=actor,
                now=request_now(),
            )  # fmt: skip
    except Refusal as refusal:
        _show(form, refusal)
        return _copies_page(case, form), status_of(refusal)
    if sent:
        flash(_("Copies sent: %(count)s.", count=len(sent)), "success")
    else:
        flash(_("They have a copy already."), "info")
    return _back(case.id)


@blueprint.post("/instances/<int:instance_id>/urge")
def urge(instance_id: int) -> Response:
    """Ask whoever has one's case on the desk to hurry."""
    with change() as session:
        urge_case(session, engine().audit_key, instance_id, key=page_key(), actor=current_actor(), now=request_now())
    flash(_("Whoever has the case on the desk was urged."), "success")
    return _back(instance_id)


@blueprint.post("/inbox/copied/read")
def read_copies() -> Response:
    """Mark every copy as read."""
    with change() as session:
        mark_copies_read(session, employee_id=current_actor().id, now=request_now())
    flash(_("All copies are marked as read."), "success")
    return redirect(url_for("inbox.copied"), 303)


@blueprint.get("/people/several")
def several() -> str:
    """People whose name fits the last one in a line of names; each is offered together with those before it."""
    typed = next(iter(request.args.values()), "").replace("\0", "")[:1000]
    found = _LAST_NAME.match(typed)
    before, last = (found[1] or "", found[2]) if found else ("", typed)
    people = pick_people(db.session(), last[:64])
    return render_template("conversation/pick.html", before=before.strip(), people=people)


def _readable(instance_id: int) -> Case:
    """The case; for whom may not read it there is none."""
    if not may_read_case(current_actor(), instance_id):
        raise NotFound("There is no such case or task.")
    return case_of_instance(db.session(), instance_id)


def _comments_page(case: Case, form: CommentForm) -> str:
    talk = talk_of(case, limit=SHOWN_ALONE, before=request.args.get("before", type=ident))
    return render_template("conversation/comments.html", case=case, talk=talk, form=form, now=request_now(), task=None)


def _copies_page(case: Case, form: CopyForm) -> str:
    return render_template("conversation/copies.html", case=case, talk=talk_of(case), form=form)


def _show(form: CommentForm | CopyForm, refusal: Refusal) -> None:
    """Put a refusal at the fields, or above them; what the form found itself stands there already."""
    if any(form.errors.values()):
        return
    if isinstance(refusal, Invalid):
        form.show(refusal, told)
    else:
        form.form_errors = [*form.form_errors, told(refusal.message, refusal.params)]


def _back(instance_id: int) -> Response:
    """To the page from which something was said: the task or the case."""
    task_id = request.form.get("task", type=ident)
    if task_id is not None:
        return redirect(url_for("tasks.task", task_id=task_id, _anchor="talk"), 303)
    return redirect(url_for("instances.instance", instance_id=instance_id, _anchor="talk"), 303)


def _key() -> str:
    """The key of this submission within its case, so that one page's key never answers for two cases."""
    return hashlib.sha256(f"{request.path}\n{page_key()}".encode()).hexdigest()


def new_key() -> str:
    """A key for a form that is about to be shown."""
    return uuid.uuid4().hex


blueprint.add_app_template_global(new_key)
