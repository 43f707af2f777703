"""The JSON Schemas of sales, their parameters and routes, for the description."""

from typing import Any

from webapp.api.schemas import ID, INSTANT, WORD, Schema, perhaps, record, ref
from workflows.customers.scope import Slice
from workflows.products.model import ProductKind
from workflows.sale.finding import SORTS
from workflows.sale.model import SaleStatus

_YUAN: Schema = {"type": "string", "format": "decimal", "examples": ["300000.00"], "description": "Yuan."}
_NUMBER: Schema = {"type": "string", "format": "decimal"}
_DAY: Schema = {"type": "string", "format": "date"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FLAG: Schema = {"type": "boolean"}
_STAGE: Schema = {
    "type": "integer", "minimum": 1, "maximum": 5,
    "description": "1 information, 2 initiation, 3 negotiation, 4 purchase, 5 after-sales.",
}  # fmt: skip
_STATUS: Schema = {"type": "string", "enum": [each.value for each in SaleStatus]}
_NAMED = record({"id": ID, "name": WORD})
_CUSTOMER = record({"id": ID, "name": WORD, "grade": {"enum": ["A", "B", "C", "D"]}})
_STANDING: dict[str, Schema] = {
    "stage": _STAGE,
    "status": _STATUS,
    "stage_since": INSTANT,
    "expected": _YUAN,
    "expected_on": _DAY,
}


def _list(name: str) -> Schema:
    return {"type": "array", "items": ref(name)}


SALE_SCHEMAS: dict[str, Schema] = {
    "SaleList": record({"items": _list("SaleCard"), "next": perhaps(WORD)}),
    "SaleCard": record(
        {
            "id": ID,
            "instance_id": {**ID, "description": "The case of the sale, for its tasks, acts and history."},
            "number": {**WORD, "examples": ["XS-2026-000001"]},
            "title": WORD,
            "customer": _CUSTOMER,
            "owner": _NAMED,
            **_STANDING,
            "task": {
                **perhaps(record({"id": ID, "element": WORD, "assignee_id": perhaps(ID)})),
                "description": "The first of the tasks that the sale waits for.",
            },
        }
    ),
    "Sale": record(
        {
            "id": ID,
            "instance_id": {**ID, "description": "The case of the sale, for its tasks, acts and history."},
            "number": WORD,
            "title": WORD,
            "customer": _CUSTOMER,
            "product_line": _NAMED,
            "owner": _NAMED,
            "department": _NAMED,
            **_STANDING,
            "contracted": _YUAN,
            "received": {**_YUAN, "description": "Yuan that came in, without what was reversed."},
            "refunded": _YUAN,
            "owed": _YUAN,
            "needs": WORD,
            "decision_makers": WORD,
            "budget": perhaps(_YUAN),
            "competitors": WORD,
            "visits": _COUNT,
            "registered_at": INSTANT,
            "lapses_on": {**perhaps(_DAY), "description": "Null once a contract is signed."},
            "registration_ended_why": perhaps(WORD),
            "stopped_reason": perhaps(WORD),
            "stopped_words": perhaps(WORD),
            "resume_on": perhaps(_DAY),
            "accepted_on": perhaps(_DAY),
            "satisfaction": perhaps({"type": "integer", "minimum": 1, "maximum": 5}),
            "customer_word": WORD,
            "created_at": INSTANT,
            "closed_at": perhaps(INSTANT),
            "quotations": _list("Quotation"),
            "contracts": _list("Contract"),
            "milestones": _list("Milestone"),
            "order_lines": _list("OrderLine"),
            "entries": _list("LedgerEntry"),
            "moves": _list("SaleMove"),
            "acts": {
                "type": "array", "items": WORD, "examples": [["record_receipt", "record_cost"]],
                "description": "What you may do to it now: POST /instances/{instance_id}/acts/{act}.",
            },
        }
    ),
    "Quotation": record(
        {
            "id": ID,
            "version": {"type": "integer", "minimum": 1},
            "status": {"enum": ["offered", "accepted", "refused", "expired", "replaced"]},
            "total": _YUAN,
            "discount_percent": {**_NUMBER, "description": "Off list prices, all items together."},
            "is_below_floor": _FLAG,
            "valid_until": _DAY,
            "payment_days": _COUNT,
            "payment_terms": WORD,
            "delivery_terms": WORD,
            "answer": {**WORD, "description": "The customer's words."},
            "created_at": INSTANT,
            "lines": _list("QuotationLine"),
        }
    ),
    "QuotationLine": record(
        {
            "line": _COUNT,
            "product": _NAMED,
            "unit": WORD,
            "quantity": _NUMBER,
            "list_price": _YUAN,
            "floor_price": _YUAN,
            "unit_price": _YUAN,
            "discount": {**_NUMBER, "description": "Percent off the unit price."},
            "amount": _YUAN,
            "is_below_floor": _FLAG,
            "note": WORD,
        }
    ),
    "Contract": record(
        {
            "id": ID,
            "number": WORD,
            "quotation_id": ID,
            "status": {"enum": ["in_approval", "approved", "signed", "rejected", "replaced"]},
            "authority": {
                **perhaps(WORD), "description": "Who decides: manager, director or general_manager.",
            },
            "total": _YUAN,
            "deliver_on": _DAY,
            "terms": WORD,
            "drafted_at": INSTANT,
            "signed_on": perhaps(_DAY),
            "plan": {
                "type": "array",
                "items": record({"due_on": _DAY, "amount": _YUAN, "covered": _YUAN, "note": WORD}),
            },
        }
    ),
    "Milestone": record(
        {
            "position": {**_COUNT, "description": "What the act reach_milestone names."},
            "name": WORD,
            "planned_on": _DAY,
            "reached_on": perhaps(_DAY),
            "note": WORD,
        }
    ),
    "OrderLine": record(
        {
            "id": {**ID, "description": "What the act record_cost and refunds name."},
            "position": _COUNT,
            "name": WORD,
            "product_kind": {"enum": [each.value for each in ProductKind]},
            "is_procured": _FLAG,
            "is_outsourced": _FLAG,
            "amount": _YUAN,
            "received": _YUAN,
            "refunded": _YUAN,
        }
    ),
    "LedgerEntry": record(
        {
            "id": {**ID, "description": "What the act reverse_receipt names."},
            "kind": {"enum": ["receipt", "refund"]},
            "change": {**_YUAN, "description": "Negative for money that went back or was taken back."},
            "balance": {**_YUAN, "description": "What is held of the sale after this entry."},
            "occurred_on": _DAY,
            "method": WORD,
            "reference": WORD,
            "payer": WORD,
            "reason": WORD,
            "reverses_id": perhaps(ID),
            "refund_instance_id": perhaps(ID),
            "is_reversible": _FLAG,
            "recorded_by": WORD,
            "recorded_at": INSTANT,
            "shares": {"type": "array", "items": record({"line": perhaps(WORD), "amount": _YUAN})},
        }
    ),
    "SaleMove": record(
        {
            "kind": {"enum": ["started", "stage", "lost", "suspended", "reopened", "reassigned", "closed"]},
            "stage": _STAGE,
            "from_stage": perhaps(_STAGE),
            "reason": WORD,
            "from": perhaps(WORD),
            "to": perhaps(WORD),
            "by": perhaps(WORD),
            "at": INSTANT,
        }
    ),
}  # fmt: skip

SALE_PARAMETERS: dict[str, Schema] = {
    "sale_id": {"name": "sale_id", "in": "path", "required": True, "schema": ID},
    "sale_part": {
        "name": "part", "in": "query", "schema": {"enum": [each.value for each in Slice], "default": Slice.ALL.value},
        "description": "Of what you may see: your own, your departments', or all of it.",
    },
    "sale_status": {
        "name": "status", "in": "query", "schema": _STATUS, "description": "Every status unless said.",
    },
    "sale_stage": {"name": "stage", "in": "query", "schema": _STAGE},
    "sale_owner": {"name": "owner", "in": "query", "schema": WORD, "description": "The owner's login or name."},
    "sale_search": {
        "name": "q", "in": "query", "schema": WORD,
        "description": "The beginning of a number, or a part of the customer's name, its pinyin or initials.",
    },
    "sale_sort": {
        "name": "sort", "in": "query", "schema": {"enum": list(SORTS), "default": "newest"},
        "description": "Keep it from page to page.",
    },
}  # fmt: skip


def sale_operations() -> list[dict[str, Any]]:
    """The rows of ``OPERATIONS``."""
    narrowed = ("sale_part", "sale_status", "sale_stage", "line", "sale_owner", "sale_search", "sale_sort")
    return [
        {
            "endpoint": "sales", "method": "get", "path": "/sales", "summary": "The sales that I see",
            "gives": "SaleList", "problems": (401, 403, 422), "parameters": (*narrowed, "limit", "after"),
        },
        {
            "endpoint": "sale", "method": "get", "path": "/sales/{sale_id}", "summary": "One sale with its papers",
            "gives": "Sale", "problems": (401, 404), "parameters": ("sale_id",),
        },
    ]  # fmt: skip
