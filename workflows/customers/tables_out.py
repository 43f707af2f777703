"""Customers that a person sees as rows of a table; contacts masked, or opened with a reason by who may (I4.1)."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import and_, insert, select
from sqlalchemy.orm import Session

from workflows.customers.contacts import open_contacts
from workflows.customers.finding import Wanted, conditions
from workflows.customers.model import Contact, Customer
from workflows.customers.phones import Seals
from workflows.customers.scope import Sight
from workflows.customers.tables_in import COLUMNS, STANDING_WORDS
from workflows.customers.tables_model import ContactExport
from workflows.engine.process import Actor
from workflows.kernel.errors import Invalid, Refusal
from workflows.people.model import Employee

MOST = 20_000


def exported_rows(
    session: Session, wanted: Wanted, *, sight: Sight, seals: Seals, opened: dict[int, tuple[str, str, str]]
) -> list[list[str]]:
    """The heading and the rows, in the columns that an import reads; ``opened`` holds contacts in the clear by id.

    :raises Refusal: there are more than a file takes
    """
    query = (
        select(Customer, Contact.id, Contact.masked_name, Contact.position, Contact.masked_phone, Employee.login)
        .join(Employee, Employee.id == Customer.owner_id)
        .outerjoin(Contact, and_(Contact.customer_id == Customer.id, Contact.is_main, Contact.removed_at.is_(None)))
        .where(sight.where(Customer.owner_id, Customer.department_id, wanted.part), *conditions(wanted, sight, seals))
        .order_by(Customer.id.desc())
        .limit(MOST + 1)
    )
    found = session.execute(query).all()
    if len(found) > MOST:
        raise Refusal("More than %(most)s customers: narrow the list first.", most=MOST)
    rows = [[column.label for column in COLUMNS]]
    for customer, contact_id, name, position, phone, login in found:
        if not sight.sees_contacts:
            name = position = phone = ""  # noqa: PLW2901
        name, phone, email = opened.get(contact_id, (name or "", phone or "", ""))  # noqa: PLW2901
        rows.append(
            [
                customer.name, customer.industry, customer.grade, STANDING_WORDS[customer.standing], name,
                position or "", phone, email, customer.address, customer.source, customer.needs, login,
            ]
        )  # fmt: skip
    return rows


def open_for_export(
    session: Session, wanted: Wanted, *, reason: str, sight: Sight, seals: Seals, actor: Actor, now: dt.datetime
) -> dict[int, tuple[str, str, str]]:
    """Open the main contacts of the customers that the person owns or leads, and write each of them down.

    :raises Invalid: at ``reason``
    """
    if not reason.strip():
        raise Invalid.at("reason", "Please give a reason.")
    theirs = (Customer.owner_id == actor.id) | Customer.department_id.in_(sight.led)
    ids: Sequence[int] = session.scalars(
        select(Contact.id)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(
            Contact.is_main, Contact.removed_at.is_(None), theirs,
            sight.where(Customer.owner_id, Customer.department_id, wanted.part), *conditions(wanted, sight, seals),
        )
        .limit(MOST)
    ).all()  # fmt: skip
    opened = open_contacts(session, ids, actor=actor, how="export", seals=seals, now=now)
    session.execute(
        insert(ContactExport).values(
            exported_by_id=actor.id, exported_at=now, reason=reason.strip()[:500],
            customers=len({each.customer_id for each in opened}), contacts=len(opened),
        )
    )  # fmt: skip
    return {each.id: (each.name, each.phone, each.email) for each in opened}
