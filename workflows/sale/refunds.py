"""Refunds (G3.2): asked for with a reason, approved, then paid by finance; a case each, beside that of the sale.

What is asked back is reserved while the case runs, so that two refunds never give back the same money. It is paid
whatever has become of the sale since, under the sale's lock, as an entry of its ledger.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from workflows.customers.scope import sight_of
from workflows.documents.files import attach_answered
from workflows.engine.model import UserTask
from workflows.engine.process import Opening, Outcome, Step
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, Invalid, NotFound
from workflows.kernel.money import from_fen, to_fen, written
from workflows.sale.ledger import Figures, Line, Told, beyond, figures_of, lines_of, shares_of_refund
from workflows.sale.ledger_model import ReceiptKind, Refund
from workflows.sale.standing import LockedSale, lock_sale, next_number


def request_refund(step: Step, answer: Mapping[str, Any]) -> Opening:
    """Ask for money back that a customer has paid: for all of the order, or for one line of it.

    :raises Invalid: at ``sale`` (none that one sees), ``line``, or ``amount`` (above what may be asked back)
    """
    sale = _seen_sale(step, answer["sale"])
    amount_fen = to_fen(answer["amount"])
    _refuse_above(step.session, sale, amount_fen, answer.get("line"))
    number = next_number(step.session, "TK", day_of(step.now).year)
    step.session.execute(
        insert(Refund).values(
            instance_id=step.instance_id, number=number, sale_id=sale.id, order_line_id=answer.get("line"),
            amount_fen=amount_fen, reason=answer["reason"], requested_by_id=step.starter_id, requested_at=step.now,
        )
    )  # fmt: skip
    attach_answered(step, answer)
    return Opening(_title(number, sale, amount_fen))


def revise_refund(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Change a refund that was sent back; it stays with its sale."""
    refund = _refund(step)
    sale = lock_sale(step.session, sale_id=refund.sale_id)
    if answer["sale"] != sale.id:
        raise Invalid.at("sale", "A refund stays with its sale. Withdraw it and ask for another.")
    amount_fen = to_fen(answer["amount"])
    _refuse_above(step.session, sale, amount_fen, answer.get("line"), own=refund)
    step.session.execute(
        update(Refund)
        .where(Refund.id == refund.id)
        .values(amount_fen=amount_fen, order_line_id=answer.get("line"), reason=answer["reason"])
    )
    attach_answered(step, answer)
    return Outcome("submit", title=_title(refund.number, sale, amount_fen))


def approve_refund(_: Step, answer: Mapping[str, Any]) -> Outcome:
    """One decision on a refund: the manager's, or above a limit the director's too."""
    return Outcome.of_approval(answer)


def facts(step: Step) -> Mapping[str, Any]:
    """What the decision table looks at: the amount in yuan."""
    return {"amount": from_fen(_refund(step).amount_fen)}


def pay_refund(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Record that an approved refund was paid: an entry of the sale's ledger, shared out over its lines."""
    refund = _refund(step)
    sale = lock_sale(step.session, sale_id=refund.sale_id)
    _refuse_day(step, answer["paid_on"])
    # What this refund has reserved is free for itself; what others have is not.
    step.session.execute(update(Refund).where(Refund.id == refund.id).values(closed_at=step.now))
    figures, lines = figures_of(step.session, sale.id), lines_of(step.session, sale.id)
    if refund.amount_fen > figures.refundable_fen:
        raise Conflict("Only ¥%(left)s of this sale may still be refunded.", left=written(figures.refundable_fen))
    receipt_id = Told(step, sale, answer["paid_on"]).money(
        ReceiptKind.REFUND, refund.amount_fen,
        shares_of_refund(lines, refund.amount_fen, beyond(figures, lines), refund.order_line_id),
        method=answer["method"], reference=answer.get("reference") or "", payer=answer.get("payee") or "",
        reason=refund.reason, instance_id=step.instance_id,
    )  # fmt: skip
    step.session.execute(update(Refund).where(Refund.id == refund.id).values(receipt_id=receipt_id))
    attach_answered(step, answer)
    return Outcome("pay")


def refund_ended(step: Step, _status: str) -> None:
    """Paid, refused or withdrawn: nothing is reserved any more."""
    step.session.execute(
        update(Refund)
        .where(Refund.instance_id == step.instance_id, Refund.closed_at.is_(None))
        .values(closed_at=step.now)
    )


def amounts_refunded(session: Session, instance_ids: Sequence[int]) -> Mapping[int, int]:
    """What the cases ask back, in fen."""
    rows = session.execute(
        select(Refund.instance_id, Refund.amount_fen).where(Refund.instance_id.in_(instance_ids))
    )
    return {row.instance_id: row.amount_fen for row in rows}


def _seen_sale(step: Step, sale_id: int) -> LockedSale:
    """The sale that money is asked back of, locked; one that the person does not see is not there."""
    try:
        sale = lock_sale(step.session, sale_id=sale_id)
    except NotFound:
        raise Invalid.at("sale", "There is no such sale.") from None
    sight = sight_of(step.session, step.actor) if step.actor else None
    if sight is None or not sight.covers(owner_id=sale.owner_id, department_id=sale.department_id):
        raise Invalid.at("sale", "There is no such sale.")
    return sale


def _refuse_above(
    session: Session, sale: LockedSale, amount_fen: int, line_id: int | None, own: Refund | None = None
) -> None:
    """Nobody asks back more than is held and not asked back already, of the sale and of the line that is named."""
    figures = figures_of(session, sale.id)
    left = figures.refundable_fen + (own.amount_fen if own else 0)
    if line_id is not None:
        line = next((each for each in lines_of(session, sale.id) if each.id == line_id), None)
        if line is None:
            raise Invalid.at("line", "There is no such order line.")
        left = min(left, _free(line, own))
    if amount_fen > left:
        raise Invalid.at("amount", _too_much(figures, line_id), left=written(max(left, 0)))


def _free(line: Line, own: Refund | None) -> int:
    return line.free_fen + (own.amount_fen if own and own.order_line_id == line.id else 0)


def _too_much(figures: Figures, line_id: int | None) -> str:
    if line_id is not None:
        return "Only ¥%(left)s of this order line may be refunded."
    if figures.held_fen == 0:
        return "Nothing of this sale is held, so nothing can be refunded: ¥%(left)s."
    return "Only ¥%(left)s of this sale may be refunded."


def _refuse_day(step: Step, day: dt.date) -> None:
    if day > day_of(step.now):
        raise Invalid.at("paid_on", "This date lies in the future.")
    opened = select(UserTask.opened_at).where(UserTask.id == step.task_id)
    approved_on = day_of(step.session.execute(opened).scalar_one())
    if day < approved_on:
        raise Invalid.at(
            "paid_on", "The refund was approved on %(on)s and is not paid before.", on=approved_on.isoformat()
        )


def _refund(step: Step) -> Refund:
    return step.session.scalars(
        select(Refund).where(Refund.instance_id == step.instance_id).execution_options(populate_existing=True)
    ).one()


def _title(number: str, sale: LockedSale, amount_fen: int) -> str:
    return f"{number} · ¥{written(amount_fen)} · {sale.title}"[:200]
