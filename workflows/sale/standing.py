"""A sale under its lock, and every move that it makes: to a stage, out of the running, back, to another owner."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from workflows.customers.scope import Sight, sight_of
from workflows.engine.process import Step
from workflows.engine.submissions import polite_lock
from workflows.kernel.errors import Conflict, NotAllowed, NotFound
from workflows.sale.model import Sale, SaleMove, SaleStatus

_NUMBER = text("""
INSERT INTO sale_number (kind, year, last) VALUES (:kind, :year, 1)
ON CONFLICT (kind, year) DO UPDATE SET last = sale_number.last + 1
RETURNING :kind || '-' || year || '-' || lpad(last::text, greatest(6, length(last::text)), '0')
""")


@dataclass(frozen=True, slots=True)
class LockedSale:
    """The row of a sale as it stands under the lock."""

    id: int
    instance_id: int
    number: str
    title: str
    customer_id: int
    product_line_id: int
    registration_id: int
    owner_id: int
    department_id: int
    stage: int
    status: str
    stage_since: dt.datetime
    resume_on: dt.date | None
    settled_receipt_id: int


_LOCKED = (
    Sale.id, Sale.instance_id, Sale.number, Sale.title, Sale.customer_id, Sale.product_line_id, Sale.registration_id,
    Sale.owner_id, Sale.department_id, Sale.stage, Sale.status, Sale.stage_since, Sale.resume_on,
    Sale.settled_receipt_id,
)  # fmt: skip


def next_number(session: Session, kind: str, year: int) -> str:
    """Count up a kind's number for the year, without gaps: what is rolled back was never given."""
    return str(session.execute(_NUMBER, {"kind": kind, "year": year}).scalar_one())


def lock_sale(session: Session, *, sale_id: int | None = None, instance_id: int | None = None) -> LockedSale:
    """Lock a sale, named by its own or its case's id, until the transaction ends."""
    named = Sale.id == sale_id if sale_id is not None else Sale.instance_id == instance_id
    with polite_lock():
        row = session.execute(select(*_LOCKED).where(named).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such sale.")
    return LockedSale(*tuple(row))


def read_sale(session: Session, instance_id: int) -> LockedSale:
    """The same without a lock, for pages and for checks that are made again under it."""
    row = session.execute(select(*_LOCKED).where(Sale.instance_id == instance_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such sale.")
    return LockedSale(*tuple(row))


def move(
    step: Step, sale: LockedSale, kind: str, *, reason: str = "", to_id: int | None = None, **values: Any
) -> None:
    """Change where a sale stands and keep the move. ``values`` are columns of ``sale``."""
    stage = values.get("stage", sale.stage)
    since = {"stage_since": step.now} if stage != sale.stage else {}
    step.session.execute(update(Sale).where(Sale.id == sale.id).values(**{**since, **values}))
    step.session.execute(
        insert(SaleMove).values(
            sale_id=sale.id, kind=kind, stage=stage, from_stage=sale.stage, since=sale.stage_since, reason=reason,
            from_id=sale.owner_id if to_id is not None else None, to_id=to_id,
            moved_by_id=step.actor.id if step.actor else None, moved_at=step.now,
        )
    )  # fmt: skip


#: Says, by a refusal, that this person may not do something to this sale, or not now. Reads nothing, so that a page
#: can ask all rules of one sale at the cost of reading it once.
Rule = Callable[[LockedSale, Sight], None]


def guarded(rule: Rule) -> Callable[[Step], None]:
    """A rule as the engine asks it before an act. For who does not see the sale, it does not exist."""

    def refuse(step: Step) -> None:
        sale = read_sale(step.session, step.instance_id)
        if step.actor is None:
            raise NotFound("There is no such sale.")
        sight = sight_of(step.session, step.actor)
        if not sight.covers(owner_id=sale.owner_id, department_id=sale.department_id):
            raise NotFound("There is no such sale.")
        rule(sale, sight)

    return refuse


def only_responsible(sale: LockedSale, sight: Sight) -> None:
    """Let in who owns the sale or leads its department."""
    if sale.owner_id != sight.person_id and not sight.leads(sale.department_id):
        raise NotAllowed("Only the owner of this sale and who leads their department may do this.")


def only_leading(sale: LockedSale, sight: Sight) -> None:
    """Let in who leads the department of the sale."""
    if not sight.leads(sale.department_id):
        raise NotAllowed("Only who leads the department of this sale may do this.")


def only_finance(_: LockedSale, sight: Sight) -> None:
    """Let finance in."""
    if not sight.is_finance:
        raise NotAllowed("Only finance records money.")


def refuse_unless(sale: LockedSale, *statuses: SaleStatus) -> None:
    """Raise unless the sale stands in one of these."""
    if sale.status not in statuses:
        raise Conflict(_NOT_NOW[sale.status])


_NOT_NOW: dict[str, str] = {
    SaleStatus.OPEN: "This sale goes on; it is neither lost nor put aside.",
    SaleStatus.LOST: "This sale is lost. Reopen it first.",
    SaleStatus.SUSPENDED: "This sale is put aside. Reopen it first.",
    SaleStatus.CLOSED: "This sale is closed.",
}
