"""What the pages of a sale's tasks show, and what its forms start with (``webapp.tasks.packages``)."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.base import ProcessForm
from forms.sale import BLANK_ROWS
from webapp.accounts.actor import current_actor
from webapp.clock import request_today
from webapp.instances.case import Case, CaseTask
from webapp.sales.words import POLICY
from workflows.customers.model import Customer
from workflows.customers.registrations import in_force
from workflows.customers.scope import Slice, sight_of
from workflows.products.catalogue import products_for_sale
from workflows.products.lines import product_lines
from workflows.sale.record import QuotationRow, SaleRow, contracts_of, quotations_of, sale_of

#: As many customers are offered to choose from; more are found from their own page.
MOST_CUSTOMERS = 200
#: How long a quotation binds unless somebody says otherwise.
_USUALLY_VALID = dt.timedelta(days=30)
_USUAL_DAYS = 30


def task_context(session: Session, case: Case, task: CaseTask) -> dict[str, Any]:
    """The sale, what was offered and agreed, and the clauses that bind the decision."""
    sale = sale_of(session, instance_id=case.id)
    if sale is None:
        return {}
    quotations = quotations_of(session, sale.id)
    contracts = contracts_of(session, sale.id, received=sale.received)
    context: dict[str, Any] = {
        "today": request_today(),
        "sale": sale,
        "quotations": quotations,
        "quotation": current_quotation(quotations),
        "contract": contracts[0] if contracts else None,
        "policy": POLICY.get(task.element_id, []),
    }
    if task.element_id == "quote":
        context["products"] = products_for_sale(session)
    return context


def start_context(session: Session, _process_key: str, form: ProcessForm) -> dict[str, Any]:
    """The customers and product lines to choose from, and who stands against a registration that was refused."""
    chosen, line = form.data.get("customer"), form.data.get("product_line")
    standing = in_force(session, chosen, line) if chosen and line and form.form_errors else None
    return {
        "customers": customers_to_choose(session, chosen),
        "product_lines": product_lines(session),
        "standing": standing if standing and standing.owner_id != current_actor().id else None,
    }


def first_values(
    session: Session, _process_key: str, element_id: str, instance_id: int | None, given: Mapping[str, str]
) -> dict[str, Any]:
    """What a form starts with: what is known of the sale already."""
    if instance_id is None:
        customer = given.get("customer", "")
        return {"customer": int(customer) if customer.isdecimal() and len(customer) < 19 else None}  # noqa: PLR2004
    sale = sale_of(session, instance_id=instance_id)
    if sale is None:
        return {}
    today = request_today()
    fill = _FIRST.get(element_id)
    return fill(session, sale, today) if fill else {"resume": "restart"}


def case_url(_session: Session, case: Case) -> str:
    """The page of the sale that a case is about."""
    return url_for("sales.of_case", instance_id=case.id)


def current_quotation(quotations: list[QuotationRow]) -> QuotationRow | None:
    """The version that counts: what is accepted or offered, else the newest."""
    return next((each for each in quotations if each.status in ("accepted", "offered")), next(iter(quotations), None))


def customers_to_choose(session: Session, chosen: int | None) -> list[Any]:
    """The customers that the person may register a need of: one's own first, then the department's."""
    actor = current_actor()
    sight = sight_of(session, actor)
    own = Customer.owner_id == actor.id
    query = (
        select(Customer.id, Customer.name, Customer.owner_id)
        .where(sight.where(Customer.owner_id, Customer.department_id, Slice.ALL), Customer.archived_at.is_(None))
        .order_by(own.desc(), Customer.id.desc())
        .limit(MOST_CUSTOMERS)
    )
    rows = list(session.execute(query))
    if chosen and all(row.id != chosen for row in rows):
        visible = query.where(Customer.id == chosen)
        rows = [*session.execute(visible), *rows]
    return rows


def _request(_session: Session, sale: SaleRow, _today: dt.date) -> dict[str, Any]:
    return {
        "customer": sale.customer_id, "product_line": sale.product_line_id, "need": sale.needs,
        "expected_amount": sale.expected, "expected_on": sale.expected_on,
    }  # fmt: skip


def _initiation(_session: Session, sale: SaleRow, _today: dt.date) -> dict[str, Any]:
    return {
        "needs": sale.needs, "decision_makers": sale.decision_makers, "budget": sale.budget,
        "competitors": sale.competitors, "expected_amount": sale.expected, "expected_on": sale.expected_on,
    }  # fmt: skip


def _quotation(session: Session, sale: SaleRow, today: dt.date) -> dict[str, Any]:
    """The newest version as it was offered, to be changed, or blank rows."""
    quotations = quotations_of(session, sale.id)
    blank: list[dict[str, Any]] = [{} for _ in range(BLANK_ROWS)]
    values: dict[str, Any] = {"valid_until": today + _USUALLY_VALID, "payment_days": Decimal(_USUAL_DAYS)}
    if not quotations:
        return {**values, "lines": blank}
    newest = quotations[0]
    lines = [
        {
            "product": line.product_id, "quantity": line.quantity, "unit_price": line.unit_price,
            "discount": line.discount or None, "note": line.note,
        }
        for line in newest.lines
    ]  # fmt: skip
    return {
        **values, "lines": [*lines, *blank], "payment_days": Decimal(newest.payment_days),
        "payment_terms": newest.payment_terms, "delivery_terms": newest.delivery_terms,
    }  # fmt: skip


def _contract(session: Session, sale: SaleRow, today: dt.date) -> dict[str, Any]:
    """The contract as it was drafted before, or one instalment of the whole amount."""
    blank: list[dict[str, Any]] = [{} for _ in range(BLANK_ROWS)]
    contracts = contracts_of(session, sale.id, received=Decimal(0))
    quotation = current_quotation(quotations_of(session, sale.id))
    live = next((each for each in contracts if each.status == "in_approval"), None)
    if live is not None:
        plan = [{"due_on": each.due_on, "amount": each.amount, "note": each.note} for each in live.plan]
        return {"deliver_on": live.deliver_on, "terms": live.terms, "plan": [*plan, *blank]}
    days = dt.timedelta(days=quotation.payment_days if quotation else _USUAL_DAYS)
    whole = {"due_on": today + days, "amount": quotation.total if quotation else None}
    return {"plan": [whole, *blank]}


def _signing(_session: Session, _sale: SaleRow, today: dt.date) -> dict[str, Any]:
    return {"signed_on": today}


def _hand_over(session: Session, sale: SaleRow, _today: dt.date) -> dict[str, Any]:
    contracts = contracts_of(session, sale.id, received=Decimal(0))
    planned = contracts[0].deliver_on if contracts else None
    return {"milestones": [{"planned_on": planned}, *({} for _ in range(BLANK_ROWS))]}


def _acceptance(_session: Session, _sale: SaleRow, today: dt.date) -> dict[str, Any]:
    return {"accepted_on": today}


_FIRST = {
    "register_opportunity": _request,
    "apply_initiation": _initiation,
    "quote": _quotation,
    "draft_contract": _contract,
    "sign_contract": _signing,
    "hand_over_order": _hand_over,
    "accept_delivery": _acceptance,
}
