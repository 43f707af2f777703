"""Who registered a customer's need first (报备, I8.1): the database's unique index decides, and nothing else.

A registration lasts as long as its sale goes on and somebody keeps in contact; ``touch`` prolongs it, ``lapse`` ends
what nobody looked after, and who registers later is refused with the first one's name and date.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from workflows.customers.model import Customer, Registration
from workflows.customers.rules import rule
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, Invalid
from workflows.people.model import Employee

#: The day on which a registration lapses that needs no further contact: that of a signed contract.
NEVER = dt.date(2999, 12, 31)


class Taken(Conflict):
    """Somebody registered the same need of the same customer before; ``registration_id`` is theirs."""

    code = "registered_before"

    def __init__(self, message: str, /, *, registration_id: int, **params: Any) -> None:
        super().__init__(message, **params)
        self.registration_id = registration_id


@dataclass(frozen=True, slots=True)
class Standing:
    """A registration that is in force."""

    id: int
    owner_id: int
    owner: str
    owner_en: str
    registered_at: dt.datetime
    lapses_on: dt.date
    instance_id: int | None


def register(
    session: Session, *, customer_id: int, product_line_id: int, need: str, owner_id: int, instance_id: int | None,
    now: dt.datetime,
) -> int:  # fmt: skip
    """Register a need, and give the registration's id.

    :raises Invalid: at ``customer``: it is of another industry than the owner's (I8.1), or archived
    :raises Taken: somebody was first; names them and the day
    """
    customer = session.execute(
        select(Customer.id, Customer.industry, Customer.archived_at).where(Customer.id == customer_id)
    ).one_or_none()
    if customer is None or customer.archived_at is not None:
        raise Invalid.at("customer", "There is no such customer.")
    refuse_other_industry(session, owner_id, customer.industry)
    today = day_of(now)
    new = session.execute(
        upsert(Registration)
        .values(
            customer_id=customer_id, product_line_id=product_line_id, industry=customer.industry, need=need,
            owner_id=owner_id, instance_id=instance_id, registered_at=now, last_contact_on=today,
            lapses_on=today + dt.timedelta(days=rule(session, "registration_days")),
        )
        .on_conflict_do_nothing(
            index_elements=["customer_id", "product_line_id"], index_where=Registration.ended_at.is_(None)
        )
        .returning(Registration.id)
    ).scalar_one_or_none()  # fmt: skip
    if new is not None:
        return int(new)
    raise refusal(in_force(session, customer_id, product_line_id))


def in_force(session: Session, customer_id: int, product_line_id: int) -> Standing | None:
    """The registration that stands against a new one."""
    row = session.execute(
        select(
            Registration.id, Registration.owner_id, Employee.name, Employee.name_en, Registration.registered_at,
            Registration.lapses_on, Registration.instance_id,
        )
        .join(Employee, Employee.id == Registration.owner_id)
        .where(
            Registration.customer_id == customer_id,
            Registration.product_line_id == product_line_id,
            Registration.ended_at.is_(None),
        )
    ).one_or_none()  # fmt: skip
    return Standing(*row) if row else None


def refusal(standing: Standing | None) -> Conflict:
    """What who comes later is told."""
    if standing is None:
        return Conflict("The registration before yours has just ended. Please try again.")
    return Taken(
        "%(name)s registered this need of this customer on %(on)s and has priority (I8.1).",
        registration_id=standing.id,
        name=standing.owner,
        on=day_of(standing.registered_at).isoformat(),
    )


def refuse_other_industry(session: Session, owner_id: int, industry: str) -> None:
    """Salespeople sell inside their own industry only (I8.1); who has none sells in all of them *(filled)*."""
    own = session.execute(select(Employee.industry).where(Employee.id == owner_id)).scalar_one()
    if own and own != industry:
        raise Invalid.at(
            "customer",
            "This customer belongs to the industry %(theirs)s, yours is %(own)s (I8.1).",
            theirs=industry,
            own=own,
        )


def touch(session: Session, *, customer_id: int, owner_id: int, on: dt.date) -> None:
    """A contact prolongs what its owner has registered for the customer; an old contact shortens nothing."""
    lapses_on = on + dt.timedelta(days=rule(session, "registration_days"))
    session.execute(
        update(Registration)
        .where(
            Registration.customer_id == customer_id,
            Registration.owner_id == owner_id,
            Registration.ended_at.is_(None),
            Registration.last_contact_on < on,
        )
        .values(last_contact_on=on, lapses_on=func.greatest(Registration.lapses_on, lapses_on), warned_on=None)
    )


def end(session: Session, registration_id: int, *, why: str, now: dt.datetime) -> None:
    """Let a registration end, so that others may register the need; one that has ended stays as it is."""
    session.execute(
        update(Registration)
        .where(Registration.id == registration_id, Registration.ended_at.is_(None))
        .values(ended_at=now, ended_why=why)
    )


def renew(session: Session, registration_id: int, *, owner_id: int, now: dt.datetime) -> int:
    """Take up a need again whose registration has ended, or give one in force to another owner.

    Gives the id of the registration that is in force then. Raises as ``register``.
    """
    old = session.execute(
        select(
            Registration.customer_id, Registration.product_line_id, Registration.need, Registration.owner_id,
            Registration.instance_id, Registration.ended_at, Registration.lapses_on,
        ).where(Registration.id == registration_id).with_for_update()
    ).one()  # fmt: skip
    if old.ended_at is None and old.owner_id == owner_id:
        return registration_id
    if old.ended_at is not None:
        now_held = in_force(session, old.customer_id, old.product_line_id)
        if now_held is not None and now_held.owner_id == owner_id and now_held.instance_id == old.instance_id:
            # It was transferred to them just before, by a decision on a contested registration.
            return now_held.id
        return register(
            session, customer_id=old.customer_id, product_line_id=old.product_line_id, need=old.need,
            owner_id=owner_id, instance_id=old.instance_id, now=now,
        )  # fmt: skip
    end(session, registration_id, why="transferred", now=now)
    today = day_of(now)
    values = {
        "customer_id": old.customer_id, "product_line_id": old.product_line_id, "need": old.need,
        "owner_id": owner_id, "instance_id": old.instance_id, "registered_at": now, "last_contact_on": today,
        # What a signed contract has secured stays secured.
        "lapses_on": NEVER if old.lapses_on == NEVER else today + dt.timedelta(days=rule(session, "registration_days")),
        "industry": session.execute(select(Customer.industry).where(Customer.id == old.customer_id)).scalar_one(),
    }  # fmt: skip
    return int(session.execute(insert(Registration).values(**values).returning(Registration.id)).scalar_one())
