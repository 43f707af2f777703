"""Sales as JSON: a row of the list, and one sale with what was offered, agreed, delivered and moved.

Amounts are text in yuan with two places, quantities and percentages text, days and instants as everywhere.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from webapp.api.shapes import instant
from webapp.i18n import localized
from workflows.customers.registrations import NEVER
from workflows.kernel.money import from_fen
from workflows.sale.finding import Card
from workflows.sale.ledger import Line
from workflows.sale.money import EntryRow
from workflows.sale.record import ContractRow, MilestoneRow, MoveRow, QuotationRow, SaleRow


def sale_card(card: Card) -> dict[str, Any]:
    """A sale as lists show it, with the first of the tasks that it waits for."""
    task = {"id": card.task_id, "element": card.task_element, "assignee_id": card.task_assignee_id}
    return {
        "id": card.id,
        "instance_id": card.instance_id,
        "number": card.number,
        "title": card.title,
        "customer": {"id": card.customer_id, "name": card.customer, "grade": card.grade},
        "owner": {"id": card.owner_id, "name": localized(card.owner, card.owner_en)},
        "stage": card.stage,
        "status": card.status,
        "stage_since": instant(card.stage_since),
        "expected": yuan(card.expected),
        "expected_on": card.expected_on.isoformat(),
        "task": task if card.task_id is not None else None,
    }


def sale_item(row: SaleRow) -> dict[str, Any]:
    """A sale with its sums and all that is known of it but its papers."""
    return {
        "id": row.id,
        "instance_id": row.instance_id,
        "number": row.number,
        "title": row.title,
        "customer": {"id": row.customer_id, "name": row.customer, "grade": row.grade},
        "product_line": {"id": row.product_line_id, "name": localized(row.product_line, row.product_line_en)},
        "owner": {"id": row.owner_id, "name": localized(row.owner, row.owner_en)},
        "department": {"id": row.department_id, "name": localized(row.department, row.department_en)},
        "stage": row.stage,
        "status": row.status,
        "stage_since": instant(row.stage_since),
        "expected": yuan(row.expected),
        "expected_on": row.expected_on.isoformat(),
        "contracted": yuan(row.contracted),
        "received": yuan(row.received),
        "refunded": yuan(row.refunded),
        "owed": yuan(row.owed),
        "needs": row.needs,
        "decision_makers": row.decision_makers,
        "budget": yuan(row.budget) if row.budget is not None else None,
        "competitors": row.competitors,
        "visits": row.visits,
        "registered_at": instant(row.registered_at),
        "lapses_on": None if row.lapses_on == NEVER else row.lapses_on.isoformat(),
        "registration_ended_why": row.registration_ended_why,
        "stopped_reason": row.stopped_reason,
        "stopped_words": row.stopped_words,
        "resume_on": day(row.resume_on),
        "accepted_on": day(row.accepted_on),
        "satisfaction": row.satisfaction,
        "customer_word": row.customer_word,
        "created_at": instant(row.created_at),
        "closed_at": instant(row.closed_at),
    }


def quotation_item(row: QuotationRow) -> dict[str, Any]:
    """One version of what was offered."""
    return {
        "id": row.id,
        "version": row.version,
        "status": row.status,
        "total": yuan(row.total),
        "discount_percent": str(row.discount_percent),
        "is_below_floor": row.is_below_floor,
        "valid_until": row.valid_until.isoformat(),
        "payment_days": row.payment_days,
        "payment_terms": row.payment_terms,
        "delivery_terms": row.delivery_terms,
        "answer": row.answer,
        "created_at": instant(row.created_at),
        "lines": [
            {
                "line": line.position,
                "product": {"id": line.product_id, "name": line.name},
                "unit": line.unit,
                "quantity": f"{line.quantity:f}",
                "list_price": yuan(line.list_price),
                "floor_price": yuan(line.floor_price),
                "unit_price": yuan(line.unit_price),
                "discount": f"{line.discount:f}",
                "amount": yuan(line.amount),
                "is_below_floor": line.is_below_floor,
                "note": line.note,
            }
            for line in row.lines
        ],
    }


def contract_item(row: ContractRow) -> dict[str, Any]:
    """A contract and its plan, with what of each instalment has come in."""
    return {
        "id": row.id,
        "number": row.number,
        "quotation_id": row.quotation_id,
        "status": row.status,
        "authority": row.authority,
        "total": yuan(row.total),
        "deliver_on": row.deliver_on.isoformat(),
        "terms": row.terms,
        "drafted_at": instant(row.drafted_at),
        "signed_on": day(row.signed_on),
        "plan": [
            {
                "due_on": each.due_on.isoformat(),
                "amount": yuan(each.amount),
                "covered": yuan(each.covered),
                "note": each.note,
            }
            for each in row.plan
        ],
    }


def milestone_item(row: MilestoneRow) -> dict[str, Any]:
    """One step of the delivery; its position is what ``reach_milestone`` names."""
    return {
        "position": row.position,
        "name": row.name,
        "planned_on": row.planned_on.isoformat(),
        "reached_on": day(row.reached_on),
        "note": row.note,
    }


def order_line_item(line: Line) -> dict[str, Any]:
    """One item of the signed contract with its money; its id is what ``record_cost`` and refunds name."""
    return {
        "id": line.id,
        "position": line.position,
        "name": line.name,
        "product_kind": line.product_kind,
        "is_procured": line.is_procured,
        "is_outsourced": line.is_outsourced,
        "amount": yuan(from_fen(line.amount_fen)),
        "received": yuan(from_fen(line.received_fen)),
        "refunded": yuan(from_fen(line.refunded_fen)),
    }


def entry_item(row: EntryRow) -> dict[str, Any]:
    """One entry of the ledger; its id is what ``reverse_receipt`` names."""
    return {
        "id": row.id,
        "kind": row.kind,
        "change": yuan(row.change),
        "balance": yuan(row.balance),
        "occurred_on": row.occurred_on.isoformat(),
        "method": row.method,
        "reference": row.reference,
        "payer": row.payer,
        "reason": row.reason,
        "reverses_id": row.reverses_id,
        "refund_instance_id": row.instance_id,
        "is_reversible": row.is_reversible,
        "recorded_by": localized(row.recorded_by, row.recorded_by_en),
        "recorded_at": instant(row.recorded_at),
        "shares": [{"line": share.line, "amount": yuan(share.amount)} for share in row.shares],
    }


def move_item(row: MoveRow) -> dict[str, Any]:
    """One move of a sale: to a stage, out of the way, back, or to somebody else."""
    return {
        "kind": row.kind,
        "stage": row.stage,
        "from_stage": row.from_stage,
        "reason": row.reason,
        "from": _name(row.giver, row.giver_en),
        "to": _name(row.to, row.to_en),
        "by": _name(row.by, row.by_en),
        "at": instant(row.moved_at),
    }


def yuan(amount: Decimal) -> str:
    """12000.00."""
    return f"{amount:.2f}"


def day(value: dt.date | None) -> str | None:
    """2026-03-10, or None."""
    return value.isoformat() if value else None


def _name(name: str | None, name_en: str | None) -> str | None:
    return localized(name, name_en or "") if name is not None else None
