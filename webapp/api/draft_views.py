"""Requests that are begun, copied, or approved together, for programs."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from forms.base import ProcessForm
from forms.fields import TextField
from forms.json import from_json
from forms.registry import form_class
from forms.tables import object_wire
from forms.values import as_json
from webapp.accounts.actor import current_actor
from webapp.api.blueprint import ID, blueprint
from webapp.api.bodies import answer_of, draft_key, read_json, submission
from webapp.api.problems import problem_object
from webapp.api.shapes import answer, instant, result_of
from webapp.clock import request_now, request_today
from webapp.engine import change, engine
from webapp.errors import errors_in, status_of, told
from webapp.extensions import db
from webapp.tasks.batch import BatchRow, Chosen, approve, read_choices, rows_of
from webapp.tasks.copying import copied_form, copy_as_draft, filled, keep_as_draft, startable_diagram
from workflows.engine import drafts as kept_drafts
from workflows.kernel.errors import Invalid, NotFound, Refusal

_LONGEST_KEY = 80


class Opinion(ProcessForm):
    """What is said of all the tasks of a batch."""

    opinion = TextField(longest=1000, lines=True)


@blueprint.get("/drafts")
def drafts() -> Response:
    """What I began and have not sent."""
    rows = kept_drafts.drafts_of(db.session(), current_actor().id)
    return answer({"items": [_head(row) for row in rows], "next": None})


@blueprint.get("/drafts/<draft>")
def draft(draft: str) -> Response:
    """One of my drafts."""
    return answer(_draft(_named(draft)))


@blueprint.put("/drafts/<draft>")
def keep_draft(draft: str) -> Response:
    """Keep a request as a draft; what is missing is not asked for, what has the wrong type is refused."""
    key, body = _named(draft), _members({"process", "fields"})
    process_key, fields = body["process"], body["fields"]
    if not isinstance(process_key, str) or not isinstance(fields, dict):
        wrong = "fields" if isinstance(process_key, str) else "process"
        raise Invalid.at(wrong, "This must be an object with named members.")
    actor = current_actor()
    diagram = startable_diagram(db.session(), process_key, actor)
    kind = form_class(process_key, diagram.start_id)
    read = from_json(kind, fields)
    if read.wire_errors:
        raise read.refusal()
    kept = filled(process_key, diagram.start_id, object_wire(kind(), "", fields))
    with change() as session:
        keep_as_draft(session, key, kept, process_key=process_key, actor=actor, now=request_now())
    return answer(_draft(key))


@blueprint.delete("/drafts/<draft>")
def discard_draft(draft: str) -> Response:
    """Throw a draft away; one that is gone is gone."""
    with change() as session:
        discarded = kept_drafts.discard_draft(session, _named(draft), owner_id=current_actor().id)
    return answer({"discarded": discarded})


@blueprint.get(f"/instances/<{ID}:instance_id>/copy")
def copied_values(instance_id: int) -> Response:
    """What a copy of my case would start with."""
    actor, today = current_actor(), request_today()
    process_key, form, emptied = copied_form(db.session(), instance_id, actor=actor, today=today)
    return answer({"process": process_key, "fields": as_json(form), "emptied": emptied})


@blueprint.post(f"/instances/<{ID}:instance_id>/copy")
def copy_instance(instance_id: int) -> Response:
    """Begin a draft as a copy of my case, with copies of its documents."""
    key = draft_key(_members({"draft"})["draft"])
    actor, now, today = current_actor(), request_now(), request_today()
    with change() as session:
        copy_as_draft(session, instance_id, key, actor=actor, now=now, today=today)
    return answer(_draft(key))


@blueprint.post("/tasks/approve")
def approve_tasks() -> Response:
    """Approve several tasks, each by itself; the answer says of each what became of it."""
    body = read_json()
    if not isinstance(body, dict):
        raise Invalid.at("", "The body must be an object with named members.")
    chosen = _chosen(body.pop("tasks", None))
    opinion = answer_of(Opinion, body)["opinion"] or ""
    named, actor = submission(), current_actor()
    if len(named.key) > _LONGEST_KEY:
        raise Invalid.at("Idempotency-Key", "At most %(longest)s characters.", longest=_LONGEST_KEY)
    rows = approve(rows_of(db.session(), chosen, actor=actor), named.key, opinion, actor=actor)
    return answer({"items": [_outcome(row) for row in rows]})


def _chosen(tasks: Any) -> list[Chosen]:
    """The tasks with their revisions; raises ``Invalid`` at ``tasks``."""
    if not isinstance(tasks, list) or not all(_is_choice(each) for each in tasks):
        raise Invalid.at("tasks", "This must be a list of tasks with id and revision.")
    try:
        return read_choices(f"{each['id']}.{each['revision']}" for each in tasks)
    except Refusal as refusal:
        raise Invalid.at("tasks", refusal.message, **refusal.params) from refusal


def _is_choice(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"id", "revision"}:
        return False
    return all(type(each) is int and 0 <= each < 10**9 for each in value.values())


def _outcome(row: BatchRow) -> dict[str, Any]:
    told_of: dict[str, Any] = {"task_id": row.chosen.task_id, "is_approved": row.result is not None}
    if row.result is not None:
        return {**told_of, "result": result_of(row.result)}
    refusal = row.refusal
    if not isinstance(refusal, Refusal):
        broken = _("The step failed. Nothing was changed, and the administrators were told.")
        return {**told_of, "problem": problem_object(500, "step_failed", broken)}
    message = told(refusal.message, refusal.params)
    return {**told_of, "problem": problem_object(status_of(refusal), refusal.code, message, errors_in(refusal))}


def _members(wanted: set[str]) -> Mapping[str, Any]:
    """A body of exactly these members."""
    body = read_json()
    if not isinstance(body, dict):
        raise Invalid.at("", "The body must be an object with named members.")
    refused = {name[:64]: "There is no such field." for name in sorted(body) if name not in wanted}
    refused |= {name: "Please fill this in." for name in wanted if name not in body}
    if refused:
        raise Invalid({name: [(message, {})] for name, message in list(refused.items())[:20]})
    return body


def _named(draft: str) -> uuid.UUID:
    """The draft that an address names; what is no key names none."""
    try:
        return uuid.UUID(draft)
    except ValueError:
        raise NotFound("There is no such draft. It may have been sent or deleted.") from None


def _draft(key: uuid.UUID) -> dict[str, Any]:
    row = kept_drafts.draft_of(db.session(), key, owner_id=current_actor().id)
    diagram = engine().current(db.session(), row.process_key)
    form = form_class(row.process_key, diagram.start_id)(MultiDict([(name, said) for name, said in row.pairs]))
    return {**_head(row), "fields": as_json(form)}


def _head(row: kept_drafts.Draft) -> dict[str, Any]:
    return {
        "key": str(row.key),
        "process": row.process_key,
        "title": row.title,
        "copied_from": row.copied_from_id,
        "saved_at": instant(row.saved_at),
    }
