"""A company in which people hold several roles and stand in for each other, so that duties can collide.

It is the small company of ``tests.engine.company`` with a few more people and roles: the manager, the director and an
accountant sell too, and one person holds the roles of every lane. Who acts is read from the database as the product
reads it, with the delegations in force that day.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.advance.firm import Firm, firm
from webapp.accounts.account import account_by_id
from workflows.engine.process import Actor
from workflows.kernel.days import day_of
from workflows.people.model import Delegation, Department, Employee, EmployeeRole

#: Name -> (department, roles) of those who join, and the roles that others get in addition.
JOINING = {
    "every": ("company", {"salesperson", "sales_manager", "sales_director", "general_manager", "accountant"}),
    "both": ("finance", {"salesperson", "accountant"}),
    "idle": ("sales", {"hr"}),
}
ALSO = {"ma": "salesperson", "di": "salesperson", "ac": "salesperson", "admin": "salesperson"}
EVERYONE = ["sa", "sb", "ma", "di", "ge", "fd", "ac", "ad", "admin", *JOINING]


@dataclass
class Crowd(Firm):
    """The firm, in which an actor is whoever the database says."""

    def actor(self, name: str) -> Actor:
        account = account_by_id(self.session, self.ids[name], today=day_of(self.now))
        assert account is not None
        return account.actor

    def name(self, employee_id: int) -> str:
        return next(name for name, each in self.ids.items() if each == employee_id)

    def delegate(self, delegator: str, delegate: str, keys: list[str], days: int) -> None:
        today = day_of(self.now)
        self.session.add(
            Delegation(
                delegator_id=self.ids[delegator], delegate_id=self.ids[delegate], first_on=today,
                last_on=today + dt.timedelta(days=days), process_keys=keys, created_at=self.now,
            )
        )  # fmt: skip
        self.session.flush()

    def take_back(self, delegation_id: int) -> None:
        self.session.get_one(Delegation, delegation_id).revoked_at = self.now
        self.session.flush()

    def delegations(self) -> list[int]:
        query = select(Delegation.id).where(Delegation.revoked_at.is_(None)).order_by(Delegation.id)
        return list(self.session.scalars(query))

    def digest(self) -> list[Any]:
        """A short name for everything that a refusal must leave as it was."""
        self.session.flush()
        tables = (
            "advance", "advance_spend", "advance_entry", "advance_version", "advance_number", "settlement",
            "settlement_line", "process_instance", "user_task", "history_event", "message", "submission", "timer",
            "incident", "notice",
        )  # fmt: skip
        parts = " UNION ALL ".join(
            f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
            for table in tables
        )
        return sorted(tuple(row) for row in self.session.connection().exec_driver_sql(parts))


def crowd(session: Session) -> Crowd:
    """The company with both diagrams deployed."""
    small = firm(session)
    departments = {
        small_name: session.get_one(Employee, small.ids[one]).department_id
        for small_name, one in {"company": "ge", "sales": "sa", "finance": "fd"}.items()
    }
    for name, (department, roles) in JOINING.items():
        person = Employee(login=name, name=name, department_id=departments[department], fs_uniquifier=name)
        person.role_rows = [EmployeeRole(role=role) for role in sorted(roles)]
        session.add(person)
        session.flush()
        small.ids[name] = person.id
    for name, role in ALSO.items():
        session.add(EmployeeRole(employee_id=small.ids[name], role=role))
    session.flush()
    assert session.scalar(select(Department.id).limit(1)) is not None
    return Crowd(session, small.engine, small.ids, jobs=small.jobs)
