"""Finance pays in one sum or in parts, or closes what is left; every figure that is refused is named."""

import datetime as dt
from typing import Any

import pytest

from tests.advance.firm import Firm
from workflows.kernel.errors import Invalid


def refused(company: Firm, case: int, **fields: Any) -> dict[str, str]:
    """Pay, be refused, and see that nothing changed; gives the first message at each field."""
    before = company.snapshot()
    with pytest.raises(Invalid) as refusal, company.session.begin_nested():
        company.pay(case, **fields)
    assert company.snapshot() == before
    return {name: messages[0][0] % messages[0][1] for name, messages in refusal.value.fields.items()}


@pytest.fixture
def approved(company: Firm) -> int:
    case = company.request()
    company.approve(case)
    return case


def test_a_payment_in_full_ends_paying_and_the_loan_waits_to_be_cleared(company: Firm, approved: int) -> None:
    company.pay(approved)
    assert company.entries(approved) == [("paid", 1_200_000)]
    assert (company.case(approved).status, company.waiting(approved)) == ("running", [])


def test_part_payments_open_the_task_again_until_all_is_paid(company: Firm, approved: int) -> None:
    company.pay(approved, "5000.00")
    assert company.waiting(approved) == ["pay"]
    company.pay(approved, "6999.99")
    assert company.waiting(approved) == ["pay"]
    # 12,000.00 - 5,000.00 - 6,999.99 = 0.01
    assert company.figures(approved).payable_fen == 1
    assert refused(company, approved, amount="0.02") == {"amount": "Only ¥0.01 of ¥12,000.00 is left to pay."}
    company.pay(approved, "0.01")
    assert company.waiting(approved) == []


def test_a_payment_above_the_amount_is_refused_with_the_figure(company: Firm, approved: int) -> None:
    assert refused(company, approved, amount="12000.01") == {"amount": "Only ¥12,000.00 of ¥12,000.00 is left to pay."}


def test_a_payment_is_dated_between_the_approval_and_today(company: Firm, approved: int) -> None:
    company.now += dt.timedelta(days=2)
    assert list(refused(company, approved, paid_on="2026-03-09")) == ["paid_on"]
    assert list(refused(company, approved, paid_on="2026-03-13")) == ["paid_on"]
    company.pay(approved, "1.00", paid_on="2026-03-10")
    company.pay(approved, "1.00", paid_on="2026-03-12")


def test_closing_the_rest_ends_paying_for_good(company: Firm, approved: int) -> None:
    company.pay(approved, "5000.00")
    company.answer(approved, "pay", close_rest=True, close_reason="The trip was cut short")
    figures = company.figures(approved)
    assert (figures.balance_fen, figures.payable_fen, company.waiting(approved)) == (500_000, 0, [])
    assert company.case(approved).status == "running"
    company.answer(company.claim(approved, "5000.00"), "audit_claim", decision="approve",
                   lines=[{"line": 1, "accepted": True}])  # fmt: skip
    assert (company.case(approved).status, company.case(approved).outcome) == ("completed", "cleared")


def test_a_last_payment_and_the_closing_of_the_rest_may_come_together(company: Firm, approved: int) -> None:
    company.pay(approved, "5000.00", close_rest=True, close_reason="Less was needed")
    assert company.entries(approved) == [("paid", 500_000)]
    assert company.waiting(approved) == []


def test_nothing_left_cannot_be_closed(company: Firm, approved: int) -> None:
    assert list(refused(company, approved, close_rest=True, close_reason="Why not")) == ["close_rest"]


def test_a_loan_of_which_nothing_was_paid_ends_when_finance_closes_it(company: Firm, approved: int) -> None:
    company.answer(approved, "pay", close_rest=True, close_reason="The customer cancelled")
    assert (company.case(approved).status, company.entries(approved)) == ("completed", [])
    assert company.advance(approved).closed_at is not None


def test_closing_the_rest_after_everything_paid_was_cleared_ends_the_loan(company: Firm, approved: int) -> None:
    company.pay(approved, "5000.00")
    company.answer(company.settle(approved, kind="return", amount="5000.00", returned_on="2026-03-10", method="cash"),
                   "confirm_return", decision="approve")  # fmt: skip
    assert (company.case(approved).status, company.waiting(approved)) == ("running", ["pay"])
    company.answer(approved, "pay", close_rest=True, close_reason="Not needed any more")
    assert company.case(approved).status == "completed"
