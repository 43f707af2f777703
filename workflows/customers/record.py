"""What else stands in a customer's archive: what changed, who competes, what is registered."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.customers.model import Competitor, CustomerChange, Registration
from workflows.people.model import Department, Employee
from workflows.products.model import ProductLine

#: As many rows of each kind a page shows, the latest first.
SHOWN = 30


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """Something about the customer that changed."""

    field: str
    before: str
    after: str
    reason: str
    changed_at: dt.datetime
    changed_by: str
    changed_by_en: str


@dataclass(frozen=True, slots=True)
class CompetitorRow:
    """Who else offers something to the customer."""

    id: int
    name: str
    product: str
    people: str
    remarks: str
    noted_at: dt.datetime
    noted_by: str
    noted_by_en: str


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """A need that somebody registered (I8.1)."""

    id: int
    line: str
    line_en: str
    need: str
    owner_id: int
    owner: str
    owner_en: str
    registered_at: dt.datetime
    lapses_on: dt.date
    instance_id: int | None
    ended_at: dt.datetime | None
    ended_why: str | None


def changes_of(session: Session, customer_id: int) -> list[ChangeRow]:
    """What changed of the customer."""
    rows = session.execute(
        select(
            CustomerChange.field, CustomerChange.before, CustomerChange.after, CustomerChange.reason,
            CustomerChange.changed_at, Employee.name, Employee.name_en,
        )
        .join(Employee, Employee.id == CustomerChange.changed_by_id)
        .where(CustomerChange.customer_id == customer_id)
        .order_by(CustomerChange.id.desc())
        .limit(SHOWN)
    )  # fmt: skip
    return [ChangeRow(*row) for row in rows]


def competitors_of(session: Session, customer_id: int) -> list[CompetitorRow]:
    """Who competes there now."""
    rows = session.execute(
        select(
            Competitor.id, Competitor.name, Competitor.product, Competitor.people, Competitor.remarks,
            Competitor.noted_at, Employee.name, Employee.name_en,
        )
        .join(Employee, Employee.id == Competitor.noted_by_id)
        .where(Competitor.customer_id == customer_id, Competitor.removed_at.is_(None))
        .order_by(Competitor.id)
    )  # fmt: skip
    return [CompetitorRow(*row) for row in rows]


def registrations_of(session: Session, customer_id: int) -> list[RegistrationRow]:
    """The customer's registrations, those in force first."""
    rows = session.execute(
        select(
            Registration.id, ProductLine.name, ProductLine.name_en, Registration.need, Registration.owner_id,
            Employee.name, Employee.name_en, Registration.registered_at, Registration.lapses_on,
            Registration.instance_id, Registration.ended_at, Registration.ended_why,
        )
        .join(ProductLine, ProductLine.id == Registration.product_line_id)
        .join(Employee, Employee.id == Registration.owner_id)
        .where(Registration.customer_id == customer_id)
        .order_by(Registration.ended_at.is_not(None), Registration.id.desc())
        .limit(SHOWN)
    )  # fmt: skip
    return [RegistrationRow(*tuple(row)) for row in rows]


def owner_names(session: Session, owner_id: int, department_id: int) -> tuple[str, str, str, str]:
    """The names of a customer's owner and department, each in both languages."""
    row = session.execute(
        select(Employee.name, Employee.name_en, Department.name, Department.name_en)
        .join(Department, Department.id == department_id)
        .where(Employee.id == owner_id)
    ).one()
    return row[0], row[1], row[2], row[3]
