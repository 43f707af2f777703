"""A customer's complaint about anyone (I6.4): the manager coordinates, and the customer has the last word.

A complaint that is over, however it ended, tells the sale that it is about, which waits for it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import Session

from workflows.customers.model import Complaint, Customer, Registration
from workflows.customers.rights import visited
from workflows.documents.files import attach_answered
from workflows.engine.model import TaskStatus, UserTask
from workflows.engine.process import Opening, Outcome, Step
from workflows.kernel.days import day_of
from workflows.kernel.errors import Invalid, NotFound
from workflows.people.model import Employee

#: Satisfaction up to here brings a complaint back to the manager.
DISSATISFIED = 2
#: So often the manager is asked; what is not mended by then is closed as it is.
MOST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """A complaint as pages show it."""

    id: int
    instance_id: int
    customer_id: int
    customer: str
    sale_instance_id: int | None
    about: str
    content: str
    raised_on: dt.date
    raised_by: str
    raised_by_en: str
    measures: str
    satisfaction: int | None
    customer_word: str
    closed_at: dt.datetime | None


def raise_complaint(step: Step, answer: Mapping[str, Any]) -> Opening:
    """Take a complaint in.

    :raises Invalid: at ``customer``: one does not see it; at ``raised_on``: it lies in the future; at ``sale``: it is
        none of this customer's
    """
    session, customer_id = step.session, answer["customer"]
    if step.actor is None:
        raise NotFound("There is no such customer.")
    try:
        customer = visited(session, step.actor, customer_id).customer
    except NotFound:
        raise Invalid.at("customer", "There is no such customer.") from None
    if answer["raised_on"] > day_of(step.now):
        raise Invalid.at("raised_on", "This day lies in the future.")
    sale = answer.get("sale")
    if sale is not None:
        is_theirs = exists().where(Registration.instance_id == sale, Registration.customer_id == customer_id)
        if not session.execute(select(is_theirs)).scalar_one():
            raise Invalid.at("sale", "There is no such sale with this customer.")
    session.execute(
        insert(Complaint).values(
            instance_id=step.instance_id, customer_id=customer_id, sale_instance_id=sale, about=answer["about"],
            content=answer["content"], raised_on=answer["raised_on"], raised_by_id=step.starter_id,
        )
    )  # fmt: skip
    attach_answered(step, answer)
    return Opening(f"{customer.name[:60]} · {answer['about']}"[:120])


def coordinate_complaint(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """The manager says what is done about it; of a further round it is added below what was done before."""
    complaint = _complaint(step)
    measures = "\n".join(filter(None, [complaint.measures, answer["measures"]]))
    step.session.execute(
        update(Complaint).where(Complaint.instance_id == step.instance_id).values(measures=measures)
    )
    attach_answered(step, answer)
    return Outcome("submit", answer["measures"])


def record_customer_word(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """What the customer says now; who is dissatisfied brings it back to the manager, twice at most."""
    satisfaction = int(answer["satisfaction"])
    step.session.execute(
        update(Complaint)
        .where(Complaint.instance_id == step.instance_id)
        .values(satisfaction=satisfaction, customer_word=answer["customer_word"])
    )
    # The state forgets the answers of a round that is gone through again; the tasks remember.
    told = step.session.execute(
        select(func.count())
        .select_from(UserTask)
        .where(
            UserTask.instance_id == step.instance_id,
            UserTask.element_id == "record_customer_word",
            UserTask.status == TaskStatus.COMPLETED,
            UserTask.id != step.task_id,
        )
    ).scalar_one()
    again = satisfaction <= DISSATISFIED and told + 1 < MOST_ROUNDS
    return Outcome("submit", answer["customer_word"], {"again": again})


def complaint_ended(step: Step, _status: str) -> None:
    """Close the complaint and tell the sale that it is about."""
    complaint = _complaint(step)
    step.session.execute(
        update(Complaint).where(Complaint.instance_id == step.instance_id).values(closed_at=step.now)
    )
    if complaint.sale_instance_id is not None:
        step.send(complaint.sale_instance_id, "complaint_closed")


def complaint_of(session: Session, instance_id: int) -> ComplaintRow | None:
    """The complaint of a case."""
    row = session.execute(_rows().where(Complaint.instance_id == instance_id)).one_or_none()
    return ComplaintRow(*row) if row else None


def complaints_of(session: Session, customer_id: int) -> list[ComplaintRow]:
    """The customer's complaints, the latest first."""
    rows = session.execute(_rows().where(Complaint.customer_id == customer_id).order_by(Complaint.id.desc()).limit(50))
    return [ComplaintRow(*row) for row in rows]


def _rows() -> Any:
    return (
        select(
            Complaint.id, Complaint.instance_id, Complaint.customer_id, Customer.name, Complaint.sale_instance_id,
            Complaint.about, Complaint.content, Complaint.raised_on, Employee.name, Employee.name_en,
            Complaint.measures, Complaint.satisfaction, Complaint.customer_word, Complaint.closed_at,
        )
        .join(Customer, Customer.id == Complaint.customer_id)
        .join(Employee, Employee.id == Complaint.raised_by_id)
    )  # fmt: skip


def _complaint(step: Step) -> Complaint:
    return step.session.scalars(
        select(Complaint)
        .where(Complaint.instance_id == step.instance_id)
        .execution_options(populate_existing=True)
    ).one()
