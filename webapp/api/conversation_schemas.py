"""How the description names what is said around a case: its operations, bodies and answers."""

from typing import Any

from forms.conversation import CommentForm, CopyForm
from forms.json import json_schema
from webapp.api.schemas import ID, INSTANT, WORD, Schema, items_of, perhaps, record, ref
from workflows.conversation.model import LONGEST_PHRASE
from workflows.conversation.phrases import MOST_PHRASES
from workflows.people.naming import MOST_PEOPLE

_PERSON = ref("Person")
#: What may stand beside the fields of a step.
BESIDE: dict[str, Schema] = {
    "copy_to": {
        "type": "array",
        "items": {"type": "string", "maxLength": 64},
        "maxItems": MOST_PEOPLE,
        "description": "Logins or full names of people who get a copy once the step is taken.",
    },
    "copy_note": {"type": "string", "maxLength": 500},
}
_SCHEMAS: dict[str, Schema] = {
    "Copy": record(
        {
            "id": ID,
            "person": _PERSON,
            "copied_by": {**perhaps(_PERSON), "description": "Null where the diagram says so."},
            "element": {**perhaps(WORD), "description": "The step that it was sent with; null for one sent by hand."},
            "note": WORD,
            "copied_at": INSTANT,
            "read_at": perhaps(INSTANT),
        }
    ),
    "CopyList": items_of("Copy"),
    "CopiedCase": record(
        {
            "id": ID,
            "instance_id": ID,
            "process": WORD,
            "title": WORD,
            "status": ref("InstanceStatus"),
            "starter": _PERSON,
            "copied_by": perhaps(WORD),
            "note": WORD,
            "copied_at": INSTANT,
            "read_at": perhaps(INSTANT),
        }
    ),
    "CopiedCaseList": items_of("CopiedCase"),
    "ReadCount": record({"read": {"type": "integer", "minimum": 0, "description": "How many were unread."}}),
    "Comment": record(
        {
            "id": ID,
            "author": _PERSON,
            "text": {**perhaps(WORD), "description": "Null once it was taken back. Plain text."},
            "said_at": INSTANT,
            "withdrawn_at": perhaps(INSTANT),
            "mentions": {"type": "array", "items": _PERSON},
            "attachments": {"type": "array", "items": ref("Document")},
        }
    ),
    "CommentList": items_of("Comment"),
    "Urged": record({"urged_at": INSTANT, "task_ids": {"type": "array", "items": ID}}),
    "Phrases": record(
        {
            "items": {
                "type": "array",
                "items": {"type": "string", "minLength": 1, "maxLength": LONGEST_PHRASE},
                "maxItems": MOST_PHRASES,
            }
        }
    ),
}
CONVERSATION_PARAMETERS: dict[str, Schema] = {
    "comment_id": {"name": "comment_id", "in": "path", "required": True, "schema": ID},
    "copy_state": {"name": "state", "in": "query", "schema": {"enum": ["all", "unread"], "default": "all"}},
}

_CASE = ("instance_id",)
_KEYED = ("instance_id", "idempotency_key")
_READS_ONE = (401, 404)
_CHANGES = (400, 401, 403, 404, 409, 413, 415, 422)


def _body(schema: Schema, example: dict[str, Any], *, is_required: bool = True) -> dict[str, Any]:
    return {"required": is_required, "content": {"application/json": {"schema": schema, "example": example}}}


def _nothing() -> dict[str, Any]:
    empty: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
    return {"required": False, "content": {"application/json": {"schema": empty}}}


def conversation_schemas() -> dict[str, Schema]:
    """The schemas, with the titles of fields in the language of the request."""
    return _SCHEMAS | {"CommentFields": json_schema(CommentForm), "CopyFields": json_schema(CopyForm)}


def conversation_operations() -> list[dict[str, Any]]:
    """One row a route, as ``webapp.api.openapi.Operation`` takes it."""
    ids: Schema = {
        "type": "object",
        "properties": {"ids": {"type": "array", "items": ID}},
        "additionalProperties": False,
    }
    copy = {"copy_to": ["sales_assistant"], "note": "For the file."}
    said = {"text": "@sales_director The hotel is booked.", "tell": [], "attachments": []}
    phrases = {"items": ["Agreed.", "Please give more details."]}
    comment_form, copy_form = ref("CommentFields"), ref("CopyFields")
    rows: list[tuple[str, str, str, str, str, tuple[int, ...], dict[str, Any]]] = [
        ("copies_to_me", "get", "/copies", "What was copied to me, the newest first", "CopiedCaseList", (401, 422),
         {"parameters": ("copy_state", "limit", "after")}),
        ("read_copies", "post", "/copies/read", "Mark copies to me as read, all unless some are named", "ReadCount",
         (400, 401, 413, 415, 422), {"takes": _body(ids, {"ids": [17]}, is_required=False)}),
        ("instance_copies", "get", "/instances/{instance_id}/copies", "Who reads a case along", "CopyList",
         _READS_ONE, {"parameters": _CASE}),
        ("send_instance_copies", "post", "/instances/{instance_id}/copies", "Send copies by hand", "CopyList",
         _CHANGES, {"parameters": _CASE, "takes": _body(copy_form, copy)}),
        ("instance_comments", "get", "/instances/{instance_id}/comments", "What was said about a case", "CommentList",
         (401, 404, 422), {"parameters": (*_CASE, "limit", "before")}),
        ("add_instance_comment", "post", "/instances/{instance_id}/comments", "Say something about a case", "Comment",
         _CHANGES, {"parameters": _KEYED, "takes": _body(comment_form, said), "status": 201}),
        ("take_back_instance_comment", "post", "/comments/{comment_id}/take-back",
         "Take my comment back, within five minutes", "Comment", _CHANGES,
         {"parameters": ("comment_id",), "takes": _nothing()}),
        ("urge_instance", "post", "/instances/{instance_id}/urge", "Urge whoever has my case on the desk", "Urged",
         _CHANGES, {"parameters": _KEYED, "takes": _nothing()}),
        ("read_task", "post", "/tasks/{task_id}/read", "Note that I have opened a task on my desk", "Task", _CHANGES,
         {"parameters": ("task_id",), "takes": _nothing()}),
        ("my_phrases", "get", "/me/phrases", "My stock phrases", "Phrases", (401,), {}),
        ("keep_my_phrases", "put", "/me/phrases", "Keep exactly these phrases, in this order", "Phrases",
         (400, 401, 413, 415, 422), {"takes": _body(ref("Phrases"), phrases)}),
    ]  # fmt: skip
    names = ("endpoint", "method", "path", "summary", "gives", "problems")
    return [dict(zip(names, row[:6], strict=True)) | row[6] for row in rows]
