"""Clearing an advance: claims with receipts, returned money, and deduction from commission (domain.md section 2).

A settlement is a case of its own, so that several may run at once, each with its own trail. What it asks for is
reserved against the balance from the moment it is handed in; finance audits it; what finance accepts becomes entries.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update

from workflows.advance.ledger import Figures, LockedAdvance, figures_of, lock_advance, record, recorder_of
from workflows.advance.model import AdvanceEntry, EntryKind, Settlement, SettlementKind, SettlementLine
from workflows.advance.payment import CLEARED
from workflows.documents.files import attach
from workflows.engine.model import InstanceStatus, ProcessInstance
from workflows.engine.process import Opening, Outcome, Step
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, Invalid, NotFound
from workflows.kernel.money import to_fen, written

#: A receipt may be this old when it is claimed *(filled)*.
RECEIPT_DAYS = 365


def settle_advance(step: Step, answer: Mapping[str, Any]) -> Opening:
    """Hand in a settlement of one's own advance, for no more than what is left of the balance."""
    kind = SettlementKind(answer["kind"])
    advance = _own_advance(step, answer["advance"])
    amount_fen = _amount_of(kind, answer)
    _refuse_over_clearing(figures_of(step.session, advance.id), amount_fen, _amount_field(kind))
    _check_dates(step, kind, answer, advance)
    settlement_id = step.session.execute(
        insert(Settlement)
        .values(
            instance_id=step.instance_id,
            advance_id=advance.id,
            kind=kind,
            amount_fen=amount_fen,
            requested_at=step.now,
            note=answer.get("note") or "",
            consented_at=step.now if kind is SettlementKind.DEDUCTION else None,
            **_movement_of(kind, answer),
        )
        .returning(Settlement.id)
    ).scalar_one()
    if kind is SettlementKind.CLAIM:
        _write_lines(step, settlement_id, answer["lines"])
    _attach(step, answer)
    return Opening(f"{advance.number} · ¥{written(amount_fen)}", {"kind": kind.value})


def audit_claim(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Finance accepts or rejects each receipt; a claim of which nothing is accepted is refused."""
    settlement = _settlement(step)
    known = dict(
        step.session.execute(
            select(SettlementLine.position, SettlementLine.id).where(SettlementLine.settlement_id == settlement.id)
        ).all()
    )
    verdicts = _verdicts(answer, known)
    for position, (accepted, reason) in verdicts.items():
        step.session.execute(
            update(SettlementLine).where(SettlementLine.id == known[position]).values(accepted=accepted, reason=reason)
        )
    accepted_any = any(accepted for accepted, _ in verdicts.values())
    return Outcome("approve" if accepted_any else "reject", answer.get("opinion") or None)


def confirm_return(_: Step, answer: Mapping[str, Any]) -> Outcome:
    """Finance confirms that returned money has arrived."""
    return Outcome(answer["decision"], answer.get("opinion") or None)


def confirm_deduction(_: Step, answer: Mapping[str, Any]) -> Outcome:
    """Finance takes the consent to a deduction from commission into the books."""
    return Outcome(answer["decision"], answer.get("opinion") or None)


def post_settlement(step: Step) -> None:
    """Write what finance accepted into the ledger, and tell the loan when nothing is left."""
    settlement = _settlement(step)
    advance = lock_advance(step.session, advance_id=settlement.advance_id)
    for amount_fen, details in _accepted(step, settlement):
        figures = figures_of(step.session, advance.id)
        record(
            step.session, advance.id, _ENTRY[SettlementKind(settlement.kind)], amount_fen,
            now=step.now, figures=figures, settlement_id=settlement.id, **details, **recorder_of(step),
        )  # fmt: skip
    step.session.execute(update(Settlement).where(Settlement.id == settlement.id).values(posted_at=step.now))
    if figures_of(step.session, advance.id).is_cleared and _runs(step, advance.instance_id):
        step.send(advance.instance_id, CLEARED)


_ENTRY = {
    SettlementKind.CLAIM: EntryKind.CLAIMED,
    SettlementKind.RETURN: EntryKind.RETURNED,
    SettlementKind.DEDUCTION: EntryKind.DEDUCTED,
}


def _own_advance(step: Step, advance_id: int) -> LockedAdvance:
    try:
        advance = lock_advance(step.session, advance_id=advance_id)
    except NotFound:
        advance = None
    if advance is None or advance.borrower_id != step.starter_id:
        raise Invalid.at("advance", "There is no such advance of yours.")
    return advance


def _amount_field(kind: SettlementKind) -> str:
    return "lines" if kind is SettlementKind.CLAIM else "amount"


def _amount_of(kind: SettlementKind, answer: Mapping[str, Any]) -> int:
    if kind is SettlementKind.CLAIM:
        # Added up in fen: together the lines may come to more yuan than one amount may have.
        return sum(to_fen(line["amount"]) for line in answer["lines"])
    return to_fen(answer["amount"])


def _refuse_over_clearing(figures: Figures, amount_fen: int, field: str) -> None:
    if amount_fen <= 0:
        raise Invalid.at(field, "The amount must be more than zero.")
    if amount_fen > figures.clearable_fen and figures.reserved_fen:
        raise Invalid.at(
            field,
            "Only ¥%(clearable)s can be cleared: ¥%(balance)s is outstanding and ¥%(reserved)s is handed in already.",
            clearable=written(figures.clearable_fen),
            balance=written(figures.balance_fen),
            reserved=written(figures.reserved_fen),
        )
    if amount_fen > figures.clearable_fen:
        raise Invalid.at(
            field, "Only ¥%(balance)s of this advance is outstanding.", balance=written(figures.balance_fen)
        )


def _check_dates(step: Step, kind: SettlementKind, answer: Mapping[str, Any], advance: LockedAdvance) -> None:
    today = day_of(step.now)
    if kind is SettlementKind.RETURN:
        first_paid = step.session.execute(
            select(AdvanceEntry.occurred_on)
            .where(AdvanceEntry.advance_id == advance.id, AdvanceEntry.kind == EntryKind.PAID)
            .order_by(AdvanceEntry.occurred_on)
            .limit(1)
        ).scalar_one()
        if not first_paid <= answer["returned_on"] <= today:
            raise Invalid.at(
                "returned_on",
                "Money is returned between the payment on %(paid_on)s and today.",
                paid_on=first_paid.isoformat(),
            )
    for index, line in enumerate(answer.get("lines") or [] if kind is SettlementKind.CLAIM else []):
        if not today - dt.timedelta(days=RECEIPT_DAYS) <= line["spent_on"] <= today:
            raise Invalid.at(
                f"lines-{line.get('row', index)}-spent_on",
                "A receipt is dated within the last %(days)s days and not in the future.",
                days=RECEIPT_DAYS,
            )


def _movement_of(kind: SettlementKind, answer: Mapping[str, Any]) -> dict[str, Any]:
    """When and how returned money changed hands; the other kinds move none."""
    if kind is not SettlementKind.RETURN:
        return {}
    return {
        "occurred_on": answer["returned_on"],
        "method": answer["method"],
        "reference": answer.get("reference") or "",
    }


def _write_lines(step: Step, settlement_id: int, lines: list[Mapping[str, Any]]) -> None:
    step.session.execute(
        insert(SettlementLine),
        [
            {
                "settlement_id": settlement_id,
                "position": position,
                "kind": line["kind"],
                "spent_on": line["spent_on"],
                "amount_fen": to_fen(line["amount"]),
                "note": line.get("note") or "",
                "document_ids": line.get("attachments") or [],
            }
            for position, line in enumerate(lines, start=1)
        ],
    )


def _attach(step: Step, answer: Mapping[str, Any]) -> None:
    """Attach the documents of the whole settlement and of each receipt; an error stands at its own field."""
    owner_id = step.author_id
    named = {"attachments": answer.get("attachments") or []}
    for index, line in enumerate(answer.get("lines") or []):
        named[f"lines-{line.get('row', index)}-attachments"] = line.get("attachments") or []
    for field, ids in named.items():
        attach(
            step.session, ids, owner_id=owner_id, instance_id=step.instance_id, element_id=step.element_id,
            now=step.now, field=field,
        )  # fmt: skip


def _settlement(step: Step) -> Settlement:
    settlement = step.session.execute(
        select(Settlement).where(Settlement.instance_id == step.instance_id).with_for_update()
    ).scalar_one()
    if settlement.posted_at is not None:
        raise Conflict("This settlement has been posted already.")
    return settlement


def _verdicts(answer: Mapping[str, Any], known: Mapping[int, int]) -> dict[int, tuple[bool, str]]:
    """Finance's word on every line, by position; rejecting the claim rejects every line with the one reason."""
    if answer["decision"] == "reject":
        return dict.fromkeys(known, (False, answer["opinion"]))
    verdicts = {line["line"]: (line["accepted"], line.get("reason") or "") for line in answer["lines"]}
    if set(verdicts) != set(known) or len(answer["lines"]) != len(known):
        raise Invalid.at("lines", "Accept or reject each of the %(count)s lines.", count=len(known))
    if not any(accepted for accepted, _ in verdicts.values()):
        raise Invalid.at("lines", "No line is accepted: reject the claim instead, with a reason.")
    return verdicts


def _accepted(step: Step, settlement: Settlement) -> list[tuple[int, dict[str, Any]]]:
    """The amounts to write, each with what its entry says besides."""
    if settlement.kind != SettlementKind.CLAIM:
        return [
            (
                settlement.amount_fen,
                {
                    "occurred_on": settlement.occurred_on or day_of(step.now),
                    "method": settlement.method,
                    "reference": settlement.reference,
                },
            )
        ]
    lines = step.session.execute(
        select(SettlementLine.id, SettlementLine.amount_fen)
        .where(SettlementLine.settlement_id == settlement.id, SettlementLine.accepted.is_(True))
        .order_by(SettlementLine.position)
    )
    today = day_of(step.now)
    return [(line.amount_fen, {"occurred_on": today, "settlement_line_id": line.id}) for line in lines]


def _runs(step: Step, instance_id: int) -> bool:
    status = step.session.execute(select(ProcessInstance.status).where(ProcessInstance.id == instance_id)).scalar_one()
    return bool(status == InstanceStatus.RUNNING)
