"""Customers that are due for a contact by the rhythm of their grade (I6.1), and putting one off with a reason."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from workflows.customers.model import Customer, CustomerChange
from workflows.customers.rights import held
from workflows.customers.rules import rule
from workflows.engine.process import Actor
from workflows.kernel.days import day_of
from workflows.kernel.errors import Invalid, NotAllowed

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Due:
    """One customer that waits for a contact."""

    id: int
    name: str
    grade: str
    follow_up_on: dt.date
    last_contact_on: dt.date | None


def follow_ups_due(
    session: Session, owner_id: int, *, today: dt.date, limit: int = SHOWN
) -> tuple[list[Due], int]:
    """The owner's customers whose day has come, grade A first, and how many there are: one indexed query."""
    query = (
        select(
            Customer.id, Customer.name, Customer.grade, Customer.follow_up_on, Customer.last_contact_on,
            func.count().over().label("all"),
        )
        .where(Customer.owner_id == owner_id, Customer.follow_up_on <= today, Customer.archived_at.is_(None))
        .order_by(Customer.grade, Customer.follow_up_on, Customer.id)
        .limit(limit)
    )  # fmt: skip
    rows = session.execute(query).all()
    return [Due(*row[:5]) for row in rows], rows[0].all if rows else 0


def put_off(
    session: Session, customer_id: int, to: dt.date, *, reason: str, actor: Actor, now: dt.datetime
) -> None:
    """Follow up later than the rhythm says, by as much as the grade's rhythm at most, counted from today.

    :raises Invalid: at ``follow_up_on`` or ``reason``
    :raises NotAllowed: the customer is somebody else's
    """
    customer = held(session, actor, customer_id).customer
    if customer.owner_id != actor.id:
        raise NotAllowed("Only its owner puts a follow-up off.")
    today = day_of(now)
    last = today + dt.timedelta(days=rule(session, f"follow_up_{customer.grade.lower()}"))
    if not today < to <= last:
        raise Invalid.at("follow_up_on", "Choose a day from tomorrow to %(last)s.", last=last.isoformat())
    if not reason.strip():
        raise Invalid.at("reason", "Please give a reason.")
    session.execute(
        insert(CustomerChange).values(
            customer_id=customer_id, field="follow_up", before=customer.follow_up_on.isoformat(),
            after=to.isoformat(), reason=reason.strip()[:500], changed_by_id=actor.id, changed_at=now,
        )
    )  # fmt: skip
    session.execute(update(Customer).where(Customer.id == customer_id).values(follow_up_on=to))
