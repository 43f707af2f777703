"""What a case asks for, as a program needs it to decide: the request's own data, in the members that its form has.

A process without an entry in ``ASKED`` shows nothing of its own. Money is text in yuan with two places, as it is sent.
Who may read the case has been asked before.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from webapp.api.sale_shapes import contract_item, quotation_item, sale_item
from workflows.advance.record import settlements_of, spend_of
from workflows.advance.standing import AdvanceRow, advance_of
from workflows.sale.record import contracts_of, quotations_of, sale_of


def asked_in(session: Session, process_key: str, instance_id: int, *, today: dt.date) -> dict[str, Any] | None:
    """Give what a case asks for, None where its process has nothing to show."""
    asked = ASKED.get(process_key)
    return asked(session, instance_id, today) if asked else None


def _advance(session: Session, instance_id: int, today: dt.date) -> dict[str, Any] | None:
    row = advance_of(session, instance_id=instance_id, today=today)
    if row is None:
        return None
    return {
        **_standing(row),
        "purpose": row.purpose,
        "customer": row.customer,
        "spend": [{"kind": each.kind, "amount": _yuan(each.amount)} for each in spend_of(session, row.id)],
        "return_on": row.return_on.isoformat(),
    }


def _settlement(session: Session, instance_id: int, today: dt.date) -> dict[str, Any] | None:
    found = settlements_of(session, instance_id=instance_id)
    if not found:
        return None
    settlement = found[0]
    advance = advance_of(session, advance_id=settlement.advance_id, today=today)
    return {
        "kind": settlement.kind,
        "amount": _yuan(settlement.amount),
        "note": settlement.note,
        "advance": _standing(advance) if advance else None,
        "lines": [
            {
                "line": line.position,
                "kind": line.kind,
                "spent_on": line.spent_on.isoformat(),
                "amount": _yuan(line.amount),
                "note": line.note,
                "attachments": line.document_ids,
            }
            for line in settlement.lines
        ],
    }


def _sale(session: Session, instance_id: int, _today: dt.date) -> dict[str, Any] | None:
    """The sale with the newest of its quotations and contracts, on which decisions rest."""
    row = sale_of(session, instance_id=instance_id)
    if row is None:
        return None
    quotations = quotations_of(session, row.id)
    contracts = contracts_of(session, row.id, received=row.received)
    return {
        **sale_item(row),
        "quotation": quotation_item(quotations[0]) if quotations else None,
        "contract": contract_item(contracts[0]) if contracts else None,
    }


def _standing(row: AdvanceRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "borrower": {"id": row.borrower_id, "name": row.borrower},
        "amount": _yuan(row.amount),
        "paid": _yuan(row.paid),
        "balance": _yuan(row.balance),
        "state": str(row.state),
    }


def _yuan(amount: Decimal) -> str:
    return f"{amount:.2f}"


Asked = Callable[[Session, int, dt.date], dict[str, Any] | None]
ASKED: dict[str, Asked] = {"expense_advance": _advance, "advance_settlement": _settlement, "sale": _sale}
