"""What the pages of a complaint show: whose it is, what was said, what was done."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, url_for
from sqlalchemy.orm import Session

from forms.base import ProcessForm
from webapp.accounts.actor import current_actor
from webapp.addresses import LARGEST_ID
from webapp.clock import request_today
from webapp.instances.case import Case, CaseTask
from workflows.customers.complaints import complaint_of
from workflows.customers.rights import seen
from workflows.documents.files import documents_of
from workflows.kernel.errors import NotFound


def task_context(session: Session, case: Case, _task: CaseTask) -> dict[str, Any]:
    """The complaint with what was done so far, and its files."""
    return {"complaint": complaint_of(session, case.id), "evidence": documents_of(session, [case.id])}


def first_values(
    _session: Session, _process_key: str, element_id: str, _instance_id: int | None, given: Mapping[str, str]
) -> dict[str, Any]:
    """The customer and the sale that the address names, and today."""
    if element_id != "raise_complaint":
        return {}
    return {
        "customer": _whole(given.get("customer", "")), "sale": _whole(given.get("sale", "")),
        "raised_on": request_today(),
    }  # fmt: skip


def start_context(session: Session, _process_key: str, form: ProcessForm) -> dict[str, Any]:
    """The customer who complains, if the reader may see it."""
    chosen = form["customer"].data
    if not chosen:
        return {"complaining": None}
    try:
        return {"complaining": seen(session, current_actor(), chosen).customer}
    except NotFound:
        return {"complaining": None}


def case_url(session: Session, case: Case) -> str:
    """The page of the customer, for who may see it."""
    complaint = complaint_of(session, case.id)
    if complaint is None or "customers.customer" not in current_app.view_functions:
        return ""
    try:
        seen(session, current_actor(), complaint.customer_id)
    except NotFound:
        return ""
    return url_for("customers.customer", customer_id=complaint.customer_id)


def _whole(text: str) -> int | None:
    number = int(text) if text.isdecimal() and text.isascii() and len(text) < 20 else 0  # noqa: PLR2004
    return number if 0 < number <= LARGEST_ID else None
