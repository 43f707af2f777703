"""Customers, a product line and registrations of the small company, as bare rows."""

import datetime as dt
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflows.customers.model import Customer, Registration
from workflows.customers.names import name_key
from workflows.kernel.days import day_of
from workflows.people.model import Employee
from workflows.products.model import ProductLine


def customer(session: Session, owner_id: int, name: str, *, now: dt.datetime, **more: Any) -> int:
    """Insert a customer; gives its id."""
    department_id = session.execute(select(Employee.department_id).where(Employee.id == owner_id)).scalar_one()
    values = {
        "name": name, "name_key": name_key(name), "industry": "制造", "grade": "B", "standing": "potential",
        "owner_id": owner_id, "department_id": department_id, "created_by_id": owner_id, "created_at": now,
        "follow_up_on": day_of(now), **more,
    }  # fmt: skip
    return int(session.execute(insert(Customer).values(values).returning(Customer.id)).scalar_one())


def product_line(session: Session, name: str = "年卡会员") -> int:
    """Insert a product line; gives its id."""
    return int(session.execute(insert(ProductLine).values(name=name).returning(ProductLine.id)).scalar_one())


def registration(session: Session, registration_id: int) -> Registration:
    """A registration as it stands in the database now."""
    session.expire_all()
    return session.get_one(Registration, registration_id)
