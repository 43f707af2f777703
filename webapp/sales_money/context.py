"""What the page of a sale shows of its money, and what the pages of a refund's tasks rest on."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.base import ProcessForm
from webapp.accounts.actor import current_actor
from webapp.addresses import LARGEST_ID
from webapp.clock import request_today
from webapp.instances.case import Case, CaseTask
from webapp.sales_money import words
from workflows.customers.scope import sight_of
from workflows.documents.files import documents_of
from workflows.kernel.money import Method
from workflows.sale.facts import SaleFact, events_of
from workflows.sale.ledger import Figures, Line, figures_of, lines_of
from workflows.sale.ledger_model import EventKind, Refund
from workflows.sale.money import EntryRow, RefundRow, entries_of, refund_of, refunds_of
from workflows.sale.record import SaleRow, sale_of


@dataclass(frozen=True, slots=True)
class SaleMoney:
    """The ledger of a sale with what belongs to it; ``words`` are those of the area."""

    entries: list[EntryRow]
    refunds: list[RefundRow]
    events: list[SaleFact]
    words: Any = words

    @property
    def costs(self) -> list[SaleFact]:
        """What its items cost, as far as it is known."""
        return [event for event in self.events if event.kind == EventKind.COST]

    @property
    def held(self) -> Decimal:
        """What the company holds."""
        return self.entries[-1].balance if self.entries else Decimal(0)


def money_context(session: Session, sale_id: int, today: dt.date) -> dict[str, Any]:
    """What ``sales/money.html`` shows; three queries."""
    found = SaleMoney(entries_of(session, sale_id), refunds_of(session, sale_id), events_of(session, sale_id))
    return {"sale_money": found}


def task_context(session: Session, case: Case, _task: CaseTask) -> dict[str, Any]:
    """The refund, the sale with its money, and the files that go with it."""
    refund = refund_of(session, case.id)
    sale = _sale_of_refund(session, case.id)
    if refund is None or sale is None:
        return {}
    return {
        "refund": refund,
        **_around(session, sale),
        "policy": words.POLICY,
        "evidence": documents_of(session, [case.id]),
    }


def start_context(session: Session, _process_key: str, form: ProcessForm) -> dict[str, Any]:
    """The sale that money is asked back of, if the reader sees it."""
    chosen = form["sale"].data
    sale = sale_of(session, sale_id=chosen) if chosen else None
    if sale is None:
        return {"sale": None}
    sight = sight_of(session, current_actor())
    if not sight.covers(owner_id=sale.owner_id, department_id=sale.department_id):
        return {"sale": None}
    return _around(session, sale)


def first_values(
    session: Session, _process_key: str, element_id: str, instance_id: int | None, given: Mapping[str, str]
) -> dict[str, Any]:
    """What a form starts with: the sale that the address names, the request as it stands, today."""
    if instance_id is None:
        return {"sale": _whole(given.get("sale", ""))}
    if element_id == "request_refund":
        refund = session.execute(select(Refund).where(Refund.instance_id == instance_id)).scalar_one()
        found = refund_of(session, instance_id)
        return {
            "sale": refund.sale_id, "line": refund.order_line_id, "reason": refund.reason,
            "amount": found.amount if found else None,
        }  # fmt: skip
    if element_id == "pay_refund":
        sale = _sale_of_refund(session, instance_id)
        return {
            "paid_on": request_today(), "method": Method.BANK_TRANSFER.value, "payee": sale.customer if sale else "",
        }  # fmt: skip
    return {"resume": "restart"}


def case_url(session: Session, case: Case) -> str:
    """The page of the sale that a refund is of."""
    sale = _sale_of_refund(session, case.id)
    return url_for("sales.sale", sale_id=sale.id) if sale else ""


def _around(session: Session, sale: SaleRow) -> dict[str, Any]:
    figures: Figures = figures_of(session, sale.id)
    lines: list[Line] = lines_of(session, sale.id)
    return {"sale": sale, "figures": figures, "order_lines": lines, "money_words": words}


def _sale_of_refund(session: Session, instance_id: int) -> SaleRow | None:
    of_refund = select(Refund.sale_id).where(Refund.instance_id == instance_id)
    sale_id = session.execute(of_refund).scalar_one_or_none()
    return sale_of(session, sale_id=sale_id) if sale_id else None


def _whole(text: str) -> int | None:
    number = int(text) if text.isdecimal() and text.isascii() and len(text) < 20 else 0  # noqa: PLR2004
    return number if 0 < number <= LARGEST_ID else None
