"""What the pages of a contested registration show: what it is about, and what both sides said."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, url_for
from sqlalchemy.orm import Session

from forms.base import ProcessForm
from webapp.accounts.actor import current_actor
from webapp.addresses import LARGEST_ID
from webapp.instances.case import Case, CaseTask
from workflows.customers.contests import contest_of, contestable, others_registrations
from workflows.documents.files import documents_of


def task_context(session: Session, case: Case, _task: CaseTask) -> dict[str, Any]:
    """The registration, the ground, the reply, and the files of both."""
    return {"contest": contest_of(session, case.id), "evidence": documents_of(session, [case.id])}


def first_values(
    _session: Session, _process_key: str, element_id: str, _instance_id: int | None, given: Mapping[str, str]
) -> dict[str, Any]:
    """The registration that the address names."""
    if element_id != "contest_registration":
        return {}
    return {"registration": _whole(given.get("registration", ""))}


def start_context(session: Session, _process_key: str, form: ProcessForm) -> dict[str, Any]:
    """The registration that is contested, or those to choose from."""
    actor = current_actor()
    chosen = form["registration"].data
    found = contestable(session, actor, chosen) if chosen else None
    return {"contested": found, "choices": [] if found else others_registrations(session, actor)}


def case_url(session: Session, case: Case) -> str:
    """The page of the customer."""
    contest = contest_of(session, case.id)
    if contest is None or "customers.customer" not in current_app.view_functions:
        return ""
    return url_for("customers.customer", customer_id=contest.registration.customer_id)


def _whole(text: str) -> int | None:
    number = int(text) if text.isdecimal() and text.isascii() and len(text) < 20 else 0  # noqa: PLR2004
    return number if 0 < number <= LARGEST_ID else None
