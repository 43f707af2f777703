"""A person's own work: who I am, my tasks, what I may start, my uploads."""

from flask import Response, abort, request
from flask_babel import gettext as _

from forms.json import json_schema
from forms.registry import form_class
from webapp.accounts.actor import current_account, current_actor
from webapp.api.approvals_views import signing_members
from webapp.api.asked import asked_in
from webapp.api.blueprint import ID, blueprint
from webapp.api.bodies import page_of_list, read_json, sent_by_program, state_of_list
from webapp.api.openapi import description
from webapp.api.problems import stop
from webapp.api.queries import readable_task
from webapp.api.shapes import answer, document_item, person_item, process_item, result_of, task_item
from webapp.clock import request_now, request_today
from webapp.engine import change, engine
from webapp.extensions import db
from webapp.i18n import current_language
from webapp.incidents.recording import take_step
from webapp.processes import current_diagrams
from workflows.documents.files import upload
from workflows.engine import inbox
from workflows.engine.answering import form_key
from workflows.engine.model import TaskStatus
from workflows.kernel.errors import Invalid


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description of all this, for programs and their makers."""
    return answer(description())


@blueprint.get("/me")
def me() -> Response:
    """Who the token speaks for."""
    account = current_account() or abort(401)
    return answer(person_item(account, inbox.counts(db.session(), account.actor)))


@blueprint.get("/tasks")
def tasks() -> Response:
    """What waits for me, the oldest first, or what I have done, the newest first."""
    limit, after = page_of_list()
    find = inbox.pending_tasks if state_of_list() == "open" else inbox.done_tasks
    rows, further = find(db.session(), current_actor(), limit=limit, after=after)
    return answer({"items": [task_item(row) for row in rows], "next": further})


@blueprint.get(f"/tasks/<{ID}:task_id>")
def task(task_id: int) -> Response:
    """One task, with its form while it is open."""
    row = readable_task(db.session(), current_actor(), task_id)
    is_open, signing = row.status == TaskStatus.OPEN, signing_members(task_id)
    key = form_key(signing["kind"], row.element_id)
    form = json_schema(form_class(row.process_key, key)) if is_open else None
    request_data = asked_in(db.session(), row.process_key, row.instance_id, today=request_today())
    return answer({**task_item(row), "request": request_data, "form": form, **signing})


@blueprint.post(f"/tasks/<{ID}:task_id>/complete")
def complete_task(task_id: int) -> Response:
    """Answer a task."""
    sent = sent_by_program(task_id=task_id)
    return answer(result_of(take_step(sent, actor=current_actor())))


@blueprint.post(f"/tasks/<{ID}:task_id>/claim")
def claim_task(task_id: int) -> Response:
    """Take a task from my group's desk onto mine."""
    _refuse_members()
    actor = current_actor()
    with change() as session:
        engine().claim(session, task_id, actor=actor, now=request_now())
    return answer(task_item(readable_task(db.session(), actor, task_id)))


@blueprint.post(f"/tasks/<{ID}:task_id>/release")
def release_task(task_id: int) -> Response:
    """Put a claimed task back onto my group's desk."""
    _refuse_members()
    actor = current_actor()
    with change() as session:
        engine().release(session, task_id, actor=actor, now=request_now())
    return answer(task_item(readable_task(db.session(), actor, task_id)))


@blueprint.get("/processes")
def processes() -> Response:
    """The processes of the company, and whether I may start them."""
    actor, language = current_actor(), current_language()
    found = current_diagrams(db.session()).items()
    return answer({"items": [process_item(key, diagram, actor, language) for key, diagram in found]})


@blueprint.post("/documents")
def upload_document() -> Response:
    """Hand in a file, to be named in a form's ``attachments`` afterwards."""
    if request.mimetype != "multipart/form-data":
        stop(415, "unsupported_media_type", _("Send the file as multipart/form-data in a part named file."))
    file = request.files.get("file")
    if file is None:
        raise Invalid.at("file", "Please fill this in.")
    content, actor = file.read(), current_actor()
    with change() as session:
        kept = upload(session, owner_id=actor.id, name=file.filename or "", content=content, now=request_now())
    return answer(document_item(kept), 201)


def _refuse_members() -> None:
    """Nothing is said when claiming, so a body with members was meant for something else."""
    body = read_json()
    if body != {}:
        raise Invalid.at("", "This request has no body.")
