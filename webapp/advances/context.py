"""What the pages of tasks show of an advance, and what its forms start with.

``webapp.tasks`` calls ``task_context`` for the partial ``tasks/<element_id>.html`` and ``first_values`` for a blank
form; which area serves which process stands there.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import current_app, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.advance import BLANK_LINES
from forms.base import ProcessForm
from webapp.accounts.actor import current_actor
from webapp.addresses import LARGEST_ID
from webapp.advances.words import POLICY
from webapp.clock import request_today
from webapp.instances.case import Case, CaseTask
from workflows.advance.meant import choices, worth_of
from workflows.advance.model import SettlementKind, SpendKind
from workflows.advance.record import SettlementRow, decisions_on, settlements_of, spend_of, versions_of
from workflows.advance.standing import AdvanceRow, advance_of, earlier_advances, open_advances
from workflows.documents.files import documents_of
from workflows.kernel.crypto import Keyring
from workflows.kernel.money import Method
from workflows.people.model import Employee, Role
from workflows.people.operations import account_row

#: Who sees payout accounts.
_PAYS = frozenset({Role.ACCOUNTANT.value, Role.FINANCE_DIRECTOR.value})
#: The step at which the borrower hands in files, and changes what was sent back.
_REQUEST = "request_advance"
#: Kinds of expense of the blank rows of a claim: trips are what is claimed most.
_ROW_KINDS = [SpendKind.TRANSPORT, SpendKind.TRANSPORT, SpendKind.LODGING, SpendKind.MEALS, SpendKind.MEALS]


def task_context(session: Session, case: Case, task: CaseTask) -> dict[str, Any]:
    """The request, what was decided on it, the borrower's earlier advances, and the clauses that bind the decision."""
    today = request_today()
    settlement = _settlement(session, case)
    advance = advance_of(
        session,
        advance_id=settlement.advance_id if settlement else None,
        instance_id=None if settlement else case.id,
        today=today,
    )
    if advance is None:
        return {}
    earlier = earlier_advances(session, advance, today=today)
    return {
        "advance": advance,
        "settlement": settlement,
        "spend": spend_of(session, advance.id),
        "versions": versions_of(session, advance.id),
        "decisions": decisions_on(session, advance.instance_id),
        "earlier": earlier,
        "worth": worth_of(session, advance, today=today),
        **(_choices(session, advance.sale_id, advance.customer_id) if task.element_id == _REQUEST else {}),
        "owed_elsewhere": sum((each.balance for each in earlier), start=Decimal(0)),
        "policy": POLICY.get(task.element_id, []),
        "payout_account": _payout_account(session, advance.borrower_id) if task.element_id == "pay" else None,
    }


def first_values(
    session: Session, process_key: str, element_id: str, instance_id: int | None, given: Mapping[str, str]
) -> dict[str, Any]:
    """What a blank form starts with: the request as it stands, the figure that is most likely paid, today."""
    if instance_id is None:
        if process_key == "advance_settlement":
            return _settlement_values(session, given)
        return {**_BLANK_REQUEST, "sale_id": _whole(given.get("sale", "")), "customer_id": _whole(given.get("for", ""))}
    if element_id == "audit_claim":
        [settlement] = settlements_of(session, instance_id=instance_id)
        return {"lines": [{"line": line.position, "accepted": True} for line in settlement.lines]}
    if element_id not in (_REQUEST, "pay"):
        return {"resume": "restart"}
    advance = advance_of(session, instance_id=instance_id, today=request_today())
    if advance is None:
        return {}
    return _request_values(session, advance) if element_id == _REQUEST else _payment_values(advance)


def copied_values(
    session: Session, process_key: str, instance_id: int, today: dt.date
) -> tuple[dict[str, Any], list[str]]:
    """What a copy of a request or of a settlement starts with. Consent to a deduction is given anew each time."""
    if process_key == "advance_settlement":
        [settlement] = settlements_of(session, instance_id=instance_id)
        return _settlement_again(session, settlement), []
    advance = advance_of(session, instance_id=instance_id, today=today)
    if advance is None:
        return _BLANK_REQUEST, []
    handed_in = [each.id for each in documents_of(session, [instance_id]) if each.element_id == _REQUEST]
    values = {**_request_values(session, advance), "attachments": handed_in}
    if advance.return_on < today:
        return {**values, "return_on": None}, ["return_on"]
    return values, []


def start_context(session: Session, process_key: str, form: ProcessForm) -> dict[str, Any]:
    """The advances that the starter of a settlement may choose from; the sales and customers of a request."""
    if process_key != "advance_settlement":
        return _choices(session, form["sale_id"].data, form["customer_id"].data)
    return {"clearable": open_advances(session, current_actor().id, today=request_today())}


def case_url(session: Session, case: Case) -> str:
    """The page of the advance that a case is about."""
    settlement = _settlement(session, case)
    if settlement is not None:
        return url_for("advances.advance", advance_id=settlement.advance_id)
    advance = advance_of(session, instance_id=case.id, today=request_today())
    return url_for("advances.advance", advance_id=advance.id) if advance else ""


def _choices(session: Session, sale_id: int | None, customer_id: int | None) -> dict[str, Any]:
    return choices(session, current_actor(), sale_id=sale_id, customer_id=customer_id)


def _whole(text: str) -> int | None:
    number = int(text) if text.isdecimal() and text.isascii() and len(text) < 20 else 0  # noqa: PLR2004
    return number if 0 < number <= LARGEST_ID else None


#: One row for each kind of expense, all of them empty.
_BLANK_REQUEST: dict[str, Any] = {"spend": [{"kind": kind.value} for kind in SpendKind]}


def _payment_values(advance: AdvanceRow) -> dict[str, Any]:
    return {"amount": advance.payable, "paid_on": request_today(), "method": Method.BANK_TRANSFER.value}


def _payout_account(session: Session, employee_id: int) -> str | None:
    """Where the money goes; opened for those who pay, and for nobody else who may read the case."""
    actor = current_actor()
    if not actor.roles.union(*actor.covered_roles.values()) & _PAYS:
        return None
    sealed = session.execute(select(Employee.payout_account_sealed).where(Employee.id == employee_id)).scalar_one()
    keyring: Keyring = current_app.extensions["keyring"]
    return keyring.unseal(sealed, row=account_row(employee_id)) if sealed else None


def _settlement(session: Session, case: Case) -> SettlementRow | None:
    found = settlements_of(session, instance_id=case.id) if case.process_key == "advance_settlement" else []
    return found[0] if found else None


def _request_values(session: Session, advance: AdvanceRow) -> dict[str, Any]:
    amounts = {each.kind: each.amount for each in spend_of(session, advance.id)}
    return {
        "amount": advance.amount,
        "purpose": advance.purpose,
        "customer": advance.customer,
        "sale_id": advance.sale_id,
        "customer_id": advance.customer_id,
        "return_on": advance.return_on,
        "spend": [{"kind": kind.value, "amount": amounts.get(kind.value)} for kind in SpendKind],
    }


def _settlement_again(session: Session, settlement: SettlementRow) -> dict[str, Any]:
    """A settlement filled in as it was handed in before."""
    lines = [
        {
            "kind": line.kind,
            "spent_on": line.spent_on,
            "amount": line.amount,
            "note": line.note,
            "attachments": line.document_ids,
        }
        for line in settlement.lines
    ]
    receipts = {ident for line in settlement.lines for ident in line.document_ids}
    handed_in = [each.id for each in documents_of(session, [settlement.instance_id]) if each.id not in receipts]
    is_claim = settlement.kind == SettlementKind.CLAIM
    return {
        "kind": settlement.kind,
        "advance": settlement.advance_id,
        "lines": lines,
        "amount": None if is_claim else settlement.amount,
        "returned_on": settlement.occurred_on,
        "method": settlement.method,
        "reference": settlement.reference,
        "note": settlement.note,
        "attachments": [] if is_claim else handed_in,
    }


def _settlement_values(session: Session, given: Mapping[str, str]) -> dict[str, Any]:
    """A settlement of the advance that the address names, or of the only one that can be cleared."""
    today = request_today()
    kind = given.get("kind") if given.get("kind") in set(SettlementKind) else SettlementKind.CLAIM.value
    clearable = open_advances(session, current_actor().id, today=today)
    named = [each for each in clearable if str(each.id) == given.get("advance")]
    chosen = named[0] if named else clearable[0] if clearable else None
    values: dict[str, Any] = {"kind": kind, "advance": chosen.id if chosen else None}
    if kind == SettlementKind.CLAIM:
        return {**values, "lines": _blank_lines()}
    return {
        **values,
        "amount": chosen.clearable if chosen else None,
        "returned_on": today,
        "method": Method.BANK_TRANSFER.value,
    }


def _blank_lines() -> list[dict[str, Any]]:
    kinds = [*_ROW_KINDS, *[SpendKind.OTHER] * BLANK_LINES][:BLANK_LINES]
    return [{"kind": kind.value} for kind in kinds]
