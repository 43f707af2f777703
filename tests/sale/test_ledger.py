"""The ledger of a sale by lines: receipts in any order, over-payments, corrections, and what is given back."""

import pytest

from tests.sale.firm import Firm
from workflows.kernel.errors import Conflict, Invalid

#: Two items: 200 cards for 200,000 yuan and two suites for 100,000 yuan.
TWO = ({"product": "card", "quantity": "200"}, {"product": "suite", "quantity": "2"})


def received(company: Firm, case: int) -> list[int]:
    return [line.received_fen for line in company.order_lines(case)]


def held(company: Firm, case: int) -> list[int]:
    return [line.held_fen for line in company.order_lines(case)]


def over(company: Firm, case: int, amount: str) -> None:
    company.receive(case, amount, accept_overpayment=True)


def test_a_receipt_is_shared_by_what_is_owed_on_each_line(company: Firm) -> None:
    case = company.signed(lines=TWO)
    company.receive(case, "100000.00")
    # 100,000 in proportion 2 : 1 is 66,666.67 and 33,333.33.
    assert received(company, case) == [6_666_667, 3_333_333]
    company.receive(case, "200000.00")
    assert received(company, case) == [20_000_000, 10_000_000]
    assert company.figures(case).is_collected


def test_what_is_more_than_the_order_has_no_line(company: Firm) -> None:
    case = company.signed(lines=TWO)
    over(company, case, "300000.05")
    assert company.events(case)[-3:] == [
        ("receipt", 20_000_000, "ordinary"), ("receipt", 10_000_000, "high_end"), ("receipt", 5, None),
    ]  # fmt: skip
    assert company.figures(case).overpaid_fen == 5


def test_a_correction_takes_back_what_the_wrong_entry_brought_each_line(company: Firm) -> None:
    case = company.signed(lines=TWO)
    company.receive(case, "100000.00")
    company.receive(case, "50000.00")
    company.act(case, "reverse_receipt", "ac", receipt=company.receipts(case)[0], reason="Another customer's")
    assert company.figures(case).received_fen == 5_000_000
    assert sum(received(company, case)) == 5_000_000
    assert min(received(company, case)) >= 0


def test_an_over_payment_counts_for_the_lines_once_a_correction_leaves_them_owed(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "200000.00")
    over(company, case, "150000.00")
    assert received(company, case) == [30_000_000]
    company.act(case, "reverse_receipt", "ac", receipt=company.receipts(case)[0], reason="Bounced")
    # Of the second receipt 100,000 were for the line and 50,000 beyond the order; now all of it is for the line.
    assert received(company, case) == [15_000_000]
    over(company, case, "150000.00")
    assert (received(company, case), company.figures(case).overpaid_fen) == ([30_000_000], 0)


def test_a_receipt_whose_over_payment_was_moved_is_undone_wholly(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "200000.00")
    over(company, case, "150000.00")
    first, second = company.receipts(case)
    company.act(case, "reverse_receipt", "ac", receipt=first, reason="Bounced")
    company.act(case, "reverse_receipt", "ac", receipt=second, reason="Bounced, too")
    assert (received(company, case), company.figures(case).received_fen) == ([0], 0)


def test_a_refund_for_one_line_leaves_the_other_lines_money_where_it_is(company: Firm) -> None:
    case = company.signed(lines=TWO)
    over(company, case, "320000.00")
    [cards, _suites] = company.order_lines(case)
    company.paid_back(case, "50000.00", line=cards.id)
    assert held(company, case) == [15_000_000, 10_000_000]
    # 270,000 are held: what came in beyond the order goes back first, then the lines give what they hold.
    company.paid_back(case, "270000.00")
    assert (held(company, case), company.figures(case).held_fen) == ([0, 0], 0)


def test_money_that_went_back_for_a_line_is_not_taken_from_under_it(company: Firm) -> None:
    case = company.signed(lines=TWO)
    company.receive(case, "150000.00")
    company.receive(case, "150000.00")
    [_cards, suites] = company.order_lines(case)
    company.paid_back(case, "100000.00", line=suites.id)
    before = company.snapshot()
    with pytest.raises(Invalid, match="has been refunded for suite"):
        company.act(case, "reverse_receipt", "ac", receipt=company.receipts(case)[0], reason="Bounced")
    assert company.snapshot() == before


def test_an_entry_is_undone_once_and_a_correction_never(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "1000.00")
    [wrong] = company.receipts(case)
    company.act(case, "reverse_receipt", "ac", receipt=wrong, reason="Wrong customer")
    before = company.snapshot()
    for entry in company.receipts(case):
        with pytest.raises(Conflict, match="reversed already"):
            company.act(case, "reverse_receipt", "ac", receipt=entry, reason="Again")
    assert company.snapshot() == before


def test_a_sale_in_stage_four_is_lost_once_its_money_went_back(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "100000.00")
    company.paid_back(case, "100000.00")
    company.act(case, "lose_sale", reason="price", words="They gave it back")
    assert (company.sale(case).status, company.figures(case).held_fen) == ("lost", 0)
