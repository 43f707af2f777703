"""What finance records of a signed sale: money that came in, corrections, and what its items cost.

These are acts on the case (``workflows.engine.acts``): they may be repeated, come in any order, and corrections are
possible after the sale is closed. When all is collected, the case is told, which opens gate 4.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from workflows.customers.scope import Sight
from workflows.engine.process import Acted, Step
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, Invalid
from workflows.kernel.money import to_fen, written
from workflows.sale.ledger import Told, beyond, figures_of, lines_of, settle_beyond, shares_of_receipt
from workflows.sale.ledger_model import EventKind, Receipt, ReceiptKind
from workflows.sale.model import Contract, Sale, SaleStatus, Stage
from workflows.sale.standing import LockedSale, lock_sale, only_finance, refuse_unless

#: The message that stage 4 waits for.
COLLECTED = "sale_collected"


def receiving(sale: LockedSale, sight: Sight) -> None:
    """Finance records money of a signed sale that goes on, or is closed and had an entry reversed since."""
    only_finance(sale, sight)
    refuse_unless(sale, SaleStatus.OPEN, SaleStatus.CLOSED)
    if sale.stage < Stage.PURCHASE:
        raise Conflict("No contract of this sale is signed yet, so no money is recorded for it.")


def record_receipt(step: Step, answer: Mapping[str, Any]) -> Acted:
    """Record money that came in. More than what is owed is taken only when finance says that it is meant so."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    amount_fen = to_fen(answer["amount"])
    _refuse_day(step, answer, _signed_on(step, sale))
    _refuse_twice(step, answer)
    figures = figures_of(step.session, sale.id)
    if amount_fen > figures.owed_fen and not answer.get("accept_overpayment"):
        raise Invalid.at(
            "amount", "Only ¥%(owed)s of this sale is owed. Say below that the rest is an over-payment.",
            owed=written(figures.owed_fen),
        )  # fmt: skip
    told = Told(step, sale, answer["received_on"])
    told.money(
        ReceiptKind.RECEIPT, amount_fen, shares_of_receipt(lines_of(step.session, sale.id), amount_fen),
        method=answer["method"], reference=answer.get("reference") or "", payer=answer.get("payer") or "",
    )  # fmt: skip
    opens_gate = sale.status == SaleStatus.OPEN and amount_fen >= figures.owed_fen
    return Acted(COLLECTED if opens_gate else None, note={"amount": written(amount_fen)})


def reverse_receipt(step: Step, answer: Mapping[str, Any]) -> Acted:
    """Undo a wrong entry by a new one of today that names it, with all its events.

    Refused for a reversal, for what is reversed already, and where less would be held than was refunded or is being
    refunded.
    """
    sale = lock_sale(step.session, instance_id=step.instance_id)
    wrong = step.session.execute(
        select(Receipt).where(Receipt.id == answer["receipt"], Receipt.sale_id == sale.id)
    ).scalar_one_or_none()
    if wrong is None:
        raise Invalid.at("receipt", "There is no such entry.")
    again = aliased(Receipt)
    is_undone = step.session.execute(select(exists().where(again.reverses_id == wrong.id))).scalar_one()
    if wrong.reverses_id is not None or is_undone:
        raise Conflict("This entry has been reversed already, or is itself a reversal.")
    if wrong.id <= sale.settled_receipt_id:
        raise Conflict("This entry went back wholly before the sale was reopened.")
    if wrong.instance_id is not None:
        raise Conflict("A refund was approved and paid: record what comes back as a receipt.")
    figures = figures_of(step.session, sale.id)
    if figures.refundable_fen < wrong.amount_fen:
        raise Invalid.at(
            "receipt", "Only ¥%(held)s of this sale is held and not being refunded.",
            held=written(figures.refundable_fen),
        )  # fmt: skip
    told = Told(step, sale, day_of(step.now))
    told.reversal(wrong, reason=answer["reason"])
    _refuse_given_back(step, sale)
    settle_beyond(told)
    return Acted(note={"reason": answer["reason"], "amount": written(wrong.amount_fen)})


def costing(sale: LockedSale, sight: Sight) -> None:
    """Finance records costs of what was ordered, whatever has become of the sale since."""
    only_finance(sale, sight)
    if sale.stage < Stage.PURCHASE:
        raise Conflict("Nothing is ordered in this sale yet.")


def record_cost(step: Step, answer: Mapping[str, Any]) -> Acted:
    """Record what an order line cost: purchase, tax, logistics or other (H3)."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    line = next((each for each in lines_of(step.session, sale.id) if each.id == answer["line"]), None)
    if line is None:
        raise Invalid.at("line", "There is no such order line.")
    _refuse_future(step, answer["occurred_on"], "occurred_on")
    amount_fen = to_fen(answer["amount"])
    told = Told(step, sale, answer["occurred_on"])
    told.event(EventKind.COST, amount_fen, line, cost_kind=answer["kind"], note=answer.get("note") or "")
    return Acted(note={"amount": written(amount_fen), "kind": answer["kind"]})


def _refuse_given_back(step: Step, sale: LockedSale) -> None:
    """What was given back for a line, or is asked back for it, is not taken from under it; the step is rolled back."""
    lines = lines_of(step.session, sale.id)
    for line in lines:
        if line.free_fen < 0:
            raise Invalid.at(
                "receipt", "¥%(short)s of this entry has been refunded for %(line)s, or is being refunded.",
                short=written(-line.free_fen), line=line.name,
            )  # fmt: skip
    short_fen = -beyond(figures_of(step.session, sale.id), lines)
    if short_fen > 0:
        raise Invalid.at(
            "receipt", "¥%(short)s of this entry was an over-payment that has been refunded.", short=written(short_fen)
        )


def _refuse_day(step: Step, answer: Mapping[str, Any], signed_on: Any) -> None:
    _refuse_future(step, answer["received_on"], "received_on")
    if answer["received_on"] < signed_on:
        raise Invalid.at(
            "received_on", "The contract was signed on %(on)s: no money is recorded before.", on=signed_on.isoformat()
        )


def _refuse_future(step: Step, day: Any, field: str) -> None:
    if day > day_of(step.now):
        raise Invalid.at(field, "This date lies in the future.")


def _refuse_twice(step: Step, answer: Mapping[str, Any]) -> None:
    """A transfer has one number; the same number on the same day and of the same amount is a slip."""
    if not answer.get("reference"):
        return
    again = aliased(Receipt)
    same = step.session.execute(
        select(Sale.number)
        .join(Receipt, Receipt.sale_id == Sale.id)
        .where(
            Receipt.reference == answer["reference"],
            Receipt.kind == ReceiptKind.RECEIPT,
            Receipt.amount_fen == to_fen(answer["amount"]),
            Receipt.occurred_on == answer["received_on"],
            Receipt.reverses_id.is_(None),
            ~exists().where(again.reverses_id == Receipt.id),
        )
    ).first()
    if same is not None:
        raise Invalid.at(
            "reference", "This transfer stands at sale %(number)s already. Reverse it there first.", number=same.number
        )


def _signed_on(step: Step, sale: LockedSale) -> Any:
    return step.session.execute(
        select(Contract.signed_on).where(Contract.sale_id == sale.id, Contract.status == "signed")
    ).scalar_one()
