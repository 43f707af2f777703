"""Asking for an advance, and changing what was asked for.

The answers come typed from ``forms.advance``: ``amount`` and the amounts of ``spend`` are Decimals, ``return_on`` is a
date, ``attachments`` a list of document ids. What only the case can know is checked here.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from workflows.advance.ledger import LockedAdvance, balance_of, lock_advance, sums_by_advance
from workflows.advance.meant import link_of
from workflows.advance.model import Advance, AdvanceSpend, AdvanceVersion
from workflows.documents.files import attach_answered
from workflows.engine.process import Opening, Outcome, Step
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, Invalid, Refusal
from workflows.kernel.money import to_fen, written

#: One statement for a request: the number is counted up, and the row and its spend are written with it.
_REQUEST = text("""
WITH counted AS (
    INSERT INTO advance_number (year, last) VALUES (:year, 1)
    ON CONFLICT (year) DO UPDATE SET last = advance_number.last + 1
    RETURNING last
), asked AS (
    INSERT INTO advance (instance_id, number, borrower_id, department_id, amount_fen, purpose, customer, return_on,
                         requested_at, customer_id, sale_id)
    SELECT :instance, 'JK-' || :year || '-' || lpad(last::text, greatest(6, length(last::text)), '0'),
           e.id, e.department_id, :amount, :purpose, :customer, :return_on, :now, CAST(:customer_id AS bigint),
           CAST(:sale_id AS bigint)
      FROM counted, employee e WHERE e.id = :borrower
    RETURNING id, number
), meant AS (
    INSERT INTO advance_spend (advance_id, kind, amount_fen)
    SELECT asked.id, s.kind, s.fen
      FROM asked, unnest(CAST(:kinds AS text[]), CAST(:fens AS bigint[])) AS s (kind, fen)
)
SELECT number FROM asked
""")


def request_advance(step: Step, answer: Mapping[str, Any]) -> Opening:
    """Open a request (H12.1). Refused while an earlier advance of the borrower is overdue *(filled)*."""
    today = day_of(step.now)
    spend = _spend_of(answer)
    _refuse_past_return(answer, today)
    refuse_while_overdue(step.session, step.starter_id, today)
    link = link_of(step, answer)
    number = step.session.execute(
        _REQUEST,
        {
            "year": today.year,
            "instance": step.instance_id,
            "borrower": step.starter_id,
            "amount": to_fen(answer["amount"]),
            "purpose": answer["purpose"],
            "customer": answer.get("customer") or link.words,
            "customer_id": link.customer_id,
            "sale_id": link.sale_id,
            "return_on": answer["return_on"],
            "now": step.now,
            "kinds": list(spend),
            "fens": list(spend.values()),
        },
    ).scalar_one()
    attach_answered(step, answer)
    return Opening(title_of(number, to_fen(answer["amount"]), answer["purpose"]))


def revise_request(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Change a request that was returned; what it said before is kept as a version."""
    today = day_of(step.now)
    spend = _spend_of(answer)
    _refuse_past_return(answer, today)
    advance = lock_advance(step.session, instance_id=step.instance_id)
    refuse_while_overdue(step.session, advance.borrower_id, today)
    link = link_of(step, answer, kept=_linked(step.session, advance.id))
    _keep_version(step, advance)
    step.session.execute(delete(AdvanceSpend).where(AdvanceSpend.advance_id == advance.id))
    step.session.execute(
        insert(AdvanceSpend),
        [{"advance_id": advance.id, "kind": kind, "amount_fen": fen} for kind, fen in spend.items()],
    )
    step.session.execute(
        update(Advance)
        .where(Advance.id == advance.id)
        .values(
            amount_fen=to_fen(answer["amount"]),
            purpose=answer["purpose"],
            customer=answer.get("customer") or link.words,
            customer_id=link.customer_id,
            sale_id=link.sale_id,
            return_on=answer["return_on"],
        )
    )
    attach_answered(step, answer)
    return Outcome("submit", title=title_of(advance.number, to_fen(answer["amount"]), answer["purpose"]))


def title_of(number: str, amount_fen: int, purpose: str) -> str:
    """What inboxes show of an advance, in no language but the borrower's own words."""
    return f"{number} · ¥{written(amount_fen)} · {purpose[:80]}"


def refuse_undoing(step: Step) -> None:
    """A request may be called back until the first payment."""
    paid = step.session.execute(
        select(sums_by_advance().lateral().c.paid_fen)
        .select_from(Advance)
        .where(Advance.instance_id == step.instance_id)
    ).scalar_one_or_none()
    if paid:
        raise Conflict("¥%(paid)s have been paid already: return the money instead.", paid=written(int(paid)))


def refuse_while_overdue(session: Session, borrower_id: int, today: dt.date) -> None:
    """Raise a refusal that names the borrower's longest overdue advance, if there is one."""
    sums = sums_by_advance().lateral("sums")
    overdue = session.execute(
        select(Advance.number, balance_of(sums).label("balance_fen"), Advance.return_on)
        .select_from(Advance)
        .join(sums, onclause=text("true"))
        .where(
            Advance.borrower_id == borrower_id,
            Advance.closed_at.is_(None),
            Advance.return_on < today,
            balance_of(sums) > 0,
        )
        .order_by(Advance.return_on, Advance.id)
        .limit(1)
    ).one_or_none()
    if overdue is not None:
        raise Refusal(
            "Advance %(number)s is overdue: ¥%(balance)s should have been cleared by %(return_on)s.",
            number=overdue.number,
            balance=written(int(overdue.balance_fen)),
            return_on=overdue.return_on.isoformat(),
        )


def _spend_of(answer: Mapping[str, Any]) -> dict[str, int]:
    """Fen by kind; a kind that is named twice is added up, and the sum must be the amount."""
    spend: dict[str, int] = {}
    for row in answer["spend"]:
        spend[row["kind"]] = spend.get(row["kind"], 0) + to_fen(row["amount"])
    spend = {kind: fen for kind, fen in spend.items() if fen}
    if sum(spend.values()) != to_fen(answer["amount"]):
        raise Invalid.at(
            "spend",
            "The kinds of expense add up to ¥%(sum)s, the amount is ¥%(amount)s.",
            sum=written(sum(spend.values())),
            amount=written(to_fen(answer["amount"])),
        )
    return spend


def _linked(session: Session, advance_id: int) -> tuple[int | None, int | None]:
    row = session.execute(select(Advance.customer_id, Advance.sale_id).where(Advance.id == advance_id)).one()
    return row.customer_id, row.sale_id


def _refuse_past_return(answer: Mapping[str, Any], today: dt.date) -> None:
    if answer["return_on"] < today:
        raise Invalid.at("return_on", "The return date lies in the past.")



def _keep_version(step: Step, advance: LockedAdvance) -> None:
    spend = step.session.execute(
        select(AdvanceSpend.kind, AdvanceSpend.amount_fen).where(AdvanceSpend.advance_id == advance.id)
    )
    earlier = step.session.execute(
        select(func.count()).select_from(AdvanceVersion).where(AdvanceVersion.advance_id == advance.id)
    ).scalar_one()
    step.session.execute(
        insert(AdvanceVersion).values(
            advance_id=advance.id,
            version=earlier + 1,
            amount_fen=advance.amount_fen,
            purpose=advance.purpose,
            customer=advance.customer,
            return_on=advance.return_on,
            spend={row.kind: row.amount_fen for row in spend},
            replaced_at=step.now,
        )
    )
