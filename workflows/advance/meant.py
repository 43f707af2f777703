"""What an advance is for: a sale or a customer of the archive, and what that sale has brought and cost (H12).

The link is checked against what the person sees; whoever decides on the advance is shown the sums whatever they see.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from workflows.advance.standing import AdvanceRow, advances_for_sale
from workflows.customers.model import Customer
from workflows.customers.scope import sight_of
from workflows.engine.process import Actor, Step
from workflows.kernel.errors import Invalid
from workflows.kernel.money import from_fen
from workflows.sale.ledger import figures_of
from workflows.sale.ledger_model import EventKind, SaleEvent
from workflows.sale.model import Sale, SaleStatus

#: As many are offered to choose from.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Link:
    """What a request is linked to, and the words for it where the request has none of its own."""

    customer_id: int | None = None
    sale_id: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One sale or customer to choose from."""

    id: int
    name: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a sale or a customer has brought and cost so far, in yuan; other advances for it included."""

    sale_id: int | None
    number: str
    title: str
    customer_id: int | None
    customer: str
    contracted: Decimal
    received: Decimal
    refunded: Decimal
    costs: Decimal
    advanced: Decimal
    claimed: Decimal


def link_of(step: Step, answer: Mapping[str, Any], *, kept: tuple[int | None, int | None] = (None, None)) -> Link:
    """Check what a request is linked to; ``kept`` are the customer and sale that it names already.

    :raises Invalid: at ``sale_id`` or ``customer_id``: the person does not see it, or the two do not belong together
    """
    sale_id, customer_id = answer.get("sale_id"), answer.get("customer_id")
    if sale_id is None:
        if customer_id is None:
            return Link()
        found = step.session.execute(
            select(Customer.name, Customer.owner_id, Customer.department_id).where(Customer.id == customer_id)
        ).one_or_none()
        if found is None or not (customer_id == kept[0] or _sees(step, found)):
            raise Invalid.at("customer_id", "There is no such customer.")
        return Link(customer_id, None, found.name)
    row = step.session.execute(
        select(Sale.customer_id, Sale.number, Sale.owner_id, Sale.department_id, Customer.name)
        .join(Customer, Customer.id == Sale.customer_id)
        .where(Sale.id == sale_id)
    ).one_or_none()
    if row is None or not (sale_id == kept[1] or _sees(step, row)):
        raise Invalid.at("sale_id", "There is no such sale.")
    if customer_id is not None and customer_id != row.customer_id:
        raise Invalid.at("customer_id", "This sale is with another customer.")
    return Link(row.customer_id, sale_id, f"{row.number} {row.name}")


def choices(session: Session, actor: Actor, *, sale_id: int | None, customer_id: int | None) -> dict[str, list[Choice]]:
    """The sales and customers that a request may name: one's own, and what it names already."""
    sight = sight_of(session, actor)
    named_sale = (Sale.id == sale_id) & sight.where(Sale.owner_id, Sale.department_id)
    named_customer = (Customer.id == customer_id) & sight.where(Customer.owner_id, Customer.department_id)
    sales = session.execute(
        select(Sale.id, Sale.title, Sale.number)
        .where(or_(named_sale, (Sale.owner_id == actor.id) & (Sale.status == SaleStatus.OPEN)))
        .order_by(Sale.id.desc())
        .limit(_MOST)
    )
    customers = session.execute(
        select(Customer.id, Customer.name)
        .where(or_(named_customer, (Customer.owner_id == actor.id) & Customer.archived_at.is_(None)))
        .order_by(Customer.id.desc())
        .limit(_MOST)
    )
    return {
        "sales_meant": [Choice(*row) for row in sales],
        "customers_meant": [Choice(*row) for row in customers],
    }


def worth_of(session: Session, advance: AdvanceRow, *, today: dt.date) -> Worth | None:
    """What the sale that an advance is for has brought and cost; None where it names none."""
    if advance.sale_id is None:
        return None
    row = session.execute(
        select(Sale.number, Sale.title, Sale.customer_id, Customer.name)
        .join(Customer, Customer.id == Sale.customer_id)
        .where(Sale.id == advance.sale_id)
    ).one()
    figures = figures_of(session, advance.sale_id)
    costs = session.execute(
        select(func.coalesce(func.sum(SaleEvent.amount_fen), 0)).where(
            SaleEvent.sale_id == advance.sale_id, SaleEvent.kind == EventKind.COST
        )
    ).scalar_one()
    others = advances_for_sale(session, advance.sale_id, today=today)
    return Worth(
        advance.sale_id, row.number, row.title, row.customer_id, row.name, from_fen(figures.contracted_fen),
        from_fen(figures.received_fen), from_fen(figures.refunded_fen), from_fen(int(costs)),
        from_fen(sum(each.paid_fen for each in others)), from_fen(sum(each.claimed_fen for each in others)),
    )  # fmt: skip


def _sees(step: Step, row: Any) -> bool:
    if step.actor is None:
        return False
    sight = sight_of(step.session, step.actor)
    return sight.covers(owner_id=row.owner_id, department_id=row.department_id)
