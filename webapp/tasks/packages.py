"""What the web area of a process adds to the pages of its tasks, found by the process's key.

An area may offer ``task_context(session, case, task) -> dict`` for the partial ``tasks/<element_id>.html``, which
shows what a decision rests on, and ``first_values(session, process_key, element_id, instance_id, given) -> dict``,
what a blank form starts with (``given`` are the parameters of the address), ``start_context(session, process_key,
form) -> dict``, what the page of a start form shows beside it, ``case_url(session, case) -> str``, the page of what a
case is about, and ``copied_values(session, process_key, instance_id, today) -> (dict, list)``, what the start form of a
copy of a case is filled in with, and the names of the fields whose days have passed and that are left empty. Documents
go by the ids that they have in the old case.
"""

import datetime as dt
from collections.abc import Mapping
from importlib import import_module, util
from typing import Any

from sqlalchemy.orm import Session

from forms.base import ProcessForm
from webapp.instances.case import Case, CaseTask

#: Process key -> module of its web area.
AREAS = {
    "expense_advance": "webapp.advances.context",
    "advance_settlement": "webapp.advances.context",
    "registration_contest": "webapp.customers.contest_context",
    "complaint": "webapp.customers.complaint_context",
    "sale": "webapp.sales.context",
    "sale_refund": "webapp.sales_money.context",
}


def task_context(session: Session, case: Case, task: CaseTask) -> dict[str, Any]:
    """What the partial of a task shows."""
    offered = _offered(case.process_key, "task_context")
    return dict(offered(session, case, task)) if offered else {}


def first_values(
    session: Session, process_key: str, element_id: str, instance_id: int | None, given: Mapping[str, str]
) -> dict[str, Any]:
    """What a form starts with before anybody typed: what was asked for before, or what the address says."""
    offered = _offered(process_key, "first_values")
    return dict(offered(session, process_key, element_id, instance_id, given)) if offered else {}


def start_context(session: Session, process_key: str, form: ProcessForm) -> dict[str, Any]:
    """What the page of a start form shows beside it."""
    offered = _offered(process_key, "start_context")
    return dict(offered(session, process_key, form)) if offered else {}


def copied_values(
    session: Session, process_key: str, instance_id: int, today: dt.date
) -> tuple[dict[str, Any], list[str]]:
    """What a copy of a case starts with, and the fields that were left empty because their day has passed."""
    offered = _offered(process_key, "copied_values")
    return offered(session, process_key, instance_id, today) if offered else ({}, [])


def is_copyable(process_key: str) -> bool:
    """Whether cases of a process can be copied."""
    return _offered(process_key, "copied_values") is not None


def business_url(session: Session, case: Case) -> str:
    """The page of what the case is about, where there is one."""
    offered = _offered(case.process_key, "case_url")
    return str(offered(session, case)) if offered else ""


def _offered(process_key: str, name: str) -> Any:
    module = AREAS.get(process_key)
    if module is None or util.find_spec(module.rpartition(".")[0]) is None or util.find_spec(module) is None:
        return None
    return getattr(import_module(module), name, None)
