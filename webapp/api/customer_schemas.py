"""The JSON Schemas of customers, their parameters and routes, for the description."""

from typing import Any

from forms.customers import VisitForm
from forms.json import json_schema
from webapp.api.schemas import ID, WORD, Schema, items_of, perhaps, record, ref
from workflows.customers.model import ContactKind, Grade, Standing, VisitKind
from workflows.customers.scope import Slice

_DAY: Schema = {"type": "string", "format": "date"}
_NAMED = record({"id": ID, "name": WORD})
_GRADE: Schema = {"enum": [each.value for each in Grade]}
_STANDING: Schema = {"enum": [each.value for each in Standing]}
_MASKED: Schema = {**WORD, "description": "Masked: what it hides is opened on the page, which is written down."}
_FACTS: dict[str, Schema] = {
    "id": ID, "name": WORD, "industry": WORD, "grade": _GRADE, "standing": _STANDING, "owner": _NAMED,
    "last_contact_on": perhaps(_DAY), "follow_up_on": _DAY, "is_archived": {"type": "boolean"},
}  # fmt: skip
_CONTACT = record(
    {
        "id": ID, "name": _MASKED, "phone": _MASKED, "position": WORD, "department": WORD,
        "kind": {"enum": [each.value for each in ContactKind]}, "reports_to_id": perhaps(ID),
        "is_main": {"type": "boolean"},
    }
)  # fmt: skip
_VISIT = record(
    {
        "id": ID, "kind": {"enum": [each.value for each in VisitKind]}, "visited_on": _DAY, "visitors": WORD,
        "content": WORD, "result": WORD, "problems": WORD, "instance_id": perhaps(ID), "recorded_by": _NAMED,
    }
)  # fmt: skip
_SCHEMAS: dict[str, Schema] = {
    "CustomerList": items_of("CustomerCard"),
    "CustomerCard": record({**_FACTS, "contact": perhaps(_MASKED), "phone": perhaps(_MASKED)}),
    "Customer": record(
        {
            **_FACTS,
            **dict.fromkeys(("source", "website", "address", "business", "needs", "budget", "schedule"), WORD),
            "contacts": {"type": "array", "items": _CONTACT, "description": "Empty for finance."},
            "visits": {"type": "array", "items": _VISIT, "description": "The latest; empty for finance."},
        }
    ),
    "RecordedVisit": record({"id": ID}),
}

CUSTOMER_PARAMETERS: dict[str, Schema] = {
    "customer_id": {"name": "customer_id", "in": "path", "required": True, "schema": ID},
    "customer_search": {
        "name": "q", "in": "query", "schema": WORD,
        "description": "A part of the name, its pinyin or initials, a telephone number or its last four digits.",
    },
    "customer_grade": {"name": "grade", "in": "query", "schema": _GRADE},
    "customer_standing": {"name": "standing", "in": "query", "schema": _STANDING},
    "customer_industry": {"name": "industry", "in": "query", "schema": WORD},
    "customer_owner": {"name": "owner", "in": "query", "schema": WORD, "description": "The owner's login or name."},
    "customer_due": {"name": "due", "in": "query", "schema": WORD, "description": "1: whose follow-up is due."},
    "customer_archived": {"name": "archived", "in": "query", "schema": WORD, "description": "1: archived ones."},
    "customer_part": {
        "name": "part", "in": "query", "schema": {"enum": [each.value for each in Slice], "default": Slice.ALL.value},
        "description": "Of what you may see: your own, your departments', or all of it.",
    },
}  # fmt: skip


def customer_schemas() -> dict[str, Schema]:
    """The schemas, with the titles of fields in the language of the request."""
    return _SCHEMAS | {"VisitFields": json_schema(VisitForm)}


def customer_operations() -> list[dict[str, Any]]:
    """The rows of ``OPERATIONS``."""
    visit = {"kind": "phone", "visited_on": "2026-03-10", "visitors": "Zhang", "content": "Plans", "result": "A quote"}
    body = {"required": True, "content": {"application/json": {"schema": ref("VisitFields"), "example": visit}}}
    narrowed = tuple(name for name in CUSTOMER_PARAMETERS if name != "customer_id")
    return [
        {
            "endpoint": "customers", "method": "get", "path": "/customers", "summary": "The customers that I see",
            "gives": "CustomerList", "problems": (401, 403, 422), "parameters": (*narrowed, "limit", "after"),
        },
        {
            "endpoint": "customer", "method": "get", "path": "/customers/{customer_id}", "gives": "Customer",
            "summary": "One customer, contacts masked", "problems": (401, 403, 404), "parameters": ("customer_id",),
        },
        {
            "endpoint": "record_visit", "method": "post", "path": "/customers/{customer_id}/visits", "status": 201,
            "summary": "Record a visit; sent twice within ten minutes it is recorded once", "gives": "RecordedVisit",
            "problems": (400, 401, 403, 404, 409, 413, 415, 422), "takes": body, "parameters": ("customer_id",),
        },
    ]  # fmt: skip
