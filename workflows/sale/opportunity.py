"""Stages 1 and 2: a need is registered, its customer known, and the manager lets it become a project (I7.1).

The answers come typed from ``forms.sale``. Each gate is checked here, under the lock, and names what is missing.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, insert, select, update

from workflows.customers import registrations
from workflows.customers.archive import missing_fields
from workflows.customers.model import Contact, ContactKind, Customer, Registration, Visit
from workflows.customers.scope import sight_of
from workflows.documents.files import attach_answered
from workflows.engine.process import Opening, Outcome, Step, Values
from workflows.kernel.days import day_of
from workflows.kernel.errors import Invalid
from workflows.kernel.money import to_fen, written
from workflows.people.model import Employee
from workflows.products.model import ProductLine
from workflows.sale.model import LostReason, Sale, SaleMove, SaleStatus, Stage
from workflows.sale.standing import LockedSale, lock_sale, move, next_number

#: The service task at the beginning of each stage.
STAGES = {
    "enter_information": Stage.INFORMATION,
    "enter_initiation": Stage.INITIATION,
    "enter_negotiation": Stage.NEGOTIATION,
    "enter_purchase": Stage.PURCHASE,
    "enter_after_sales": Stage.AFTER_SALES,
}


def register_opportunity(step: Step, answer: Mapping[str, Any]) -> Opening:
    """Register a need of a customer and open the sale (I8.1): the first one has priority, whoever it is."""
    today = day_of(step.now)
    customer, line_name = _customer_and_line(step, answer)
    if answer["expected_on"] < today:
        raise Invalid.at("expected_on", "The expected date lies in the past.")
    registration_id = registrations.register(
        step.session, customer_id=customer.id, product_line_id=answer["product_line"], need=answer["need"],
        owner_id=step.starter_id, instance_id=step.instance_id, now=step.now,
    )  # fmt: skip
    number = next_number(step.session, "XS", today.year)
    department = select(Employee.department_id).where(Employee.id == step.starter_id).scalar_subquery()
    title = f"{customer.name} · {line_name}"[:120]
    sale_id = step.session.execute(
        insert(Sale).values(
            instance_id=step.instance_id, number=number, customer_id=customer.id,
            product_line_id=answer["product_line"], registration_id=registration_id, title=title,
            owner_id=step.starter_id, department_id=department, stage=Stage.INFORMATION, stage_since=step.now,
            expected_fen=to_fen(answer["expected_amount"]), expected_on=answer["expected_on"], needs=answer["need"],
            created_at=step.now,
        ).returning(Sale.id)
    ).scalar_one()  # fmt: skip
    step.session.execute(
        insert(SaleMove).values(
            sale_id=sale_id, kind="started", stage=Stage.INFORMATION, moved_by_id=step.starter_id, moved_at=step.now
        )
    )
    attach_answered(step, answer)
    return Opening(title_of(number, title, to_fen(answer["expected_amount"])))


def revise_opportunity(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Change what was sent back: what is expected of the sale. Customer and need are registered and stay."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    if (answer["customer"], answer["product_line"]) != (sale.customer_id, sale.product_line_id):
        raise Invalid.at("customer", "Customer and product line are registered for this sale and cannot be changed.")
    if answer["expected_on"] < day_of(step.now):
        raise Invalid.at("expected_on", "The expected date lies in the past.")
    fen = to_fen(answer["expected_amount"])
    step.session.execute(
        update(Sale)
        .where(Sale.id == sale.id)
        .values(expected_fen=fen, expected_on=answer["expected_on"], needs=answer["need"])
    )
    attach_answered(step, answer)
    return Outcome("submit", title=title_of(sale.number, sale.title, fen))


def title_of(number: str, title: str, fen: int) -> str:
    """What inboxes show of a sale, in no language but its own words."""
    return f"{number} · {title[:80]} · ¥{written(fen)}"


def enter_stage(step: Step) -> None:
    """Begin a stage; who comes back to the one that the sale is in already begins nothing."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    stage = STAGES[step.element_id]
    if stage != sale.stage:
        move(step, sale, "stage", stage=stage)


def complete_information(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Gate 1: the customer's required data are complete, and who sells says that they are right (I6.3)."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    missing = missing_fields(step.session, sale.customer_id)
    if missing:
        raise Invalid({"": [(_MISSING[name], {}) for name in missing]})
    return Outcome("submit", answer.get("remarks") or None)


#: What ``archive.missing_fields`` names -> what is said about it.
_MISSING = {
    "name": "The customer's archive lacks the name.",
    "contact": "The customer's archive lacks a contact.",
    "position": "The customer's archive lacks the contact's position.",
    "phone": "The customer's archive lacks the contact's phone number.",
    "standing": "The customer's archive lacks the status.",
}


def apply_initiation(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Gate 2, first half: visits, decision makers and needs are recorded before the manager is asked."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    _refuse_unvisited(step, sale)
    fen = to_fen(answer["expected_amount"])
    if answer["expected_on"] < day_of(step.now):
        raise Invalid.at("expected_on", "The expected date lies in the past.")
    step.session.execute(
        update(Sale)
        .where(Sale.id == sale.id)
        .values(
            needs=answer["needs"], decision_makers=answer["decision_makers"],
            competitors=answer.get("competitors") or "",
            budget_fen=to_fen(answer["budget"]) if answer.get("budget") else None,
            expected_fen=fen, expected_on=answer["expected_on"],
        )
    )  # fmt: skip
    attach_answered(step, answer)
    return Outcome("submit", title=title_of(sale.number, sale.title, fen))


def approve_initiation(_: Step, answer: Mapping[str, Any]) -> Outcome:
    """The manager's decision on the project."""
    return Outcome.of_approval(answer)


def refuse_initiation(step: Step) -> Values:
    """What the manager refused is lost for now; it can be reopened like any other."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    registrations.end(step.session, sale.registration_id, why="lost", now=step.now)
    move(step, sale, "lost", status=SaleStatus.LOST, stopped_reason=LostReason.REFUSED)
    return {"refused": True}


def secure_registration(step: Step, sale: LockedSale) -> None:
    """A signed contract needs no further contact to keep its priority, until the sale is closed."""
    step.session.execute(
        update(Registration)
        .where(Registration.id == sale.registration_id)
        .values(lapses_on=registrations.NEVER, warned_on=None)
    )


def _customer_and_line(step: Step, answer: Mapping[str, Any]) -> tuple[Any, str]:
    session = step.session
    customer = session.execute(
        select(Customer.id, Customer.name, Customer.owner_id, Customer.department_id).where(
            Customer.id == answer["customer"]
        )
    ).one_or_none()
    sight = sight_of(session, step.actor) if step.actor else None
    if customer is None or not (
        sight and sight.covers(owner_id=customer.owner_id, department_id=customer.department_id)
    ):
        raise Invalid.at("customer", "There is no such customer.")
    line = session.execute(
        select(ProductLine.name).where(ProductLine.id == answer["product_line"], ProductLine.active)
    ).scalar_one_or_none()
    if line is None:
        raise Invalid.at("product_line", "There is no such product line.")
    return customer, line


def _refuse_unvisited(step: Step, sale: LockedSale) -> None:
    visits = select(func.count()).select_from(Visit).where(Visit.instance_id == sale.instance_id).scalar_subquery()
    deciders = (
        select(func.count())
        .select_from(Contact)
        .where(
            Contact.customer_id == sale.customer_id,
            Contact.removed_at.is_(None),
            Contact.kind == ContactKind.DECIDES,
        )
        .scalar_subquery()
    )
    row = step.session.execute(select(visits.label("visits"), deciders.label("deciders"))).one()
    missing: list[tuple[str, dict[str, Any]]] = []
    if not row.visits:
        missing.append(("Record at least one visit for this sale first.", {}))
    if not row.deciders:
        missing.append(("Name at least one contact who decides in the customer's archive first.", {}))
    if missing:
        raise Invalid({"": missing})
