"""Stage 3, second half: a contract from the accepted quotation, approved by whom its terms call for, then signed.

Who has the last word is the decision table's to say (``contract_authority.dmn``, H10 and *(filled)* limits): manager,
director or general manager. A signed contract becomes an order, whose lines are what is collected and commissioned.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select, update

from workflows.documents.files import attach_answered
from workflows.engine.process import Outcome, Step
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, Invalid
from workflows.kernel.money import from_fen, to_fen, written
from workflows.sale.ledger import open_order
from workflows.sale.model import Contract, Instalment, Quotation, Sale
from workflows.sale.opportunity import secure_registration, title_of
from workflows.sale.pricing import Totals
from workflows.sale.standing import lock_sale, next_number

_LIVE = ("in_approval", "approved")


def draft_contract(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Write the contract down: terms, delivery and payment plan. One that was sent back keeps its number."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    quotation = step.session.execute(
        select(Quotation.id, Quotation.total_fen).where(Quotation.sale_id == sale.id, Quotation.status == "accepted")
    ).one_or_none()
    if quotation is None:
        raise Conflict("The customer has accepted no quotation.")
    _refuse_plan(step, answer, quotation.total_fen)
    contract_id = _write(step, sale.id, answer, quotation)
    step.session.execute(delete(Instalment).where(Instalment.contract_id == contract_id))
    step.session.execute(
        insert(Instalment),
        [
            {
                "contract_id": contract_id, "position": position, "due_on": row["due_on"],
                "amount_fen": to_fen(row["amount"]), "note": row.get("note") or "",
            }
            for position, row in enumerate(sorted(answer["plan"], key=lambda each: each["due_on"]), 1)
        ],
    )  # fmt: skip
    attach_answered(step, answer)
    return Outcome("submit", title=title_of(sale.number, sale.title, quotation.total_fen))


def facts(step: Step) -> Mapping[str, Any]:
    """What the decision table looks at: the amount in yuan, the discount on list prices, floor prices, payment days."""
    row = step.session.execute(
        select(
            Quotation.total_fen, Quotation.list_fen, Quotation.floor_fen, Quotation.is_below_floor,
            Quotation.payment_days,
        )
        .join(Contract, Contract.quotation_id == Quotation.id)
        .join(Sale, Sale.id == Contract.sale_id)
        .where(Sale.instance_id == step.instance_id, Contract.status.in_(_LIVE))
    ).one()  # fmt: skip
    sums = Totals(row.total_fen, row.list_fen, row.floor_fen, row.is_below_floor)
    return {
        "amount": from_fen(row.total_fen),
        "discount_percent": sums.discount_percent,
        "below_floor": row.is_below_floor,
        "payment_days": Decimal(row.payment_days),
    }


def approve_contract(_: Step, answer: Mapping[str, Any]) -> Outcome:
    """One decision on a contract: the manager's, the director's or the general manager's."""
    return Outcome.of_approval(answer)


def reject_contract(step: Step) -> None:
    """A contract that was refused is over; another quotation may lead to the next one."""
    _set(step, "rejected")


def release_contract(step: Step) -> None:
    """Whom the terms call for have approved: the contract may be signed."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    authority = step.answers.get("decide_authority", {}).get("authority")
    step.session.execute(
        update(Contract)
        .where(Contract.sale_id == sale.id, Contract.status.in_(_LIVE))
        .values(status="approved", authority=authority)
    )


def sign_contract(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Record that both sides signed, with the scan; or that the customer wants to negotiate again."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    if answer["decision"] != "signed":
        _set(step, "replaced")
        return Outcome("renegotiate", answer.get("opinion") or None)
    contract = step.session.execute(
        select(Contract.id, Contract.quotation_id, Contract.number, Contract.drafted_at).where(
            Contract.sale_id == sale.id, Contract.status == "approved"
        )
    ).one_or_none()
    if contract is None:
        raise Conflict("There is no approved contract to sign.")
    _refuse_signing_day(step, answer, day_of(contract.drafted_at))
    attach_answered(step, answer)
    step.session.execute(
        update(Contract).where(Contract.id == contract.id).values(status="signed", signed_on=answer["signed_on"])
    )
    secure_registration(step, sale)
    open_order(step, sale, contract.id, contract.quotation_id, signed_on=answer["signed_on"])
    return Outcome("signed", answer.get("opinion") or None)


def _refuse_signing_day(step: Step, answer: Mapping[str, Any], drafted_on: Any) -> None:
    if answer["signed_on"] > day_of(step.now):
        raise Invalid.at("signed_on", "This date lies in the future.")
    if answer["signed_on"] < drafted_on:
        raise Invalid.at(
            "signed_on", "The contract was drafted on %(on)s and is not signed before.", on=drafted_on.isoformat()
        )


def _refuse_plan(step: Step, answer: Mapping[str, Any], total_fen: int) -> None:
    today = day_of(step.now)
    if answer["deliver_on"] < today:
        raise Invalid.at("deliver_on", "This date lies in the past.")
    for index, row in enumerate(answer["plan"]):
        if row["due_on"] < today:
            raise Invalid.at(f"plan-{row.get('row', index)}-due_on", "An instalment is not due before the contract.")
    planned = sum(to_fen(row["amount"]) for row in answer["plan"])
    if planned != total_fen:
        raise Invalid.at(
            "plan", "The instalments add up to ¥%(sum)s, the contract comes to ¥%(total)s.",
            sum=written(planned), total=written(total_fen),
        )  # fmt: skip


def _write(step: Step, sale_id: int, answer: Mapping[str, Any], quotation: Any) -> int:
    """The row of the contract: the live one, written anew, or the next."""
    values = {
        "quotation_id": quotation.id, "total_fen": quotation.total_fen, "deliver_on": answer["deliver_on"],
        "terms": answer.get("terms") or "", "status": "in_approval", "authority": None,
        "drafted_by_id": step.author_id, "drafted_at": step.now,
    }  # fmt: skip
    live = step.session.execute(
        update(Contract)
        .where(Contract.sale_id == sale_id, Contract.status.in_(_LIVE))
        .values(**values)
        .returning(Contract.id)
    ).scalar_one_or_none()
    if live is not None:
        return int(live)
    number = next_number(step.session, "HT", day_of(step.now).year)
    made = insert(Contract).values(sale_id=sale_id, number=number, **values).returning(Contract.id)
    return int(step.session.execute(made).scalar_one())


def _set(step: Step, status: str) -> None:
    sale = lock_sale(step.session, instance_id=step.instance_id)
    step.session.execute(
        update(Contract).where(Contract.sale_id == sale.id, Contract.status.in_(_LIVE)).values(status=status)
    )
