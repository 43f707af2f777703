"""The description of the API in OpenAPI 3.1: every route, every answer, every form.

``OPERATIONS`` has one row a route; a test holds it against the routes that exist. The fields of each process's forms
are described by the forms themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forms.json import json_schema
from forms.registry import FORMS
from webapp.api.administration_schemas import (
    ADMINISTRATION_PARAMETERS,
    administration_operations,
    administration_schemas,
)
from webapp.api.approvals_schemas import APPROVALS_SCHEMAS, approvals_operations, common_schemas
from webapp.api.bodies import MOST_ITEMS, USUAL_ITEMS
from webapp.api.conversation_schemas import (
    BESIDE,
    CONVERSATION_PARAMETERS,
    conversation_operations,
    conversation_schemas,
)
from webapp.api.customer_schemas import CUSTOMER_PARAMETERS, customer_operations, customer_schemas
from webapp.api.draft_schemas import BEGUN, DRAFT_PARAMETERS, DRAFT_SCHEMAS, draft_operations
from webapp.api.examples import ADVANCE, DECISION, RESULT, STALE
from webapp.api.figures_schemas import FIGURES_PARAMETERS, FIGURES_SCHEMAS
from webapp.api.notice_schemas import NOTICE_PARAMETERS, NOTICE_SCHEMAS, PREFERENCES_BODY, READ_BODY
from webapp.api.problems import PROBLEM_JSON
from webapp.api.product_schemas import PRODUCT_PARAMETERS, PRODUCT_SCHEMAS
from webapp.api.sale_schemas import SALE_PARAMETERS, SALE_SCHEMAS, sale_operations
from webapp.api.schemas import ID, SCHEMAS, ref

_REASONS = {
    400: "The body is not JSON, or the Idempotency-Key is missing.",
    401: "No token, or one that is unknown, revoked or expired, or whose person is disabled.",
    403: "This is not yours to do.",
    404: "There is no such thing, or none that you may know of.",
    409: "The case has moved on: decided already, withdrawn, changed since (stale_revision), or busy.",
    413: "The body is too large.",
    415: "The body has another media type than this address takes.",
    422: "Fields that do not fit, or an Idempotency-Key that was used with another request.",
}
_READS = (401,)
_READS_ONE = (401, 404)
_CHANGES = (400, 401, 403, 404, 409, 413, 415, 422)


@dataclass(frozen=True, slots=True)
class Operation:
    """One route: its endpoint in ``webapp.api``, what it gives and takes."""

    endpoint: str
    method: str
    path: str
    summary: str
    gives: str
    problems: tuple[int, ...]
    status: int = 200
    takes: Mapping[str, Any] | None = None
    parameters: tuple[str, ...] = field(default=())
    example: Mapping[str, Any] | None = None


def _body(schema: Mapping[str, Any], example: Mapping[str, Any] | None, *, is_required: bool = True) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"required": is_required, "content": {"application/json": content}}


def _envelope(beside: Mapping[str, Any] | None = None, /, **members: Any) -> dict[str, Any]:
    """What must be said, and what may stand ``beside`` it."""
    known = {**members, **(beside or {})}
    return {"type": "object", "required": list(members), "properties": known, "additionalProperties": False}


_NOTHING = _body(_envelope(), None, is_required=False)
_CALENDAR_DAY = _body(
    {
        "type": "object",
        "required": ["works"],
        "properties": {
            "works": {
                "type": ["boolean", "null"],
                "description": "Whether the company works on it; null for what the public calendar says.",
            },
            "note": {"type": "string", "maxLength": 200, "description": "Why; needed unless works is null."},
        },
        "additionalProperties": False,
    },
    {"works": False, "note": "Company outing"},
)
_WITHDRAWAL = _body(
    {"type": "object", "properties": {"reason": {"type": "string", "maxLength": 500}}, "additionalProperties": False},
    {"reason": "The trip was called off."},
    is_required=False,
)
_UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": _envelope(file={"type": "string", "contentMediaType": "application/octet-stream"})
        }
    },
}


def _operations() -> list[Operation]:
    revision = {"type": "integer", "minimum": 0, "description": "The revision of the task that was read."}
    decided = {"revision": 1, "fields": DECISION}
    answered = _body(_envelope(BESIDE, revision=revision, fields=ref("TaskFields")), decided)
    started = _body(_envelope(BESIDE | BEGUN, fields=ref("StartFields")), {"fields": ADVANCE})
    of_task, of_case, key = ("task_id",), ("instance_id",), "idempotency_key"
    return [
        Operation("me", "get", "/me", "Who the token speaks for", "Me", _READS),
        Operation(
            "tasks", "get", "/tasks", "What waits for me, or what I have done", "TaskList", (401, 422),
            parameters=("state", "limit", "after"),
        ),
        Operation("task", "get", "/tasks/{task_id}", "One task with its form", "TaskWithForm", _READS_ONE,
                  parameters=of_task),
        Operation("complete_task", "post", "/tasks/{task_id}/complete", "Answer a task", "Result", _CHANGES,
                  takes=answered, parameters=(*of_task, key), example=RESULT),
        Operation("claim_task", "post", "/tasks/{task_id}/claim", "Take a task from my group's desk", "Task",
                  _CHANGES, takes=_NOTHING, parameters=of_task),
        Operation("release_task", "post", "/tasks/{task_id}/release", "Put a claimed task back", "Task", _CHANGES,
                  takes=_NOTHING, parameters=of_task),
        Operation("processes", "get", "/processes", "The processes and the forms that start them", "ProcessList",
                  _READS),
        Operation("start_instance", "post", "/processes/{key}/instances", "Start a case", "Result", _CHANGES,
                  status=201, takes=started, parameters=("key", key), example=RESULT),
        Operation("instance", "get", "/instances/{instance_id}", "One case and what it waits for", "Instance",
                  _READS_ONE, parameters=of_case),
        Operation("instance_history", "get", "/instances/{instance_id}/history", "All that happened in a case",
                  "History", _READS_ONE, parameters=of_case),
        Operation("withdraw_instance", "post", "/instances/{instance_id}/withdraw", "Call my own case back", "Result",
                  _CHANGES, takes=_WITHDRAWAL, parameters=(*of_case, key), example=RESULT),
        Operation("act_on_instance", "post", "/instances/{instance_id}/acts/{act}",
                  "Do something to a case besides answering its tasks", "Result", _CHANGES,
                  takes=_body(_envelope(BESIDE, fields=ref("ActFields")), None),
                  parameters=(*of_case, "act", key), example=RESULT),
        Operation("upload_document", "post", "/documents", "Hand in a file, to be named in a form afterwards",
                  "Document", (401, 413, 415, 422), status=201, takes=_UPLOAD),
        Operation("notices", "get", "/me/notices", "What I was told: unread, or read", "NoticeList", (401, 422),
                  parameters=("notice_state", "limit", "before")),
        Operation("read_notices", "post", "/me/notices/read", "Mark my notices as read", "Unread",
                  (400, 401, 413, 415, 422), takes=_body(READ_BODY, {"up_to": 17}, is_required=False)),
        Operation("notice_preferences", "get", "/me/notices/preferences", "What I want to hear, by which channel",
                  "NoticePreferences", _READS),
        Operation("keep_notice_preferences", "put", "/me/notices/preferences", "Say what I want to hear",
                  "NoticePreferences", (400, 401, 413, 415, 422),
                  takes=_body(PREFERENCES_BODY, {"preferences": {"copied": {"mail": "digest"}}})),
        Operation("figures", "get", "/figures", "How long work waits, by step, department, person and month", "Figures",
                  (401, 403, 422), parameters=tuple(FIGURES_PARAMETERS)),
        *(Operation(**row) for row in conversation_operations()),
        *(Operation(**row) for row in administration_operations()),
        *(Operation(**row) for row in approvals_operations()),
        *(Operation(**row) for row in draft_operations()),
        Operation("products", "get", "/products", "What is for sale today, with its prices", "Products",
                  (401, 403, 422), parameters=tuple(PRODUCT_PARAMETERS)),
        *(Operation(**row) for row in customer_operations()),
        *(Operation(**row) for row in sale_operations()),
        Operation("calendar", "get", "/calendar", "The working days of a year", "Calendar", (401, 422),
                  parameters=("year",)),
        Operation("change_calendar_day", "put", "/calendar/{day}", "Change a day; for administrators", "CalendarDay",
                  (400, 401, 403, 404, 413, 415, 422), takes=_CALENDAR_DAY, parameters=("day",)),
    ]  # fmt: skip


OPERATIONS = _operations()

_PARAMETERS: dict[str, dict[str, Any]] = {
    "task_id": {"name": "task_id", "in": "path", "required": True, "schema": ID},
    "instance_id": {"name": "instance_id", "in": "path", "required": True, "schema": ID},
    "key": {
        "name": "key", "in": "path", "required": True, "schema": {"type": "string"}, "example": "expense_advance",
        "description": "The key of a process.",
    },
    "act": {
        "name": "act", "in": "path", "required": True, "schema": {"type": "string"}, "example": "record_receipt",
        "description": "What is done, by the key of its form.",
    },
    "year": {
        "name": "year", "in": "query", "schema": {"type": "integer", "minimum": 2000, "maximum": 2099},
        "description": "This year unless said.",
    },
    "day": {
        "name": "day", "in": "path", "required": True, "schema": {"type": "string", "format": "date"},
        "example": "2026-12-31",
    },
    "state": {"name": "state", "in": "query", "schema": {"enum": ["open", "done"], "default": "open"}},
    "limit": {
        "name": "limit", "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": USUAL_ITEMS},
    },
    "after": {
        "name": "after", "in": "query", "schema": {"type": "string"},
        "description": "The next of the page before.",
    },
    "idempotency_key": {
        "name": "Idempotency-Key", "in": "header", "required": True,
        "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,120}$"},
        "example": "6f1d2f8e-5a0c-4a52-9d57-0d0d2f0d9b1e",
        "description": "Names this submission for ever. Sent again with the same request it gives the same answer.",
    },
}  # fmt: skip


def description() -> dict[str, Any]:
    """Give the whole description, with the titles of fields in the language of the request."""
    paths: dict[str, dict[str, Any]] = {
        "/openapi.json": {
            "get": {
                "operationId": "openapi", "summary": "This description", "security": [],
                "responses": {"200": {"description": "OpenAPI 3.1",
                                      "content": {"application/json": {"schema": {"type": "object"}}}}},
            }
        }
    }  # fmt: skip
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "salesflow",
            "version": "1",
            "description": "Tasks and cases of the company. Answers carry members that are not named here; ignore "
            "what you do not know. Every error is a problem (RFC 9457).",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "parameters": _PARAMETERS
            | ADMINISTRATION_PARAMETERS
            | CONVERSATION_PARAMETERS
            | DRAFT_PARAMETERS
            | FIGURES_PARAMETERS
            | PRODUCT_PARAMETERS
            | CUSTOMER_PARAMETERS
            | SALE_PARAMETERS
            | NOTICE_PARAMETERS,
            "schemas": SCHEMAS
            | administration_schemas()
            | APPROVALS_SCHEMAS
            | conversation_schemas()
            | DRAFT_SCHEMAS
            | FIGURES_SCHEMAS
            | PRODUCT_SCHEMAS
            | customer_schemas()
            | SALE_SCHEMAS
            | NOTICE_SCHEMAS
            | _form_schemas(),
            "responses": {str(status): _problem(status) for status in _REASONS},
        },
    }


def _described(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": ref(operation.gives)}
    if operation.example is not None:
        content["example"] = operation.example
    given: dict[str, Any] = {"description": operation.summary, "content": {"application/json": content}}
    if operation.status == 201 and operation.endpoint == "start_instance":  # noqa: PLR2004 (the code's own name)
        given["headers"] = {"Location": {"schema": {"type": "string"}, "description": "Where the case is found."}}
    described: dict[str, Any] = {
        "operationId": operation.endpoint,
        "summary": operation.summary,
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in operation.parameters],
        "responses": {
            str(operation.status): given,
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in operation.problems},
        },
    }
    if operation.takes is not None:
        described["requestBody"] = operation.takes
    return described


def _problem(status: int) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": ref("Problem")}
    if status == STALE["status"]:
        content["example"] = STALE
    answer: dict[str, Any] = {"description": _REASONS[status], "content": {PROBLEM_JSON: content}}
    if status == 401:  # noqa: PLR2004 (the code's own name)
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return answer


def _form_schemas() -> dict[str, Any]:
    """The fields of every step: ``expense_advance.director_opinion``, and the choices among them."""
    forms = {f"{process}.{element}": json_schema(form) for (process, element), form in FORMS.items()}
    forms |= common_schemas()
    anyone = {"anyOf": [ref(name) for name in forms]}
    return {**forms, "TaskFields": anyone, "StartFields": anyone, "ActFields": anyone}
