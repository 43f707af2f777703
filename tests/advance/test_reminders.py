"""An overdue advance reminds its borrower and their manager, once a week each."""

import datetime as dt

from sqlalchemy import select, text

from tests.advance.firm import Firm
from workflows.advance.reminders import remind_overdue
from workflows.notices.model import Notice

#: 00:00 in Shanghai on Saturday the day after the return date of 2026-04-10.
OVERDUE = dt.datetime(2026, 4, 10, 16, 0, tzinfo=dt.UTC)


def bells(company: Firm) -> list[str]:
    query = select(Notice).where(Notice.kind == "advance_overdue").order_by(Notice.id)
    names = {ident: name for name, ident in company.ids.items()}
    return [names[notice.employee_id] for notice in company.session.scalars(query)]


def test_borrower_and_manager_are_reminded_once_a_week_from_the_day_after_the_return_date(company: Firm) -> None:
    company.paid()
    assert remind_overdue(company.session, OVERDUE - dt.timedelta(minutes=1)) == 0
    assert remind_overdue(company.session, OVERDUE) == 2
    assert sorted(bells(company)) == ["ma", "sa"]
    # Saturday and Sunday belong to the same ISO week, Monday begins the next one.
    assert remind_overdue(company.session, OVERDUE + dt.timedelta(days=1)) == 0
    assert remind_overdue(company.session, OVERDUE + dt.timedelta(days=2)) == 2


def test_a_manager_who_borrowed_is_reminded_together_with_the_next_one_above(company: Firm) -> None:
    company.session.execute(text("INSERT INTO employee_role VALUES (:who, 'salesperson')"), {"who": company.ids["ma"]})
    company.paid()
    company.session.execute(text("UPDATE advance SET borrower_id = :who"), {"who": company.ids["ma"]})
    remind_overdue(company.session, OVERDUE)
    assert sorted(bells(company)) == ["di", "ma"]


def test_what_is_cleared_or_was_never_paid_reminds_nobody(company: Firm) -> None:
    company.approve(company.request("sb"))
    case = company.paid()
    settlement = company.settle(case, kind="return", amount="12000.00", returned_on="2026-03-10", method="cash")
    company.answer(settlement, "confirm_return", decision="approve")
    assert remind_overdue(company.session, OVERDUE) == 0
