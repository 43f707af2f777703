"""Whose customers and sales a person sees (I4.1, I6.5; who sees what is filled).

Salespeople, assistants and supervisors see their own department's and those below it; who leads a department sees that
one and what belongs to it; finance sees all of them without contacts, because money is matched to names. Whoever owns
a customer or a sale sees it wherever they sit.
"""

import enum
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflows.engine.process import Actor
from workflows.people.model import Role

#: Who works with customers at all.
SALES_ROLES = frozenset(
    {
        Role.SALESPERSON.value, Role.SALES_ASSISTANT.value, Role.SALES_SUPERVISOR.value, Role.SALES_MANAGER.value,
        Role.SALES_DIRECTOR.value, Role.GENERAL_MANAGER.value,
    }
)  # fmt: skip
#: Who leads: their word is needed, and they give customers and sales to others.
LEADING_ROLES = frozenset({Role.SALES_MANAGER.value, Role.SALES_DIRECTOR.value, Role.GENERAL_MANAGER.value})
_MONEY_ROLES = frozenset({Role.ACCOUNTANT.value, Role.FINANCE_DIRECTOR.value})

_DEPARTMENTS = """
WITH RECURSIVE tree AS (
    SELECT d.id, 0 AS depth, d.manager_id = %(me)s AS is_led FROM department d
     WHERE d.manager_id = %(me)s OR d.id = (SELECT department_id FROM employee WHERE id = %(me)s)
    UNION ALL
    SELECT d.id, tree.depth + 1, tree.is_led FROM department d JOIN tree ON d.parent_id = tree.id WHERE tree.depth < 30
)
SELECT array_agg(DISTINCT id) AS seen, array_agg(DISTINCT id) FILTER (WHERE is_led) AS led FROM tree
"""


class Slice(enum.StrEnum):
    """The part of what one sees that a list shows."""

    MINE = "mine"
    DEPARTMENT = "department"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a person sees. ``departments`` is None for all of them; ``led`` are those that they decide for."""

    person_id: int
    departments: tuple[int, ...] | None
    led: tuple[int, ...]
    sees_contacts: bool
    is_finance: bool

    @property
    def slices(self) -> list[Slice]:
        """The lists that have something to show to this person."""
        if self.is_finance:
            return [Slice.ALL]
        return [Slice.MINE, Slice.DEPARTMENT] if self.departments else []

    def covers(self, *, owner_id: int, department_id: int) -> bool:
        """Whether the person sees a customer or a sale of that owner and department."""
        if owner_id == self.person_id and not self.is_finance:
            return True
        return self.departments is None or department_id in self.departments

    def leads(self, department_id: int) -> bool:
        """Whether the person decides what becomes of the customers and sales of that department."""
        return department_id in self.led

    def where(
        self,
        owner: InstrumentedAttribute[int],
        department: InstrumentedAttribute[int],
        part: Slice = Slice.ALL,
    ) -> ColumnElement[bool]:
        """The same as a condition on two columns; with a slice, only that part of it."""
        if part is Slice.MINE:
            return owner == self.person_id
        if self.departments is None:
            return owner.is_not(None)
        within: ColumnElement[bool] = department.in_(self.departments)
        return within if part is Slice.DEPARTMENT else or_(owner == self.person_id, within)


def sight_of(session: Session, actor: Actor) -> Sight:
    """Find out what a person sees, in one query."""
    sells = not actor.roles.isdisjoint(SALES_ROLES)
    is_finance = not sells and not actor.roles.isdisjoint(_MONEY_ROLES)
    if not sells:
        return Sight(actor.id, None if is_finance else (), (), sees_contacts=False, is_finance=is_finance)
    row: Any = session.connection().exec_driver_sql(_DEPARTMENTS, {"me": actor.id}).one()
    leads = not actor.roles.isdisjoint(LEADING_ROLES)
    return Sight(
        actor.id, tuple(row.seen or ()), tuple(row.led or ()) if leads else (), sees_contacts=True, is_finance=False
    )
