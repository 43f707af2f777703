"""The figures of an advance, derived from its entries, and the one way to write an entry.

Balance = paid - claimed - returned - deducted (domain.md section 2), each sum less what was reversed. Figures are
read after the advance's row has been locked, in a statement of their own, so that two people who pay or clear at the
same moment see each other's entries; ``record`` refuses whatever would take a figure below zero, with the figure.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, insert, select
from sqlalchemy.orm import Session

from workflows.advance.model import Advance, AdvanceEntry, EntryKind, Settlement
from workflows.engine.model import InstanceStatus, ProcessInstance
from workflows.engine.process import Step
from workflows.engine.submissions import polite_lock
from workflows.kernel.days import day_of
from workflows.kernel.errors import Invalid, NotFound, Refusal
from workflows.kernel.money import written


@dataclass(frozen=True, slots=True)
class Figures:
    """What an advance's entries add up to, in fen. ``reserved_fen`` is handed in and not yet decided."""

    amount_fen: int
    paid_fen: int
    claimed_fen: int
    returned_fen: int
    deducted_fen: int
    reserved_fen: int
    is_rest_closed: bool

    @property
    def balance_fen(self) -> int:
        """What the borrower still owes."""
        return self.paid_fen - self.claimed_fen - self.returned_fen - self.deducted_fen

    @property
    def payable_fen(self) -> int:
        """What finance may still pay out."""
        return 0 if self.is_rest_closed else self.amount_fen - self.paid_fen

    @property
    def clearable_fen(self) -> int:
        """What the borrower may still hand in: the balance less what is being looked at."""
        return self.balance_fen - self.reserved_fen

    @property
    def is_cleared(self) -> bool:
        """Nothing is owed and nothing more will be paid."""
        return self.balance_fen == 0 and self.payable_fen == 0


def sum_of(kind: EntryKind) -> ColumnElement[int]:
    """The sum of one kind of entry, a reversal counted against it."""
    signed = case((AdvanceEntry.reverses_id.is_(None), AdvanceEntry.amount_fen), else_=-AdvanceEntry.amount_fen)
    return func.coalesce(func.sum(signed).filter(AdvanceEntry.kind == kind), 0)


def sums_by_advance() -> Select[int, int, int, int]:
    """Sums per advance; joined laterally, so that only the entries of the advances asked for are read."""
    return select(
        sum_of(EntryKind.PAID).label("paid_fen"),
        sum_of(EntryKind.CLAIMED).label("claimed_fen"),
        sum_of(EntryKind.RETURNED).label("returned_fen"),
        sum_of(EntryKind.DEDUCTED).label("deducted_fen"),
    ).where(AdvanceEntry.advance_id == Advance.id)


def balance_of(sums: FromClause) -> ColumnElement[int]:
    """The balance in SQL, from the columns of ``sums_by_advance``."""
    balance: ColumnElement[int] = sums.c.paid_fen - sums.c.claimed_fen - sums.c.returned_fen - sums.c.deducted_fen
    return balance


def reserved_of_advance() -> ColumnElement[int]:
    """What was handed in for an advance and waits for finance: settlements of cases that still run."""
    return (
        select(func.coalesce(func.sum(Settlement.amount_fen), 0))
        .join(ProcessInstance, ProcessInstance.id == Settlement.instance_id)
        .where(
            Settlement.advance_id == Advance.id,
            Settlement.posted_at.is_(None),
            ProcessInstance.status == InstanceStatus.RUNNING,
        )
        .correlate(Advance)
        .scalar_subquery()
    )


def figures_of(session: Session, advance_id: int) -> Figures:
    """Read the figures of one advance."""
    sums = sums_by_advance().lateral("sums")
    row = session.execute(
        select(
            Advance.amount_fen, sums.c.paid_fen, sums.c.claimed_fen, sums.c.returned_fen, sums.c.deducted_fen,
            reserved_of_advance(), Advance.rest_closed_at.is_not(None),
        )
        .select_from(Advance)
        .join(sums, onclause=Advance.id == Advance.id)
        .where(Advance.id == advance_id)
    ).one()  # fmt: skip
    amount, paid, claimed, returned, deducted, reserved, closed = row
    return Figures(amount, int(paid), int(claimed), int(returned), int(deducted), int(reserved), closed)


@dataclass(frozen=True, slots=True)
class LockedAdvance:
    """The row of an advance, as it stands under the lock."""

    id: int
    instance_id: int
    borrower_id: int
    number: str
    amount_fen: int
    purpose: str
    customer: str
    return_on: dt.date
    approved_on: dt.date | None
    rest_closed_at: dt.datetime | None


_LOCKED = (
    Advance.id, Advance.instance_id, Advance.borrower_id, Advance.number, Advance.amount_fen, Advance.purpose,
    Advance.customer, Advance.return_on, Advance.approved_on, Advance.rest_closed_at,
)  # fmt: skip


def recorder_of(step: Step) -> dict[str, Any]:
    """Who records an entry in this step, and for whom; money is never moved by nobody."""
    if step.actor is None:
        raise ValueError("an entry is recorded by a person")
    return {"recorded_by_id": step.actor.id, "recorded_for_id": step.on_behalf_of_id}


def lock_advance(session: Session, *, advance_id: int | None = None, instance_id: int | None = None) -> LockedAdvance:
    """Lock an advance, named by its own or its case's id, until the transaction ends."""
    named = Advance.id == advance_id if advance_id is not None else Advance.instance_id == instance_id
    with polite_lock():
        row = session.execute(select(*_LOCKED).where(named).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such advance.")
    return LockedAdvance(*tuple(row))


def record(
    session: Session, advance_id: int, kind: EntryKind, amount_fen: int, *, occurred_on: dt.date,
    recorded_by_id: int, now: dt.datetime, figures: Figures, field: str = "amount", **details: Any,
) -> int:  # fmt: skip
    """Write one entry of a locked advance and give its id.

    ``figures`` were read under the lock. Raises ``Invalid`` at ``field`` when a payment exceeds what is left to pay or
    a clearing exceeds the balance.
    """
    if amount_fen <= 0:
        raise Invalid.at(field, "The amount must be more than zero.")
    if kind is EntryKind.PAID and amount_fen > figures.payable_fen:
        raise Invalid.at(
            field, "Only ¥%(payable)s of ¥%(amount)s is left to pay.",
            payable=written(figures.payable_fen), amount=written(figures.amount_fen),
        )  # fmt: skip
    if kind is not EntryKind.PAID and amount_fen > figures.balance_fen:
        raise Invalid.at(
            field, "Only ¥%(balance)s of this advance is outstanding.", balance=written(figures.balance_fen)
        )
    values: Mapping[str, Any] = {
        "advance_id": advance_id, "kind": kind, "amount_fen": amount_fen, "occurred_on": occurred_on,
        "recorded_by_id": recorded_by_id, "recorded_at": now, **details,
    }  # fmt: skip
    return int(session.execute(insert(AdvanceEntry).values(**values).returning(AdvanceEntry.id)).scalar_one())


def reverse_entry(session: Session, entry_id: int, *, reason: str, recorded_by_id: int, now: dt.datetime) -> int:
    """Undo a wrong entry by a new one that names it, and give the new one's id.

    Refused without a reason, for a reversal, for what is already reversed, and where a figure would fall below zero:
    a payment that has been cleared by claims is not undone before the claims are.
    """
    advance_id = session.execute(
        select(AdvanceEntry.advance_id).where(AdvanceEntry.id == entry_id)
    ).scalar_one_or_none()
    if advance_id is None:
        raise NotFound("There is no such entry.")
    lock_advance(session, advance_id=advance_id)
    entry = session.execute(select(AdvanceEntry).where(AdvanceEntry.id == entry_id)).scalar_one()
    if not reason.strip():
        raise Invalid.at("reason", "Say why the entry is wrong.")
    undone = session.execute(select(AdvanceEntry.id).where(AdvanceEntry.reverses_id == entry_id)).first()
    if entry.reverses_id is not None or undone is not None:
        raise Refusal("This entry has been reversed already, or is itself a reversal.")
    figures = figures_of(session, advance_id)
    if entry.kind == EntryKind.PAID and figures.clearable_fen < entry.amount_fen:
        raise Refusal("Only ¥%(balance)s of this advance is outstanding.", balance=written(figures.clearable_fen))
    if entry.kind != EntryKind.PAID and figures.balance_fen + entry.amount_fen > figures.paid_fen:
        raise Refusal("The balance would exceed the ¥%(paid)s that were paid.", paid=written(figures.paid_fen))
    values = {
        "advance_id": advance_id, "kind": entry.kind, "amount_fen": entry.amount_fen, "occurred_on": day_of(now),
        "note": reason.strip(), "settlement_id": entry.settlement_id, "reverses_id": entry_id,
        "recorded_by_id": recorded_by_id, "recorded_at": now,
    }  # fmt: skip
    return int(session.execute(insert(AdvanceEntry).values(**values).returning(AdvanceEntry.id)).scalar_one())
