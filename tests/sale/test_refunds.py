"""Refunds (G3.2): asked for, reserved, approved, paid; refused above what is held."""

from typing import Any

import pytest

from tests.sale.firm import Firm
from workflows.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal

#: A sale of two items: 200 cards for 200,000 yuan and two suites for 100,000 yuan.
TWO = ({"product": "card", "quantity": "200"}, {"product": "suite", "quantity": "2"})


def refunds(company: Firm) -> list[tuple[Any, ...]]:
    rows = company.session.connection().exec_driver_sql(
        "SELECT number, amount_fen, closed_at IS NOT NULL, receipt_id IS NOT NULL FROM refund ORDER BY id"
    )
    return [tuple(row) for row in rows]


def test_a_refund_is_approved_by_the_manager_and_paid_by_finance(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "300000.00")
    refund = company.ask_back(case, "50000.00")
    assert company.waiting(refund) == ["approve_refund"]
    assert company.open_task(refund, "approve_refund").assignee_id == company.ids["ma"]
    assert company.figures(case).reserved_fen == 5_000_000
    company.answer(refund, "approve_refund", decision="approve")
    company.pay_back(refund)
    assert company.case(refund).status == "completed"
    figures = company.figures(case)
    assert (figures.refunded_fen, figures.reserved_fen, figures.held_fen) == (5_000_000, 0, 25_000_000)
    assert company.events(case)[-1] == ("refund", 5_000_000, "ordinary")
    assert refunds(company) == [("TK-2026-000001", 5_000_000, True, True)]


def test_above_the_limit_the_director_decides_too(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "300000.00")
    refund = company.ask_back(case, "50000.01")
    company.answer(refund, "approve_refund", decision="approve")
    assert company.open_task(refund, "approve_refund_director").assignee_id == company.ids["di"]
    company.answer(refund, "approve_refund_director", decision="approve", opinion="Agreed")
    company.pay_back(refund)
    assert company.figures(case).refunded_fen == 5_000_001


@pytest.mark.parametrize("last", ["approve_refund", "approve_refund_director"])
def test_what_a_refused_refund_had_reserved_is_free_again(company: Firm, last: str) -> None:
    case = company.signed()
    company.receive(case, "300000.00")
    refund = company.ask_back(case, "300000.00")
    if last == "approve_refund_director":
        company.answer(refund, "approve_refund", decision="approve")
    company.answer(refund, last, decision="reject", opinion="No ground")
    assert company.case(refund).status == "rejected"
    assert company.figures(case).refundable_fen == 30_000_000
    assert refunds(company) == [("TK-2026-000001", 30_000_000, True, False)]


def test_what_a_withdrawn_refund_had_reserved_is_free_again(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "300000.00")
    refund = company.ask_back(case, "300000.00")
    company.withdraw(refund)
    assert company.figures(case).refundable_fen == 30_000_000


def test_a_refund_that_was_sent_back_is_changed_and_reserves_the_new_amount(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "300000.00")
    refund = company.ask_back(case, "300000.00")
    company.answer(refund, "approve_refund", decision="return", opinion="Only the last hundred cards")
    fields = {"sale": company.sale(case).id, "amount": "100000.00", "reason": "A hundred cards came back"}
    company.answer(refund, "request_refund", **fields)
    assert company.figures(case).reserved_fen == 10_000_000
    assert refunds(company)[0][0] == "TK-2026-000001"


def test_no_more_is_asked_back_than_is_held_and_not_reserved(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "100000.00")
    company.ask_back(case, "60000.00")
    before = company.snapshot()
    with pytest.raises(Invalid) as refused:
        company.ask_back(case, "40000.01")
    assert refused.value.fields["amount"][0][1]["left"] == "40,000.00"
    assert company.snapshot() == before
    company.ask_back(case, "40000.00")
    assert company.figures(case).refundable_fen == 0


def test_nothing_is_asked_back_of_a_sale_without_money(company: Firm) -> None:
    case = company.signed()
    before = company.snapshot()
    with pytest.raises(Invalid):
        company.ask_back(case, "0.01")
    assert company.snapshot() == before


def test_what_is_reserved_is_not_reversed(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "100000.00")
    company.ask_back(case, "0.01")
    with pytest.raises(Invalid):
        company.act(case, "reverse_receipt", "ac", receipt=company.receipts(case)[0], reason="Wrong sale")


def test_a_refund_of_one_item_stays_with_it_and_one_of_all_is_shared_out(company: Firm) -> None:
    case = company.signed(None, lines=TWO)
    company.receive(case, "300000.00")
    first, second = (line.id for line in company.order_lines(case))
    with pytest.raises(Invalid):
        company.ask_back(case, "200000.01", line=first)
    company.paid_back(case, "100000.00", line=first)
    # 100,000 are left of each: 60,000 of all are 30,000 of each.
    company.paid_back(case, "60000.00")
    assert [line.held_fen for line in company.order_lines(case)] == [7_000_000, 7_000_000]
    with pytest.raises(Invalid):
        company.ask_back(case, "70000.01", line=second)


def test_what_one_item_has_reserved_is_not_given_back_for_all(company: Firm) -> None:
    case = company.signed(None, lines=TWO)
    company.receive(case, "300000.00")
    _, second = (line.id for line in company.order_lines(case))
    reserved = company.ask_back(case, "90000.00", line=second)
    company.paid_back(case, "210000.00")
    assert [line.held_fen for line in company.order_lines(case)] == [0, 9_000_000]
    company.answer(reserved, "approve_refund", decision="approve")
    company.answer(reserved, "approve_refund_director", decision="approve", opinion="Agreed")
    company.pay_back(reserved)
    assert company.figures(case).held_fen == 0


def test_what_was_paid_too_much_goes_back_first(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "300500.00", accept_overpayment=True)
    company.paid_back(case, "600.00")
    # 500 came in beyond the order; the last 100 are the cards'.
    assert company.events(case)[-2:] == [("refund", 10_000, "ordinary"), ("refund", 50_000, None)]


def test_a_refund_comes_after_the_sale_is_closed(company: Firm) -> None:
    case = company.signed()
    company.hand_over(case)
    company.receive(case, "300000.00")
    company.after_sales(case)
    assert company.sale(case).status == "closed"
    company.paid_back(case, "100.00")
    assert company.figures(case).refunded_fen == 10_000


def test_a_sale_with_money_is_lost_once_it_is_refunded(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "1000.00")
    lost = {"reason": "price", "words": "The customer has no money"}
    with pytest.raises(Invalid, match="Refund them first"):
        company.act(case, "lose_sale", **lost)
    company.paid_back(case, "1000.00")
    company.act(case, "lose_sale", **lost)
    assert company.sale(case).status == "lost"


def test_a_paid_refund_is_not_reversed(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "1000.00")
    company.paid_back(case, "10.00")
    with pytest.raises(Conflict, match="record what comes back as a receipt"):
        company.act(case, "reverse_receipt", "ac", receipt=company.receipts(case)[-1], reason="It came back")


@pytest.mark.parametrize(("days", "message"), [(1, "in the future"), (-1, "was approved on 2026-03-10")])
def test_a_refund_is_paid_between_its_approval_and_today(company: Firm, days: int, message: str) -> None:
    case = company.signed()
    company.receive(case, "1000.00")
    refund = company.ask_back(case, "10.00")
    company.answer(refund, "approve_refund", decision="approve")
    company.engine.claim(
        company.session, company.open_task(refund, "pay_refund").id, actor=company.actor("ac"), now=company.now
    )
    before = company.snapshot()
    with pytest.raises(Invalid, match=message):
        company.pay_back(refund, paid_on=company.day(days))
    assert company.snapshot() == before


@pytest.mark.parametrize(("who", "refusal"), [("ac", NotAllowed), ("di", NotAllowed), ("admin", NotAllowed)])
def test_only_who_sells_asks_for_a_refund(company: Firm, who: str, refusal: type[Refusal]) -> None:
    case = company.signed()
    company.receive(case, "1000.00")
    before = company.snapshot()
    with pytest.raises((refusal, NotFound)):
        company.ask_back(case, "10.00", who=who)
    assert company.snapshot() == before


def test_a_sale_that_is_not_there_is_not_refunded(company: Firm) -> None:
    fields = {"sale": 999_999_999, "amount": "1.00", "reason": "No sale"}
    with pytest.raises(Invalid) as refused:
        company.start("sale_refund", "sa", **fields)
    assert list(refused.value.fields) == ["sale"]


def test_nobody_approves_a_refund_that_they_asked_for(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "1000.00")
    refund = company.ask_back(case, "10.00", who="ma")
    assert company.open_task(refund, "approve_refund").assignee_id == company.ids["di"]


def test_the_item_of_another_sale_is_not_refunded(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "1000.00")
    with pytest.raises(Invalid) as refused:
        company.ask_back(case, "10.00", line=999_999_999)
    assert list(refused.value.fields) == ["line"]
