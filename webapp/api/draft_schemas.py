"""How the description names drafts, copies of cases and approving together."""

from typing import Any

from webapp.api.examples import ADVANCE
from webapp.api.schemas import ID, INSTANT, WORD, Schema, items_of, perhaps, record, ref
from workflows.engine.batch import MOST_AT_ONCE

_KEY: Schema = {"type": "string", "format": "uuid", "examples": ["6f1d2f8e-5a0c-4a52-9d57-0d0d2f0d9b1e"]}
_FIELDS: Schema = {"type": "object", "description": "The members of the start form, as far as they are filled in."}
_REVISION: Schema = {"type": "integer", "minimum": 0, "description": "The revision of the task that was read."}
#: What may stand beside the fields of a new case.
BEGUN: dict[str, Schema] = {
    "draft": {**_KEY, "description": "The draft that this was begun as; it is gone once the case has started."},
    "copied_from": {**ID, "description": "My own case that this is a copy of."},
}
_HEAD: dict[str, Schema] = {
    "key": _KEY,
    "process": WORD,
    "title": WORD,
    "copied_from": perhaps(ID),
    "saved_at": INSTANT,
}
DRAFT_SCHEMAS: dict[str, Schema] = {
    "DraftHead": record(_HEAD),
    "DraftList": items_of("DraftHead"),
    "Draft": record({**_HEAD, "fields": _FIELDS}),
    "Discarded": record({"discarded": {"type": "boolean", "description": "Whether there was one."}}),
    "CopiedValues": record(
        {
            "process": WORD,
            "fields": {**_FIELDS, "description": "Documents are those of the old case: the copy takes copies."},
            "emptied": {"type": "array", "items": WORD, "description": "Left empty because their day has passed."},
        }
    ),
    "Approved": record(
        {"task_id": ID, "is_approved": {"type": "boolean"}},
        result=ref("Result"),
        problem=ref("Problem"),
    ),
    "ApprovedList": record({"items": {"type": "array", "items": ref("Approved")}}),
}
DRAFT_PARAMETERS: dict[str, Schema] = {
    "draft": {
        "name": "draft", "in": "path", "required": True, "schema": _KEY,
        "description": "Chosen by whoever keeps the draft, so that keeping it twice keeps one.",
    },
}  # fmt: skip


def _body(example: dict[str, Any], **members: Schema) -> dict[str, Any]:
    schema: Schema = {
        "type": "object", "required": [name for name in members if name != "opinion"], "properties": members,
        "additionalProperties": False,
    }  # fmt: skip
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def draft_operations() -> list[dict[str, Any]]:
    """One row a route, as ``webapp.api.openapi.Operation`` takes it."""
    draft, case = ("draft",), ("instance_id",)
    chosen: Schema = {
        "type": "array", "minItems": 1, "maxItems": MOST_AT_ONCE,
        "items": {"type": "object", "required": ["id", "revision"], "properties": {"id": ID, "revision": _REVISION},
                  "additionalProperties": False},
    }  # fmt: skip
    kept = _body({"process": "expense_advance", "fields": ADVANCE}, process=WORD, fields=_FIELDS)
    copied = _body({"draft": _KEY["examples"][0]}, draft=_KEY)
    approved = _body(
        {"tasks": [{"id": 17, "revision": 1}], "opinion": "Agreed."},
        tasks=chosen,
        opinion={"type": "string", "maxLength": 1000},
    )
    rows: list[tuple[str, str, str, str, str, tuple[int, ...], dict[str, Any]]] = [
        ("drafts", "get", "/drafts", "What I began and have not sent", "DraftList", (401,), {}),
        ("draft", "get", "/drafts/{draft}", "One of my drafts", "Draft", (401, 404), {"parameters": draft}),
        ("keep_draft", "put", "/drafts/{draft}", "Keep a request as a draft, complete or not", "Draft",
         (400, 401, 403, 404, 413, 415, 422), {"parameters": draft, "takes": kept}),
        ("discard_draft", "delete", "/drafts/{draft}", "Throw a draft away", "Discarded", (401, 404),
         {"parameters": draft}),
        ("copied_values", "get", "/instances/{instance_id}/copy", "What a copy of my case would start with",
         "CopiedValues", (401, 403, 404, 422), {"parameters": case}),
        ("copy_instance", "post", "/instances/{instance_id}/copy", "Begin a draft as a copy of my case", "Draft",
         (400, 401, 403, 404, 413, 415, 422), {"parameters": case, "takes": copied}),
        ("approve_tasks", "post", "/tasks/approve", "Approve several tasks, each by itself", "ApprovedList",
         (400, 401, 413, 415, 422), {"parameters": ("idempotency_key",), "takes": approved}),
    ]  # fmt: skip
    names = ("endpoint", "method", "path", "summary", "gives", "problems")
    return [dict(zip(names, row[:6], strict=True)) | row[6] for row in rows]
