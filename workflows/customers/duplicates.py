"""Telling before a customer is saved that it may be in the archive already (B3).

The same name (``names.name_key``) is refused; a name that holds another one and a phone number that another customer's
contact has are warned of, and saved once the person says that it is somebody else. Whoever may not see the other
customer learns its owner and since when, so that they can ask, and nothing besides.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from workflows.customers.model import Contact, Customer
from workflows.customers.scope import Sight
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, Invalid
from workflows.people.model import Employee

#: A name shorter than this is held by too many others.
SHORTEST_HELD = 2
SHOWN = 5


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A customer that may be the same. ``id`` and ``name`` are None for whom the person may not see."""

    id: int | None
    name: str | None
    owner: str
    owner_en: str
    since: dt.date
    #: name or phone
    why: str


class Duplicate(Invalid):
    """A customer of that name is in the archive; ``look_alike`` says whose it is."""

    code = "duplicate_customer"

    def __init__(self, look_alike: LookAlike) -> None:
        params: dict[str, Any] = {"name": look_alike.owner, "on": look_alike.since.isoformat()}
        super().__init__({"name": [("%(name)s has had this customer in the archive since %(on)s.", params)]})
        self.look_alike = look_alike


class LooksAlike(Conflict):
    """Customers that may be the same are in the archive; saved when it is confirmed that they are others."""

    code = "looks_alike"

    def __init__(self, look_alikes: list[LookAlike]) -> None:
        super().__init__("The archive holds customers that look like this one. Please say that it is another.")
        self.look_alikes = look_alikes


def with_key(session: Session, key: str, sight: Sight) -> LookAlike | None:
    """The customer of that name, archived ones among them."""
    found = _look_alikes(session, Customer.name_key == key, sight, None, "name")
    return found[0] if found else None


def similar_names(session: Session, key: str, sight: Sight, *, but: int | None = None) -> list[LookAlike]:
    """Customers whose name holds this one, or is held by it."""
    holds = Customer.name_key.contains(key, autoescape=True) if len(key) >= SHORTEST_HELD else Customer.name_key == key
    is_held = and_(
        func.length(Customer.name_key) >= SHORTEST_HELD,
        func.strpos(literal(key, String), Customer.name_key) > 0,
    )
    return _look_alikes(session, and_(or_(holds, is_held), Customer.name_key != key), sight, but, "name")


def same_phone(session: Session, phone_key: bytes, sight: Sight, *, but: int | None = None) -> list[LookAlike]:
    """Customers one of whose contacts has this number."""
    if not phone_key:
        return []
    theirs = select(Contact.customer_id).where(Contact.phone_key == phone_key, Contact.removed_at.is_(None))
    return _look_alikes(session, Customer.id.in_(theirs), sight, but, "phone")


def _look_alikes(
    session: Session, condition: ColumnElement[bool], sight: Sight, but: int | None, why: str
) -> list[LookAlike]:
    query = (
        select(
            Customer.id, Customer.name, Customer.owner_id, Customer.department_id, Employee.name.label("owner"),
            Employee.name_en.label("owner_en"), Customer.created_at,
        )
        .join(Employee, Employee.id == Customer.owner_id)
        .where(condition)
        .order_by(Customer.id)
        .limit(SHOWN)
    )  # fmt: skip
    if but is not None:
        query = query.where(Customer.id != but)
    found = []
    for row in session.execute(query):
        is_seen = sight.covers(owner_id=row.owner_id, department_id=row.department_id)
        found.append(
            LookAlike(
                row.id if is_seen else None, row.name if is_seen else None, row.owner, row.owner_en,
                day_of(row.created_at), why,
            )
        )  # fmt: skip
    return found
