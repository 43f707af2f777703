"""Money that cannot be right is refused at its field, and nothing has changed."""

from typing import Any

import pytest

from tests.sale.firm import Firm
from workflows.kernel.errors import Conflict, Invalid, Refusal


def refused(company: Firm, match: str | None, action: Any, kind: type[Refusal] = Invalid) -> None:
    before = company.snapshot()
    with pytest.raises(kind, match=match):
        action()
    assert company.snapshot() == before


def to_negotiation(company: Firm) -> int:
    case = company.register()
    company.initiate(case)
    return case


def test_no_money_is_recorded_for_a_lost_sale(company: Firm) -> None:
    case = company.signed()
    company.act(case, "lose_sale", reason="price", words="Too dear")
    refused(company, "This sale is lost. Reopen it first", lambda: company.receive(case, "1.00"), Conflict)


def test_no_money_is_recorded_before_a_contract_is_signed(company: Firm) -> None:
    case = to_negotiation(company)
    refused(company, "No contract of this sale is signed", lambda: company.receive(case, "1.00"), Conflict)


def test_no_money_came_in_before_the_contract(company: Firm) -> None:
    case = company.signed()
    refused(company, "no money is recorded before", lambda: company.receive(case, "1.00", received_on=company.day(-1)))


def test_no_money_came_in_tomorrow(company: Firm) -> None:
    case = company.signed()
    refused(company, "lies in the future", lambda: company.receive(case, "1.00", received_on=company.day(1)))


def test_more_than_is_owed_is_asked_about(company: Firm) -> None:
    case = company.signed()
    refused(company, "Only ¥300,000.00 of this sale is owed", lambda: company.receive(case, "300000.01"))


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "1.001", "1e3", "NaN", "１００"])
def test_an_absurd_amount_is_refused(company: Firm, amount: str) -> None:
    case = company.signed()
    refused(company, None, lambda: company.receive(case, amount))


def test_the_same_transfer_is_not_recorded_for_two_sales(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "1000.00", reference="T-1")
    refused(company, "stands at sale XS-2026-000001", lambda: company.receive(case, "1000.00", reference="T-1"))


def test_no_more_is_asked_back_than_came_in(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "1000.00")
    refused(company, "¥1,000.00", lambda: company.ask_back(case, "1000.01"))


def test_an_instalment_plan_that_does_not_sum_is_refused(company: Firm) -> None:
    case = to_negotiation(company)
    company.accepted(case)
    refused(
        company, "add up to ¥299,999.99, the contract comes to ¥300,000.00",
        lambda: company.draft(case, (10, "100000.00"), (20, "199999.99")),
    )  # fmt: skip


def test_an_instalment_is_not_due_before_the_contract(company: Firm) -> None:
    case = to_negotiation(company)
    company.accepted(case)
    refused(company, "not due before the contract", lambda: company.draft(case, (-1, "300000.00")))


@pytest.mark.parametrize("quantity", ["0", "-1", "1000001", "1.0001", "1e9", "abc"])
def test_an_absurd_quantity_is_refused(company: Firm, quantity: str) -> None:
    case = to_negotiation(company)
    refused(company, None, lambda: company.quote(case, {"product": "card", "quantity": quantity}))


def test_a_cost_belongs_to_a_line_of_the_sale(company: Firm) -> None:
    case = company.signed()
    fields = {"line": 999_999, "kind": "tax", "amount": "1.00", "occurred_on": company.today.isoformat()}
    refused(company, "no such order line", lambda: company.act(case, "record_cost", "ac", **fields))


def test_an_entry_of_another_sale_is_not_reversed_here(company: Firm) -> None:
    case = company.signed()
    refused(company, "no such entry", lambda: company.act(case, "reverse_receipt", "ac", receipt=1, reason="Slip"))
