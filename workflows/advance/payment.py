"""Paying an approved advance, in one sum or in parts, and closing the loan at its end."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from workflows.advance.ledger import Figures, LockedAdvance, figures_of, lock_advance, record, recorder_of
from workflows.advance.model import Advance, EntryKind
from workflows.engine.process import Outcome, Step
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, Invalid
from workflows.kernel.money import to_fen, written

#: The message that a loan waits for once it is paid.
CLEARED = "advance_cleared"


def pay(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Record a payment, or finance's decision that the rest will not be paid, or both at once.

    ``complete`` tells the diagram whether anything is left to pay; as long as there is, the task opens again.
    """
    advance = lock_advance(step.session, instance_id=step.instance_id)
    figures = figures_of(step.session, advance.id)
    paid_fen = to_fen(answer["amount"]) if answer.get("amount") else 0
    if paid_fen:
        _record_payment(step, answer, advance, figures, paid_fen)
    elif not answer.get("close_rest"):
        raise Invalid.at("amount", "The amount must be more than zero.")
    left_fen = figures.payable_fen - paid_fen
    if answer.get("close_rest"):
        _close_rest(step, answer, advance, left_fen)
        left_fen = 0
    if not left_fen and figures.balance_fen + paid_fen == 0:
        step.send(step.instance_id, CLEARED)
    opinion = answer["close_reason"] if answer.get("close_rest") else None
    return Outcome("pay" if paid_fen else "close_rest", opinion, {"complete": not left_fen})


def close_loan(step: Step) -> None:
    """End a loan that is cleared; refused, and thereby an incident, if the ledger says otherwise."""
    advance = lock_advance(step.session, instance_id=step.instance_id)
    figures = figures_of(step.session, advance.id)
    if not figures.is_cleared:
        raise Conflict(
            "Advance %(number)s is not cleared: ¥%(balance)s is outstanding.",
            number=advance.number,
            balance=written(figures.balance_fen),
        )


def advance_ended(step: Step, _status: str) -> None:
    """Mark the advance as finished, unless its case was ended while the borrower still owes money."""
    advance = lock_advance(step.session, instance_id=step.instance_id)
    if figures_of(step.session, advance.id).balance_fen == 0:
        step.session.execute(update(Advance).where(Advance.id == advance.id).values(closed_at=step.now))


def _record_payment(
    step: Step, answer: Mapping[str, Any], advance: LockedAdvance, figures: Figures, paid_fen: int
) -> None:
    today = day_of(step.now)
    if answer["paid_on"] > today:
        raise Invalid.at("paid_on", "The payment date lies in the future.")
    if advance.approved_on is None or answer["paid_on"] < advance.approved_on:
        raise Invalid.at(
            "paid_on",
            "The advance was approved on %(approved_on)s and is not paid before.",
            approved_on=(advance.approved_on or today).isoformat(),
        )
    record(
        step.session,
        advance.id,
        EntryKind.PAID,
        paid_fen,
        occurred_on=answer["paid_on"],
        now=step.now,
        figures=figures,
        method=answer["method"],
        reference=answer.get("reference") or "",
        **recorder_of(step),
    )


def _close_rest(step: Step, answer: Mapping[str, Any], advance: LockedAdvance, left_fen: int) -> None:
    if left_fen <= 0:
        raise Invalid.at("close_rest", "Nothing is left to pay, so there is nothing to close.")
    step.session.execute(
        update(Advance)
        .where(Advance.id == advance.id)
        .values(
            rest_closed_at=step.now,
            rest_closed_by_id=recorder_of(step)["recorded_by_id"],
            rest_closed_reason=answer["close_reason"],
        )
    )
