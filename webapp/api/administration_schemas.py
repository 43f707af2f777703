"""How the description names what administrators do: operations, bodies and answers."""

from typing import Any

from forms.administration import JumpForm, ReasonForm, ReassignForm, SuccessionForm
from forms.json import json_schema
from webapp.api.examples import RESULT
from webapp.api.schemas import ID, INSTANT, WORD, Schema, perhaps, record, ref

_DAY: Schema = {"type": "string", "format": "date"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_HINDRANCE: Schema = {**perhaps(WORD), "description": "Why the successor may not have it; null where they may."}
_COVER = {"type": "array", "items": record({"person": ref("Person"), "until": _DAY})}
_SCHEMAS: dict[str, Schema] = {
    "WorkTask": record(
        {
            "id": ID,
            "instance_id": ID,
            "process": WORD,
            "element": WORD,
            "name": WORD,
            "title": WORD,
            "status": {"enum": ["open", "waiting"]},
            "opened_at": INSTANT,
            "due_at": perhaps(INSTANT),
            "hindrance": _HINDRANCE,
            "instead": {
                **perhaps(record({"person": perhaps(ref("Person")), "group_role": perhaps(WORD)})),
                "description": "Where the rule takes what the successor may not have.",
            },
        }
    ),
    "Work": record(
        {
            "person": ref("Person"),
            "tasks": {"type": "array", "items": ref("WorkTask")},
            "departments": {"type": "array", "items": record({"id": ID, "name": WORD})},
            "reports": {"type": "array", "items": record({"id": ID, "name": WORD, "hindrance": _HINDRANCE})},
            "stands_in": {**_COVER, "description": "For whom they stand in, now or later."},
            "represented_by": {**_COVER, "description": "Who stands in for them, now or later."},
        }
    ),
    "HandedOver": record(
        {"taken": _COUNT, "elsewhere": _COUNT, "departments": _COUNT, "reports": _COUNT, "customers": _COUNT,
         "registrations": _COUNT}
    ),
}
ADMINISTRATION_PARAMETERS: dict[str, Schema] = {
    "login": {"name": "login", "in": "path", "required": True, "schema": WORD, "example": "sales_manager"},
    "to": {
        "name": "to", "in": "query", "schema": WORD, "description": "The successor, by login or name, for a preview.",
    },
}  # fmt: skip
_CHANGES = (400, 401, 403, 404, 409, 413, 415, 422)


def _body(fields: str, example: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": ref(fields), "example": example}}}


def administration_schemas() -> dict[str, Schema]:
    """The schemas, with the titles of fields in the language of the request."""
    forms = {
        "ReasonFields": ReasonForm, "JumpFields": JumpForm, "ReassignFields": ReassignForm,
        "SuccessionFields": SuccessionForm,
    }  # fmt: skip
    return _SCHEMAS | {name: json_schema(form) for name, form in forms.items()}


def administration_operations() -> list[dict[str, Any]]:
    """Give the rows of ``openapi.OPERATIONS``."""
    why = {"reason": "Entered twice."}
    acts = [
        ("suspend", "Keep a case from moving", "ReasonFields", why),
        ("resume", "Let a suspended case go on", "ReasonFields", why),
        ("jump", "Take a case back to a step that it has passed", "JumpFields", {"element": "manager_approval", **why}),
        ("terminate", "End a case for good", "ReasonFields", why),
    ]
    rows = [
        {
            "endpoint": f"{act}_instance",
            "method": "post",
            "path": f"/instances/{{instance_id}}/{act}",
            "summary": f"{summary}; for administrators",
            "gives": "Result",
            "problems": _CHANGES,
            "takes": _body(fields, example),
            "parameters": ("instance_id", "idempotency_key"),
            "example": RESULT,
        }
        for act, summary, fields, example in acts
    ]
    rows.append(
        {
            "endpoint": "reassign_task",
            "method": "post",
            "path": "/tasks/{task_id}/reassign",
            "summary": "Put a task on somebody's desk; for administrators",
            "gives": "Result",
            "problems": _CHANGES,
            "takes": _body("ReassignFields", {"to": "sales_manager2", **why}),
            "parameters": ("task_id", "idempotency_key"),
            "example": RESULT,
        }
    )
    rows.append(
        {
            "endpoint": "work",
            "method": "get",
            "path": "/people/{login}/work",
            "summary": "What lies on somebody's desk, and where it would go; for administrators",
            "gives": "Work",
            "problems": (401, 403, 404, 422),
            "parameters": ("login", "to"),
        }
    )
    rows.append(
        {
            "endpoint": "hand_work_over",
            "method": "post",
            "path": "/people/{login}/work",
            "summary": "Hand a leaver's work over in one act; for administrators",
            "gives": "HandedOver",
            "problems": _CHANGES,
            "takes": _body("SuccessionFields", {"to": "sales_manager2", "departments": [3], "reason": "Leaves."}),
            "parameters": ("login",),
        }
    )
    return rows
