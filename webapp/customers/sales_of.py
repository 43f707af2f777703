"""The sales to one customer, as far as the reader sees them."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.customers.scope import Sight
from workflows.people.model import Employee
from workflows.sale.model import Sale

SHOWN = 30


def sales_of(session: Session, customer_id: int, sight: Sight) -> list[Any]:
    """The latest sales first."""
    query = (
        select(
            Sale.id, Sale.instance_id, Sale.number, Sale.title, Sale.stage, Sale.status, Sale.expected_fen,
            Sale.expected_on, Employee.name, Employee.name_en,
        )
        .join(Employee, Employee.id == Sale.owner_id)
        .where(Sale.customer_id == customer_id, sight.where(Sale.owner_id, Sale.department_id))
        .order_by(Sale.id.desc())
        .limit(SHOWN)
    )  # fmt: skip
    return list(session.execute(query).all())
