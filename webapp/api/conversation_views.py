"""Around a case for programs: comments, copies, urging, read marks; and one's own stock phrases."""

from typing import Any

from flask import Response, request

from forms.conversation import CommentForm, CopyForm
from webapp.accounts.actor import current_actor
from webapp.addresses import ident
from webapp.api.blueprint import ID, blueprint
from webapp.api.bodies import answer_of, page_of_list, read_json, submission
from webapp.api.queries import readable_instance, readable_task
from webapp.api.shapes import answer, document_item, instant, task_item
from webapp.clock import request_now
from webapp.conversation.talk import readers_of
from webapp.engine import change, engine
from webapp.extensions import db
from workflows.conversation.comments import CommentRow, add_comment, comment, comments_of, take_back_comment
from workflows.conversation.phrases import MOST_PHRASES, phrases_of, replace_phrases
from workflows.documents.files import documents_of
from workflows.engine.acting import belongs
from workflows.engine.copies import CopyRow, copies_of, mark_copies_read, send_copies
from workflows.engine.inbox_copies import copied_cases
from workflows.engine.reading import mark_task_read
from workflows.engine.urging import urge_case
from workflows.kernel.errors import Invalid, NotAllowed
from workflows.people.naming import people_named

_LARGEST_ID = 2**63 - 1


@blueprint.get("/copies")
def copies_to_me() -> Response:
    """The cases that were copied to me, the newest first."""
    limit, after = page_of_list()
    state = request.args.get("state", "all")
    if state not in ("all", "unread"):
        raise Invalid.at("state", "Choose one of the options.")
    rows, further = copied_cases(db.session(), current_actor(), limit=limit, after=after, unread_only=state == "unread")
    return answer({"items": [_case_copied(row) for row in rows], "next": further})


@blueprint.post("/copies/read")
def read_copies() -> Response:
    """Mark copies to me as read: those that are named, or all."""
    ids = _ids(read_json())
    with change() as session:
        count = mark_copies_read(session, employee_id=current_actor().id, copy_ids=ids, now=request_now())
    return answer({"read": count})


@blueprint.get(f"/instances/<{ID}:instance_id>/copies")
def instance_copies(instance_id: int) -> Response:
    """Who reads a case along."""
    readable_instance(db.session(), current_actor(), instance_id)
    return answer({"items": [_copy(row) for row in copies_of(db.session(), instance_id)], "next": None})


@blueprint.post(f"/instances/<{ID}:instance_id>/copies")
def send_instance_copies(instance_id: int) -> Response:
    """Send copies by hand. Whoever has one already keeps it."""
    said, actor = answer_of(CopyForm, read_json()), current_actor()
    readable_instance(db.session(), actor, instance_id)
    with change() as session:
        people = people_named(session, said["copy_to"], field="copy_to")
        send_copies(
            session,
            engine().audit_key,
            instance_id,
            employee_ids=people,
            note=said["note"] or "",
            actor=actor,
            now=request_now(),
        )
    return answer({"items": [_copy(row) for row in copies_of(db.session(), instance_id)], "next": None})


@blueprint.get(f"/instances/<{ID}:instance_id>/comments")
def instance_comments(instance_id: int) -> Response:
    """What was said about a case: the newest, the oldest of them first."""
    readable_instance(db.session(), current_actor(), instance_id)
    limit, _after = page_of_list()
    rows, earlier = comments_of(db.session(), instance_id, limit=limit, before=_before())
    return answer({"items": _comments(instance_id, rows), "next": str(earlier) if earlier else None})


@blueprint.post(f"/instances/<{ID}:instance_id>/comments")
def add_instance_comment(instance_id: int) -> Response:
    """Say something about a case."""
    said, actor, submitted = answer_of(CommentForm, read_json()), current_actor(), submission()
    readable_instance(db.session(), actor, instance_id)
    with change() as session:
        made = add_comment(
            session,
            instance_id,
            **said,
            key=submitted.key,
            actor=actor,
            may_read=readers_of(instance_id),
            now=request_now(),
        )
    return answer(_comments(instance_id, [comment(db.session(), made)])[0], 201)


@blueprint.post(f"/comments/<{ID}:comment_id>/take-back")
def take_back_instance_comment(comment_id: int) -> Response:
    """Take my own comment back."""
    _refuse_members()
    with change() as session:
        instance_id = take_back_comment(session, comment_id, actor=current_actor(), now=request_now())
    return answer(_comments(instance_id, [comment(db.session(), comment_id)])[0])


@blueprint.post(f"/instances/<{ID}:instance_id>/urge")
def urge_instance(instance_id: int) -> Response:
    """Urge whoever has my case on the desk."""
    _refuse_members()
    actor, submitted = current_actor(), submission()
    with change() as session:
        urged = urge_case(session, engine().audit_key, instance_id, key=submitted.key, actor=actor, now=request_now())
    return answer({"urged_at": instant(urged.urged_at), "task_ids": urged.task_ids})


@blueprint.post(f"/tasks/<{ID}:task_id>/read")
def read_task(task_id: int) -> Response:
    """Note that I have opened a task on my desk; reading it through the API alone does not."""
    _refuse_members()
    actor = current_actor()
    row = readable_task(db.session(), actor, task_id)
    if not belongs(row, actor):
        raise NotAllowed("This task is not yours.")
    with change() as session:
        mark_task_read(session, task_id, now=request_now())
    return answer(task_item(readable_task(db.session(), actor, task_id)))


@blueprint.get("/me/phrases")
def my_phrases() -> Response:
    """My stock phrases, in my order."""
    return answer(_phrases())


@blueprint.put("/me/phrases")
def keep_my_phrases() -> Response:
    """Keep exactly these phrases, in this order."""
    body = read_json()
    if not isinstance(body, dict) or set(body) != {"items"} or not isinstance(body["items"], list):
        raise Invalid.at("items", "This must be a list.")
    texts = [_phrase(each) for each in body["items"][: MOST_PHRASES + 1]]
    with change() as session:
        replace_phrases(session, current_actor().id, texts)
    return answer(_phrases())


def _before() -> int | None:
    said = request.args.get("before")
    try:
        return ident(said) if said else None
    except ValueError:
        raise Invalid.at("before", "This is not the place where a page ended.") from None


def _phrases() -> dict[str, Any]:
    return {"items": [each.text for each in phrases_of(db.session(), current_actor().id)]}


def _phrase(value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid.at("items", "This must be a text in quotation marks.")
    text = " ".join(value.split())
    if not text.isprintable():
        raise Invalid.at("items", "The text holds characters that cannot be stored.")
    return text


def _ids(body: Any) -> list[int] | None:
    if body == {}:
        return None
    ids = body.get("ids") if isinstance(body, dict) and set(body) == {"ids"} else None
    if not isinstance(ids, list):
        raise Invalid.at("ids", "This must be a list.")
    if not all(isinstance(each, int) and not isinstance(each, bool) and 0 < each <= _LARGEST_ID for each in ids):
        raise Invalid.at("ids", "This must be a whole number.")
    return ids


def _refuse_members() -> None:
    """Nothing is said here, so a body with members was meant for something else."""
    if read_json() != {}:
        raise Invalid.at("", "This request has no body.")


def _copy(row: CopyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "person": {"id": row.employee_id, "name": row.name},
        "copied_by": {"id": row.copied_by_id, "name": row.sender} if row.copied_by_id else None,
        "element": row.element_id or None,
        "note": row.note,
        "copied_at": instant(row.copied_at),
        "read_at": instant(row.read_at),
    }


def _case_copied(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "instance_id": row.instance_id,
        "process": row.process_key,
        "title": row.title,
        "status": row.status,
        "starter": {"id": row.starter_id, "name": row.starter_name},
        "copied_by": row.sender,
        "note": row.note,
        "copied_at": instant(row.copied_at),
        "read_at": instant(row.read_at),
    }


def _comments(instance_id: int, rows: list[CommentRow]) -> list[dict[str, Any]]:
    has_files = any(row.document_ids for row in rows)
    files = {each.id: each for each in documents_of(db.session(), [instance_id])} if has_files else {}
    return [
        {
            "id": row.id,
            "author": {"id": row.author_id, "name": row.author},
            "text": row.body,
            "said_at": instant(row.said_at),
            "withdrawn_at": instant(row.withdrawn_at),
            "mentions": [{"id": ident_, "name": name} for ident_, name, _ in row.mentions],
            "attachments": [document_item(files[each]) for each in row.document_ids if each in files],
        }
        for row in rows
    ]
