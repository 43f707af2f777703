"""A sale is lost, put aside, taken up again, or given to somebody else: at every stage, always with a reason."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update

from workflows.customers import registrations
from workflows.customers.scope import SALES_ROLES, Sight
from workflows.engine.model import InstanceStatus
from workflows.engine.process import Acted, Outcome, Step, Values
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, Invalid
from workflows.kernel.money import to_fen
from workflows.people.model import Employee, EmployeeRole
from workflows.people.naming import people_named
from workflows.sale.ledger import figures_of
from workflows.sale.ledger_model import Receipt
from workflows.sale.model import Contract, LostReason, Quotation, Sale, SaleStatus, Stage
from workflows.sale.opportunity import title_of
from workflows.sale.standing import (
    LockedSale,
    lock_sale,
    move,
    only_leading,
    only_responsible,
    read_sale,
    refuse_unless,
)

#: The messages that the diagram waits for at every stage, and while a sale is out of the running.
STOPPED, REOPENED = "sale_stopped", "sale_reopened"
#: Until when a lost sale waits by itself: for ever.
NEVER = "2999-12-31"
#: How long a sale may be put aside.
LONGEST_ASIDE = dt.timedelta(days=366)


def stopping(sale: LockedSale, sight: Sight) -> None:
    """Who is responsible stops a sale that goes on."""
    only_responsible(sale, sight)
    refuse_unless(sale, SaleStatus.OPEN)


def losing(sale: LockedSale, sight: Sight) -> None:
    """A sale is lost while it goes on, and while it is put aside."""
    only_responsible(sale, sight)
    refuse_unless(sale, SaleStatus.OPEN, SaleStatus.SUSPENDED)


def reopening(sale: LockedSale, sight: Sight) -> None:
    """What is lost or put aside is taken up again by who is responsible."""
    only_responsible(sale, sight)
    refuse_unless(sale, SaleStatus.LOST, SaleStatus.SUSPENDED)


def reassigning(sale: LockedSale, sight: Sight) -> None:
    """Who leads the department gives a sale to somebody else, wherever it stands."""
    only_leading(sale, sight)
    refuse_unless(sale, SaleStatus.OPEN, SaleStatus.LOST, SaleStatus.SUSPENDED)


def lose_sale(step: Step, answer: Mapping[str, Any]) -> Acted:
    """The sale is lost: the need is free to be registered by others. Money that came in is refunded first."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    figures = figures_of(step.session, sale.id)
    if figures.held_fen:
        raise Invalid.at(
            "reason", "¥%(held)s of this sale have been collected. Refund them first.", held=figures.held_written
        )
    _lose(step, sale, answer["reason"], answer["words"])
    return Acted(STOPPED, is_needed=True, note={"reason": answer["words"]})


def suspend_sale(step: Step, answer: Mapping[str, Any]) -> Acted:
    """Put the sale aside until a day, on which its owner is asked again. The need stays registered as contact lasts."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    _suspend(step, sale, answer["reason"], answer["words"], answer["resume_on"])
    return Acted(STOPPED, is_needed=True, note={"reason": answer["words"]})


def reopen_sale(step: Step, answer: Mapping[str, Any]) -> Acted:
    """Take the sale up again at the stage in which it stopped; refused while somebody else has registered the need."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    _reopen(step, sale, answer["words"])
    return Acted(REOPENED, is_needed=True, note={"reason": answer["words"]})


def decide_on_suspended(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """The day has come: go on, wait longer, or give it up."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    decision, words = answer["decision"], answer["words"]
    if decision == "reopen":
        _reopen(step, sale, words)
    elif decision == "later":
        _suspend(step, sale, LostReason.TIMING, words, answer["resume_on"])
    else:
        _lose(step, sale, answer["reason"], words)
    return Outcome(decision, words)


def lapse_sale(step: Step) -> Values:
    """Nobody was in contact for so long that the registration lapsed (I8.1): the sale waits until it is renewed."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    move(step, sale, "lost", status=SaleStatus.LOST, stopped_reason=LostReason.LAPSED)
    return {}


def note_stop(step: Step) -> Values:
    """Until when the sale is put aside; a lost one waits for nothing but to be reopened."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    aside = sale.status == SaleStatus.SUSPENDED and sale.resume_on is not None
    return {"until": sale.resume_on.isoformat() if aside and sale.resume_on else NEVER}


def find_stage(step: Step) -> Values:
    """At which stage the sale goes on."""
    return {"stage": lock_sale(step.session, instance_id=step.instance_id).stage}


def reassign_sale(step: Step, answer: Mapping[str, Any]) -> Acted:
    """Give the sale, and its registration, to another salesperson of one's departments."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    named = people_named(step.session, [answer["to"]], field="to")
    if len(named) != 1:
        raise Invalid.at("to", "Name one person.")
    [to_id] = named
    roles = step.session.execute(select(EmployeeRole.role).where(EmployeeRole.employee_id == to_id)).scalars()
    if SALES_ROLES.isdisjoint(roles):
        raise Invalid.at("to", "This person does not sell.")
    give_sale(step, sale, to_id, answer["words"])
    return Acted(owner_id=to_id, note={"reason": answer["words"]})


def give_sale(step: Step, sale: LockedSale, to_id: int, reason: str) -> None:
    """Write the new owner into a sale and its registration; the case itself is passed on by the caller."""
    person = select(Employee.department_id).where(Employee.id == to_id)
    department_id = step.session.execute(person).scalar_one()
    values: dict[str, Any] = {"owner_id": to_id, "department_id": department_id}
    if sale.status == SaleStatus.OPEN:
        values["registration_id"] = registrations.renew(
            step.session, sale.registration_id, owner_id=to_id, now=step.now
        )
    move(step, sale, "reassigned", reason=reason, to_id=to_id, **values)


def passed_on(step: Step, to_id: int, reason: str) -> None:
    """The case was passed on because of something outside it: a registration that was contested, a leaver."""
    give_sale(step, lock_sale(step.session, instance_id=step.instance_id), to_id, reason)


def refuse_undoing(step: Step) -> None:
    """A sale may be withdrawn, as registered by mistake, until its contract is signed."""
    if figures_of(step.session, read_sale(step.session, step.instance_id).id).contracted_fen:
        raise Conflict("The contract of this sale is signed: lose it with a reason instead.")


def sale_ended(step: Step, status: str) -> None:
    """A case that was withdrawn or terminated leaves a lost sale and a need that is free again."""
    if status == InstanceStatus.COMPLETED:
        return
    sale = lock_sale(step.session, instance_id=step.instance_id)
    registrations.end(step.session, sale.registration_id, why="withdrawn", now=step.now)
    if sale.status != SaleStatus.LOST:
        move(step, sale, "lost", status=SaleStatus.LOST, stopped_reason=LostReason.OTHER, resume_on=None)


def change_forecast(step: Step, answer: Mapping[str, Any]) -> Acted:
    """Expect another amount or another day; once a quotation is accepted, its amount is what is expected."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    if answer["expected_on"] < day_of(step.now):
        raise Invalid.at("expected_on", "The expected date lies in the past.")
    agreed = step.session.execute(
        select(Quotation.total_fen)
        .outerjoin(Contract, Contract.quotation_id == Quotation.id)
        .where(Quotation.sale_id == sale.id, Quotation.status == "accepted")
    ).first()
    fen = to_fen(answer["expected_amount"])
    if agreed is not None and fen != agreed.total_fen:
        raise Invalid.at("expected_amount", "The customer has accepted a quotation: its amount is what is expected.")
    step.session.execute(
        update(Sale).where(Sale.id == sale.id).values(expected_fen=fen, expected_on=answer["expected_on"])
    )
    return Acted(title=title_of(sale.number, sale.title, fen), note={"expected_on": answer["expected_on"].isoformat()})


def _lose(step: Step, sale: LockedSale, reason: str, words: str) -> None:
    registrations.end(step.session, sale.registration_id, why="lost", now=step.now)
    move(step, sale, "lost", reason=words, status=SaleStatus.LOST, stopped_reason=reason, resume_on=None)


def _suspend(step: Step, sale: LockedSale, reason: str, words: str, resume_on: dt.date) -> None:
    today = day_of(step.now)
    if resume_on <= today:
        raise Invalid.at("resume_on", "Choose a day to come.")
    if resume_on > today + LONGEST_ASIDE:
        raise Invalid.at("resume_on", "A sale is put aside for a year at most.")
    move(
        step, sale, "suspended", reason=words, status=SaleStatus.SUSPENDED, stopped_reason=reason, resume_on=resume_on
    )


def _reopen(step: Step, sale: LockedSale, words: str) -> None:
    """Take it up at its stage. Money that went back is owed again: after-sales falls back to collecting it."""
    settled = {}
    if sale.status == SaleStatus.LOST and figures_of(step.session, sale.id).received_fen:
        last = select(func.max(Receipt.id)).where(Receipt.sale_id == sale.id)
        settled = {"settled_receipt_id": step.session.execute(last).scalar_one(), "stage": Stage.PURCHASE}
    registration_id = registrations.renew(
        step.session, sale.registration_id, owner_id=sale.owner_id, now=step.now
    )
    move(
        step, sale, "reopened", reason=words, status=SaleStatus.OPEN, stopped_reason=None, resume_on=None,
        registration_id=registration_id, stage_since=step.now, **settled,
    )  # fmt: skip
