"""Instalments that are due remind the owner before, and the manager too after their day; covered ones nobody."""

import datetime as dt

from sqlalchemy import select

from tests.sale.firm import Firm
from workflows.customers.rules import change_rule
from workflows.notices.model import Notice
from workflows.sale.due import instalments_between
from workflows.sale.reminders import remind_of_payments

#: Two instalments, due on 9 April and on 9 May (a Saturday).
PLAN = ((30, "100000.00"), (60, "200000.00"))


def at(day: str) -> dt.datetime:
    """Ten in the morning in Shanghai."""
    return dt.datetime.fromisoformat(f"{day}T02:00:00+00:00")


def bells(company: Firm) -> list[tuple[str, str]]:
    query = select(Notice).where(Notice.kind.in_(("payment_due", "payment_overdue"))).order_by(Notice.id)
    names = {ident: name for name, ident in company.ids.items()}
    return [(notice.kind, names[notice.employee_id]) for notice in company.session.scalars(query)]


def test_the_owner_is_reminded_once_from_three_days_before(company: Firm) -> None:
    company.signed(None, *PLAN)
    assert remind_of_payments(company.session, at("2026-04-05")) == 0
    assert remind_of_payments(company.session, at("2026-04-06")) == 1
    assert remind_of_payments(company.session, at("2026-04-09")) == 0
    assert bells(company) == [("payment_due", "sa")]


def test_owner_and_manager_are_reminded_every_seven_days_after(company: Firm) -> None:
    company.signed(None, *PLAN)
    assert remind_of_payments(company.session, at("2026-04-10")) == 2
    assert remind_of_payments(company.session, at("2026-04-16")) == 0
    assert remind_of_payments(company.session, at("2026-04-17")) == 2
    assert sorted(bells(company)) == [("payment_overdue", "ma")] * 2 + [("payment_overdue", "sa")] * 2


def test_money_covers_the_earliest_instalments_first(company: Firm) -> None:
    case = company.signed(None, *PLAN)
    company.receive(case, "100000.01")
    [left] = instalments_between(company.session, company.today, company.today + dt.timedelta(days=90))
    assert (left.position, str(left.amount), str(left.open)) == (2, "200000.00", "199999.99")
    assert remind_of_payments(company.session, at("2026-04-10")) == 0


def test_a_reversed_receipt_covers_nothing(company: Firm) -> None:
    case = company.signed(None, *PLAN)
    company.receive(case, "100000.00")
    company.act(case, "reverse_receipt", "ac", receipt=company.receipts(case)[0], reason="Another customer's")
    assert remind_of_payments(company.session, at("2026-04-10")) == 2


def test_a_sale_that_is_lost_or_put_aside_reminds_nobody(company: Firm) -> None:
    lost = company.signed(None, *PLAN)
    company.act(lost, "lose_sale", reason="price", words="Too dear")
    assert remind_of_payments(company.session, at("2026-04-10")) == 0


def test_a_changed_rule_counts_from_then_on(company: Firm) -> None:
    company.signed(None, *PLAN)
    change_rule(
        company.session, "due_reminder_before", 10, reason="Earlier", actor_id=company.ids["ge"], now=company.now
    )
    assert remind_of_payments(company.session, at("2026-03-30")) == 1
