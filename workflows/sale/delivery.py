"""Stages 4 and 5 beside the money: the order is handed over, delivered, accepted, and the customer asked (B4.6)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from workflows.customers import registrations
from workflows.customers.model import Complaint
from workflows.customers.scope import Sight
from workflows.documents.files import attach_answered
from workflows.engine.process import Acted, Outcome, Step, Values
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, Invalid
from workflows.kernel.money import written
from workflows.sale.ledger import figures_of
from workflows.sale.model import Contract, Milestone, Sale, SaleStatus, Stage
from workflows.sale.standing import LockedSale, lock_sale, move, only_responsible, refuse_unless


def hand_over_order(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Hand the order to those who deliver it, with the days that are planned (B4.6)."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    signed_on = _signed_on(step, sale)
    for index, row in enumerate(answer["milestones"]):
        if row["planned_on"] < signed_on:
            raise Invalid.at(f"milestones-{row.get('row', index)}-planned_on", "This date lies before the contract.")
    step.session.execute(delete(Milestone).where(Milestone.sale_id == sale.id, Milestone.reached_on.is_(None)))
    taken = step.session.execute(
        select(func.coalesce(func.max(Milestone.position), 0)).where(Milestone.sale_id == sale.id)
    ).scalar_one()
    step.session.execute(
        insert(Milestone),
        [
            {"sale_id": sale.id, "position": taken + number, "name": row["name"], "planned_on": row["planned_on"]}
            for number, row in enumerate(answer["milestones"], 1)
        ],
    )
    attach_answered(step, answer)
    return Outcome("submit", answer.get("remarks") or None)


def check_collected(step: Step) -> Values:
    """Whether all that the contract comes to has been collected already."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    return {"collected": figures_of(step.session, sale.id).is_collected}


def delivering(sale: LockedSale, sight: Sight) -> None:
    """Milestones are reached once the contract is signed."""
    only_responsible(sale, sight)
    refuse_unless(sale, SaleStatus.OPEN)
    if sale.stage < Stage.PURCHASE:
        raise Conflict("Nothing is delivered before the contract is signed.")


def reach_milestone(step: Step, answer: Mapping[str, Any]) -> Acted:
    """Record that a step of the delivery is done."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    if answer["reached_on"] > day_of(step.now):
        raise Invalid.at("reached_on", "This date lies in the future.")
    if answer["reached_on"] < _signed_on(step, sale):
        raise Invalid.at("reached_on", "This date lies before the contract.")
    changed = step.session.execute(
        update(Milestone)
        .where(
            Milestone.sale_id == sale.id,
            Milestone.position == answer["position"],
            Milestone.reached_on.is_(None),
        )
        .values(
            reached_on=answer["reached_on"],
            note=answer.get("note") or "",
            recorded_by_id=step.actor.id if step.actor else None,
        )
        .returning(Milestone.name)
    ).scalar_one_or_none()
    if changed is None:
        raise Invalid.at("position", "There is no such milestone, or it has been reached already.")
    return Acted(note={"milestone": changed})


def accept_delivery(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Gate 5, first half: the customer has accepted what was delivered, on a day and with the paper."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    if answer["accepted_on"] > day_of(step.now):
        raise Invalid.at("accepted_on", "This date lies in the future.")
    if answer["accepted_on"] < _signed_on(step, sale):
        raise Invalid.at("accepted_on", "This date lies before the contract.")
    step.session.execute(update(Sale).where(Sale.id == sale.id).values(accepted_on=answer["accepted_on"]))
    attach_answered(step, answer)
    return Outcome("submit", answer.get("remarks") or None)


def record_satisfaction(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Gate 5, second half: what the customer says, 1 (very dissatisfied) to 5."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    _refuse_owed(step, sale)
    score = int(answer["satisfaction"])
    step.session.execute(
        update(Sale).where(Sale.id == sale.id).values(satisfaction=score, customer_word=answer["customer_word"])
    )
    return Outcome("submit", values={"satisfaction": score})


def count_complaints(step: Step) -> Values:
    """How many complaints about this sale are still open; with one, it is not closed."""
    still_open = step.session.execute(
        select(func.count())
        .select_from(Complaint)
        .where(Complaint.sale_instance_id == step.instance_id, Complaint.closed_at.is_(None))
    ).scalar_one()
    return {"still_open": int(still_open)}


def close_sale(step: Step) -> None:
    """The sale is through: its registration ends, so that the next need is free to be registered."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    registrations.end(step.session, sale.registration_id, why="closed", now=step.now)
    move(step, sale, "closed", status=SaleStatus.CLOSED, closed_at=step.now)


def _refuse_owed(step: Step, sale: LockedSale) -> None:
    """An entry may have been reversed since gate 4 opened; a sale is not closed on money that is missing."""
    owed_fen = figures_of(step.session, sale.id).owed_fen
    if owed_fen:
        raise Conflict("¥%(owed)s of this sale is owed again since an entry was reversed.", owed=written(owed_fen))


def _signed_on(step: Step, sale: LockedSale) -> Any:
    return step.session.execute(
        select(Contract.signed_on).where(Contract.sale_id == sale.id, Contract.status == "signed")
    ).scalar_one()
