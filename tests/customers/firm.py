"""The small company with customers: who sells, who assists and who leads, and one customer to begin with."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tests.engine.company import AUDIT_KEY, PEOPLE, START, people
from workflows.customers.archive import CustomerData, create_customer
from workflows.customers.contacts import ContactData
from workflows.customers.model import Customer
from workflows.customers.phones import Seals
from workflows.engine.process import Actor
from workflows.kernel.crypto import Keyring
from workflows.people.model import Department, Employee, EmployeeRole

SEALS = Seals.of(Keyring({"test": bytes(32)}), AUDIT_KEY)
MRS_LI = ContactData(name="李晓梅", position="采购总监", phone="138 0013 8000", kind="decides")


@dataclass
class Firm:
    """People by their short names. Besides those of the engine's tests: ``as`` assists the sales department, and
    ``far`` sells in another one."""

    session: Session
    ids: dict[str, int]
    now: dt.datetime = START
    roles: dict[str, frozenset[str]] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        return Actor(self.ids[name], self.roles.get(name) or frozenset({PEOPLE[name][1]}), {}, {})

    def customer(self, name: str = "云图网络有限公司", who: str = "sa", **changes: Any) -> int:
        """A customer of somebody, graded B, with Mrs Li as its contact."""
        about = {key: changes.pop(key) for key in list(changes) if key in CustomerData.__slots__}
        return create_customer(
            self.session,
            CustomerData(**{"name": name, "industry": "制造", **about}),
            actor=self.actor(who),
            now=self.now,
            seals=SEALS,
            **{"grade": "B", "contact": MRS_LI, "is_confirmed": True, **changes},
        )

    def read(self, customer_id: int) -> Customer:
        self.session.expire_all()
        return self.session.get_one(Customer, customer_id)

    def rows(self, model: Any) -> list[Any]:
        self.session.expire_all()
        return list(self.session.scalars(select(model).order_by(model.id)))


def firm(session: Session) -> Firm:
    """Build it."""
    made = Firm(session, people(session))
    sales = session.execute(select(Employee.department_id).where(Employee.id == made.ids["sa"])).scalar_one()
    parent = session.execute(select(Department.parent_id).where(Department.id == sales)).scalar_one()
    east = insert(Department).values(name="east", parent_id=parent).returning(Department.id)
    other = session.execute(east).scalar_one()
    for name, department, role in [("as", sales, "sales_assistant"), ("far", other, "salesperson")]:
        made.ids[name] = session.execute(
            insert(Employee)
            .values(login=name, name=name.title(), department_id=department, fs_uniquifier=name)
            .returning(Employee.id)
        ).scalar_one()
        session.execute(insert(EmployeeRole).values(employee_id=made.ids[name], role=role))
        made.roles[name] = frozenset({role})
    return made
