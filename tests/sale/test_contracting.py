"""Quotations in versions, the contract that follows from one, and who has the last word on it."""

import datetime as dt
from typing import Any

import pytest

from tests.sale.firm import Firm
from workflows.kernel.errors import Conflict, Invalid
from workflows.sale.contracting import facts
from workflows.sale.model import Instalment


def negotiating(company: Firm) -> int:
    case = company.register()
    company.initiate(case)
    return case


def test_each_quotation_is_the_next_version_and_replaces_the_one_before(company: Firm) -> None:
    case = negotiating(company)
    company.quote(case, {"product": "card", "quantity": "300"})
    company.answer(case, "await_answer", decision="revise", opinion="Ten percent less")
    company.quote(case, {"product": "card", "quantity": "300", "discount": "10"})
    company.answer(case, "await_answer", decision="accept")
    # 300 x ¥1,000.00 = ¥300,000.00; less 10% = ¥270,000.00
    assert company.quotations(case) == [(1, 30_000_000, "refused"), (2, 27_000_000, "accepted")]
    assert company.sale(case).expected_fen == 27_000_000


def test_a_quotation_that_nobody_answers_expires_at_the_end_of_its_last_day(company: Firm) -> None:
    case = negotiating(company)
    company.quote(case, valid_until=company.day(5))
    company.pass_time(5)
    assert company.waiting(case) == ["await_answer"]
    company.pass_time(1)
    assert (company.waiting(case), company.quotations(case)) == (["quote"], [(1, 30_000_000, "expired")])


@pytest.mark.parametrize(
    ("line", "amount", "authority"),
    [
        # 300 x ¥1,000.00: within every limit of the manager.
        ({"product": "card", "quantity": "300"}, "300000.00", "manager"),
        # 300 x ¥1,000.00 less 10%: the discount itself belongs to the manager, and ¥900.00 is the floor.
        ({"product": "card", "quantity": "300", "discount": "10"}, "270000.00", "manager"),
        # ¥899.99 lies below the floor of ¥900.00.
        ({"product": "card", "quantity": "300", "unit_price": "899.99"}, "269997.00", "director"),
        # 501 x ¥1,000.00 is more than ¥500,000.00.
        ({"product": "card", "quantity": "501"}, "501000.00", "director"),
        # 2,001 x ¥1,000.00 is more than ¥2,000,000.00.
        ({"product": "card", "quantity": "2001"}, "2001000.00", "general_manager"),
    ],
)
def test_the_decision_table_says_who_has_the_last_word(
    company: Firm, line: dict[str, str], amount: str, authority: str
) -> None:
    case = negotiating(company)
    company.accepted(case, line)
    company.draft(case, (30, amount))
    company.answer(case, "manager_contract", decision="approve")
    if authority != "manager":
        company.answer(case, "director_contract", decision="approve", opinion="Worth it")
    if authority == "general_manager":
        company.answer(case, "general_manager_contract", decision="approve")
    assert company.waiting(case) == ["sign_contract"]
    assert company.contracts(case) == [("HT-2026-000001", "approved", authority)]


def test_the_table_sees_exactly_what_was_agreed(company: Firm) -> None:
    case = negotiating(company)
    company.accepted(
        case, {"product": "card", "quantity": "3", "discount": "12.5"}, {"product": "suite", "quantity": "1"},
        payment_days="90",
    )  # fmt: skip
    # 3 x ¥1,000.00 x 87.5% = ¥2,625.00, and ¥50,000.00; list ¥53,000.00; ¥375.00 off are 0.7075…%, shown as 0.71%
    company.draft(case, (30, "52625.00"))
    step = company.step(case)
    assert {name: str(value) for name, value in facts(step).items()} == {
        "amount": "52625.00", "discount_percent": "0.71", "below_floor": "True", "payment_days": "90",
    }  # fmt: skip


@pytest.mark.parametrize("level", ["manager", "director", "general_manager"])
def test_a_refused_contract_is_over_and_the_next_has_a_number_of_its_own(company: Firm, level: str) -> None:
    case = negotiating(company)
    company.accepted(case, {"product": "card", "quantity": "2001"})
    company.draft(case, (30, "2001000.00"))
    for each in ("manager", "director", "general_manager"):
        decision = "reject" if each == level else "approve"
        company.answer(case, f"{each}_contract", decision=decision, opinion="Because")
        if each == level:
            break
    assert company.waiting(case) == ["quote"]
    company.accepted(case)
    company.draft(case)
    assert [row[:2] for row in company.contracts(case)] == [
        ("HT-2026-000001", "rejected"), ("HT-2026-000002", "in_approval"),
    ]  # fmt: skip


def test_a_contract_sent_back_keeps_its_number_and_is_judged_anew(company: Firm) -> None:
    case = negotiating(company)
    company.accepted(case)
    company.draft(case)
    back = {"decision": "return", "return_to": "draft_contract", "resume": "restart"}
    company.answer(case, "manager_contract", opinion="Two instalments, please", **back)
    company.draft(case, (10, "100000.00"), (40, "200000.00"))
    assert company.contracts(case) == [("HT-2026-000001", "in_approval", None)]
    plan = company.session.query(Instalment).order_by(Instalment.position).all()
    assert [row.amount_fen for row in plan] == [10_000_000, 20_000_000]


def test_the_same_person_never_decides_twice_on_a_contract(company: Firm) -> None:
    case = negotiating(company)
    company.accepted(case, {"product": "card", "quantity": "501"})
    company.draft(case, (30, "501000.00"))
    company.answer(case, "manager_contract", decision="approve")
    assert company.open_task(case, "director_contract").assignee_id == company.ids["di"]


def test_a_contract_may_be_negotiated_again_before_it_is_signed(company: Firm) -> None:
    case = negotiating(company)
    company.accepted(case)
    company.draft(case)
    company.answer(case, "manager_contract", decision="approve")
    company.answer(case, "sign_contract", decision="renegotiate", opinion="They want more cards")
    assert (company.waiting(case), company.contracts(case)[0][1]) == (["quote"], "replaced")


def test_a_signed_contract_becomes_an_order_whose_lines_are_events(company: Firm) -> None:
    lines = [{"product": "card", "quantity": "100"}, {"product": "server", "quantity": "10"}]
    # 100 x ¥1,000.00 + 10 x ¥20,000.00 = ¥300,000.00; the servers cost 10 x ¥15,000.00 (H3)
    case = company.signed(lines=lines)
    assert company.events(case) == [
        ("order", 10_000_000, "ordinary"), ("order", 20_000_000, "ordinary"), ("cost", 15_000_000, "ordinary"),
    ]  # fmt: skip


WRONG_QUOTATIONS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"quantity": "0"}, {}, "lines-0-quantity"),
    ({"quantity": "-1"}, {}, "lines-0-quantity"),
    ({"quantity": "1000001"}, {}, "lines-0-quantity"),
    ({"quantity": "1.0001"}, {}, "lines-0-quantity"),
    ({"quantity": "1e3"}, {}, "lines-0-quantity"),
    ({"quantity": "１２"}, {}, "lines-0-quantity"),
    ({"discount": "100.01"}, {}, "lines-0-discount"),
    ({"discount": "100"}, {}, "lines"),
    ({"unit_price": "-5"}, {}, "lines-0-unit_price"),
    ({"unit_price": "999999999.00"}, {}, "lines-0-quantity"),
    ({"product": 999_999}, {}, "lines-0-product"),
    ({}, {"valid_until": "2026-03-09"}, "valid_until"),
    ({}, {"valid_until": "2027-03-12"}, "valid_until"),
    ({}, {"payment_days": "-1"}, "payment_days"),
    ({}, {"payment_days": "3651"}, "payment_days"),
]


@pytest.mark.parametrize(("line", "change", "field"), WRONG_QUOTATIONS)
def test_a_wrong_quotation_is_refused_at_its_field(
    company: Firm, line: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    case = negotiating(company)
    before = company.snapshot()
    good = {"product": company.products["card"], "quantity": "300"}
    fields = {"lines": [{**good, **line}], "valid_until": company.day(30), "payment_days": "60", **change}
    with pytest.raises(Invalid) as refused:
        company.answer(case, "quote", **fields)
    assert list(refused.value.fields) == [field]
    assert company.snapshot() == before


@pytest.mark.parametrize(
    ("plan", "field", "message"),
    [
        ([(30, "299999.99")], "plan", r"add up to ¥299,999\.99, the contract comes to ¥300,000\.00"),
        ([(30, "300000.01")], "plan", r"add up to ¥300,000\.01"),
        ([(-1, "300000.00")], "plan-0-due_on", "not due before the contract"),
        ([(30, "300000.00"), (40, "0.00")], "plan-1-amount", "more than zero"),
    ],
)
def test_a_payment_plan_sums_up_and_lies_ahead(
    company: Firm, plan: list[tuple[int, str]], field: str, message: str
) -> None:
    case = negotiating(company)
    company.accepted(case)
    before = company.snapshot()
    with pytest.raises(Invalid, match=message) as refused:
        company.draft(case, *plan)
    assert list(refused.value.fields) == [field]
    assert company.snapshot() == before


def test_a_contract_is_signed_between_its_drafting_and_today_with_its_scan(company: Firm) -> None:
    case = negotiating(company)
    company.accepted(case)
    company.draft(case)
    company.answer(case, "manager_contract", decision="approve")
    for changes, field in [
        ({"signed_on": company.day(1)}, "signed_on"),
        ({"signed_on": company.day(-1)}, "signed_on"),
        ({"attachments": []}, "attachments"),
    ]:
        with pytest.raises(Invalid) as refused:
            company.sign(case, **changes)
        assert list(refused.value.fields) == [field]
    company.sign(case)
    assert company.contracts(case) == [("HT-2026-000001", "signed", "manager")]


def test_two_accepted_answers_are_one(company: Firm) -> None:
    case = negotiating(company)
    company.quote(case)
    task = company.open_task(case, "await_answer")
    company.answer(case, "await_answer", decision="accept")
    with pytest.raises(Conflict):
        company.complete(task, decision="accept")


def test_a_contract_number_has_no_gap_though_a_draft_was_refused_by_its_sum(company: Firm) -> None:
    case = negotiating(company)
    company.accepted(case)
    with pytest.raises(Invalid):
        company.draft(case, (30, "1.00"))
    company.draft(case)
    assert company.contracts(case)[0][0] == "HT-2026-000001"


def test_numbers_begin_anew_with_the_year(company: Firm) -> None:
    company.register()
    company.now = dt.datetime(2027, 1, 4, 2, tzinfo=dt.UTC)
    case = company.register(product_line=company.lines["software"])
    assert company.sale(case).number == "XS-2027-000001"
