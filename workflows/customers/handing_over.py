"""Customers change hands: all of a leaver's, or those that a manager chooses. What is registered goes with them.

The sale of a registration that changes hands follows once the step is committed (``pass_case_on``).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from workflows.customers import registrations
from workflows.customers.model import Customer, CustomerChange, Registration
from workflows.customers.scope import SALES_ROLES, sight_of
from workflows.customers.telling import tell
from workflows.engine.messages import Defer
from workflows.engine.process import Actor
from workflows.kernel.days import day_of
from workflows.kernel.errors import Invalid, NotAllowed
from workflows.people.model import Employee, EmployeeRole

#: As many at once as a page can list.
MOST = 500
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a person has of the archive: names only, no contacts."""

    customers: int
    names: list[str]
    registrations: int


def holdings_of(session: Session, person_id: int, *, shown: int = 20) -> Holdings:
    """What would go to a successor."""
    mine = Customer.owner_id == person_id
    names = list(session.scalars(select(Customer.name).where(mine).order_by(Customer.id).limit(shown)))
    many = session.execute(select(func.count()).select_from(Customer).where(mine)).scalar_one()
    registered = session.execute(
        select(func.count())
        .select_from(Registration)
        .where(Registration.owner_id == person_id, Registration.ended_at.is_(None))
    ).scalar_one()
    return Holdings(many, names, registered)


def sells(session: Session, person_id: int) -> bool:
    """Whether somebody may own customers at all."""
    roles = session.scalars(select(EmployeeRole.role).where(EmployeeRole.employee_id == person_id))
    return not SALES_ROLES.isdisjoint(roles)


def hand_on_everything(
    session: Session, defer: Defer, person_id: int, to_id: int, *, reason: str, actor: Actor, now: dt.datetime
) -> tuple[int, int]:
    """Give the successor every customer and every registration of a leaver; gives how many of each.

    The caller has asked whether the actor may. A repetition finds nothing left.

    :raises Invalid: at ``to``: there is something to hand on, and the successor does not sell
    """
    mine = select(Customer.id).where(Customer.owner_id == person_id).order_by(Customer.id)
    ids = list(session.scalars(mine.with_for_update()))
    others = _registered(session, person_id)
    if (ids or others) and not sells(session, to_id):
        raise Invalid.at("to", "Customers go to somebody who sells.")
    _give(session, ids, person_id, to_id, reason=reason, actor_id=actor.id, now=now)
    _renew(session, defer, others, to_id, reason=reason, actor_id=actor.id, now=now)
    _tell(session, ids, to_id, actor_id=actor.id, now=now)
    return len(ids), len(others)


def hand_over(
    session: Session, defer: Defer, customer_ids: Sequence[int], to_id: int, *, reason: str, actor: Actor,
    now: dt.datetime,
) -> int:  # fmt: skip
    """Give chosen customers of one's departments to another salesperson of them; gives how many changed hands.

    :raises NotAllowed: one of them is not of a department that the person leads
    :raises Invalid: at ``customers``, ``to`` or ``reason``
    """
    if not customer_ids:
        raise Invalid.at("customers", "Please choose at least one customer.")
    if not reason.strip():
        raise Invalid.at("reason", "Please give a reason.")
    sight = sight_of(session, actor)
    person = session.get(Employee, to_id)
    if person is None or not person.active or not sells(session, to_id) or not sight.leads(person.department_id):
        raise Invalid.at("to", "There is no such salesperson in the departments that you lead.")
    rows = session.execute(
        select(Customer.id, Customer.owner_id, Customer.department_id, Customer.industry, Customer.name)
        .where(Customer.id.in_(customer_ids))
        .order_by(Customer.id)
        .with_for_update()
    ).all()
    if len(rows) < len(set(customer_ids)) or not all(sight.leads(row.department_id) for row in rows):
        raise NotAllowed("Only who leads a department hands its customers over.")
    foreign = next((row for row in rows if person.industry and row.industry != person.industry), None)
    if foreign is not None:
        raise Invalid.at(
            "to", "%(customer)s belongs to the industry %(theirs)s, theirs is %(own)s (I8.1).", customer=foreign.name,
            theirs=foreign.industry, own=person.industry,
        )  # fmt: skip
    given: list[int] = []
    for owner_id in sorted({row.owner_id for row in rows} - {to_id}):
        ids = [row.id for row in rows if row.owner_id == owner_id]
        _give(session, ids, owner_id, to_id, reason=reason, actor_id=actor.id, now=now)
        taken = _registered(session, owner_id, ids)
        _renew(session, defer, taken, to_id, reason=reason, actor_id=actor.id, now=now)
        given += ids
    _tell(session, given, to_id, actor_id=actor.id, now=now)
    return len(given)


def _registered(session: Session, owner_id: int, customer_ids: Sequence[int] | None = None) -> list[Registration]:
    query = select(Registration).where(Registration.owner_id == owner_id, Registration.ended_at.is_(None))
    if customer_ids is not None:
        query = query.where(Registration.customer_id.in_(customer_ids))
    return list(session.scalars(query.order_by(Registration.id).with_for_update()))


def _give(
    session: Session, ids: Sequence[int], from_id: int, to_id: int, *, reason: str, actor_id: int, now: dt.datetime
) -> None:
    if not ids:
        return
    people = {
        row.id: row
        for row in session.execute(
            select(Employee.id, Employee.name, Employee.department_id).where(Employee.id.in_((from_id, to_id)))
        )
    }
    session.execute(
        update(Customer)
        .where(Customer.id.in_(ids))
        .values(owner_id=to_id, department_id=people[to_id].department_id, revision=Customer.revision + 1)
    )
    session.execute(
        insert(CustomerChange),
        [
            {"customer_id": ident, "field": "owner", "before": people[from_id].name, "after": people[to_id].name,
             "reason": reason.strip()[:500], "changed_by_id": actor_id, "changed_at": now}
            for ident in ids
        ],
    )  # fmt: skip


def _renew(
    session: Session, defer: Defer, taken: Sequence[Registration], to_id: int, *, reason: str, actor_id: int,
    now: dt.datetime,
) -> None:  # fmt: skip
    for each in taken:
        instance_id = each.instance_id
        registrations.renew(session, each.id, owner_id=to_id, now=now)
        if instance_id is not None:
            job = {"instance_id": instance_id, "to_id": to_id, "reason": reason[:200], "actor_id": actor_id}
            defer(session, [("pass_case_on", job)])


def _tell(session: Session, ids: Sequence[int], to_id: int, *, actor_id: int, now: dt.datetime) -> None:
    if not ids:
        return
    names = session.scalars(select(Customer.name).where(Customer.id.in_(ids)).order_by(Customer.id).limit(_NAMED))
    params = {"count": len(ids), "title": "、".join(names), "actor_id": actor_id}
    key = f"{day_of(now).isoformat()}:{min(ids)}:{len(ids)}"
    tell(session, [to_id], "customers_received", key=key, params=params, now=now)
