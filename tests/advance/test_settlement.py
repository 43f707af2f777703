"""Claims, returned money and deductions clear an advance; what exceeds the balance is refused with the figure."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.advance.firm import Firm
from tests.engine.company import submitted
from workflows.advance.ledger import reverse_entry
from workflows.advance.model import AdvanceEntry, SettlementLine
from workflows.kernel.errors import Invalid, Refusal

RETURN = {"kind": "return", "returned_on": "2026-03-10", "method": "cash"}


def refused(company: Firm, case: int, **fields: Any) -> dict[str, str]:
    """Hand in, be refused, and see that nothing changed."""
    before = company.snapshot()
    with pytest.raises(Invalid) as refusal, company.session.begin_nested():
        company.settle(case, **fields)
    assert company.snapshot() == before
    return {name: messages[0][0] % messages[0][1] for name, messages in refusal.value.fields.items()}


def audit(company: Firm, claim: int, *accepted: bool) -> None:
    lines = [
        {"line": number, "accepted": each, **({} if each else {"reason": "No receipt"})}
        for number, each in enumerate(accepted, start=1)
    ]
    company.answer(claim, "audit_claim", decision="approve", lines=lines)


def test_accepted_receipts_become_entries_and_rejected_ones_do_not(company: Firm) -> None:
    case = company.paid()
    claim = company.claim(case, "1000.00", "200.50", "30.00")
    audit(company, claim, True, False, True)
    assert company.entries(case) == [("paid", 1_200_000), ("claimed", 100_000), ("claimed", 3_000)]
    # 12,000.00 - 1,000.00 - 30.00
    assert company.figures(case).balance_fen == 1_097_000
    assert company.case(claim).status == "completed"
    lines = company.session.scalars(select(SettlementLine).order_by(SettlementLine.position))
    assert [(line.accepted, line.reason) for line in lines] == [(True, ""), (False, "No receipt"), (True, "")]


def test_a_loan_ends_when_claims_returns_and_deductions_have_cleared_it(company: Firm) -> None:
    case = company.paid()
    audit(company, company.claim(case, "7000.00"), True)
    company.answer(company.settle(case, amount="3000.00", **RETURN), "confirm_return", decision="approve")
    assert company.case(case).status == "running"
    deduction = company.settle(case, kind="deduction", amount="2000.00", consent=True)
    company.answer(deduction, "confirm_deduction", decision="approve")
    # 12,000 - 7,000 - 3,000 - 2,000 = 0
    assert company.figures(case).is_cleared
    assert (company.case(case).status, company.case(case).outcome) == ("completed", "cleared")
    assert company.advance(case).closed_at is not None


def test_receipts_that_come_to_more_than_an_amount_may_have_are_refused_like_any_others(company: Firm) -> None:
    case = company.paid("5000.00")
    line = {"kind": "meals", "spent_on": "2026-03-08", "amount": "999999999999.99"}
    assert refused(company, case, kind="claim", lines=[line, line]) == {
        "lines": "Only ¥5,000.00 of this advance is outstanding."
    }


def test_a_claim_above_the_balance_is_refused_with_the_balance(company: Firm) -> None:
    case = company.paid("5000.00")
    line = {"kind": "meals", "spent_on": "2026-03-08"}
    assert refused(company, case, kind="claim", lines=[{**line, "amount": "5000.01"}]) == {
        "lines": "Only ¥5,000.00 of this advance is outstanding."
    }
    assert refused(company, case, amount="5000.01", **RETURN) == {
        "amount": "Only ¥5,000.00 of this advance is outstanding."
    }
    company.settle(case, amount="5000.00", **RETURN)


def test_what_is_under_audit_is_reserved(company: Firm) -> None:
    case = company.paid("5000.00")
    first = company.claim(case, "3000.00")
    assert refused(company, case, amount="2000.01", **RETURN) == {
        "amount": "Only ¥2,000.00 can be cleared: ¥5,000.00 is outstanding and ¥3,000.00 is handed in already."
    }
    second = company.settle(case, amount="2000.00", **RETURN)
    company.answer(first, "audit_claim", decision="reject", opinion="Wrong trip")
    assert company.figures(case).clearable_fen == 300_000
    company.engine.withdraw(
        company.session, second, submitted=submitted({}), reason="Not yet", actor=company.actor("sa"), now=company.now
    )
    assert company.figures(case).clearable_fen == 500_000


@pytest.mark.parametrize(
    ("element", "fields"),
    [
        ("confirm_return", {"amount": "10.00", **RETURN}),
        ("confirm_deduction", {"kind": "deduction", "amount": "10.00", "consent": True}),
    ],
)
def test_finance_may_refuse_with_a_reason_and_nothing_is_posted(
    company: Firm, element: str, fields: dict[str, Any]
) -> None:
    case = company.paid()
    settlement = company.settle(case, **fields)
    with pytest.raises(Invalid), company.session.begin_nested():
        company.answer(settlement, element, decision="reject")
    company.answer(settlement, element, decision="reject", opinion="Nothing arrived")
    assert (company.case(settlement).status, company.case(settlement).outcome) == ("rejected", "refused")
    assert company.entries(case) == [("paid", 1_200_000)]


def test_a_claim_of_which_no_line_is_accepted_is_rejected_as_a_whole(company: Firm) -> None:
    case = company.paid()
    claim = company.claim(case, "1.00", "2.00")
    with pytest.raises(Invalid, match="No line is accepted"), company.session.begin_nested():
        audit(company, claim, False, False)
    with pytest.raises(Invalid, match="each of the 2 lines"), company.session.begin_nested():
        audit(company, claim, True)
    with pytest.raises(Invalid, match="each of the 2 lines"), company.session.begin_nested():
        audit(company, claim, True, True, True)
    company.answer(claim, "audit_claim", decision="reject", opinion="Private meals")
    assert company.case(claim).status == "rejected"
    lines = company.session.scalars(select(SettlementLine))
    assert {(line.accepted, line.reason) for line in lines} == {(False, "Private meals")}


def test_only_the_borrower_settles_an_advance(company: Firm) -> None:
    case = company.paid()
    before = company.snapshot()
    for who, advance in (("sb", company.advance(case).id), ("sa", 999_999)):
        with pytest.raises(Invalid) as refusal, company.session.begin_nested():
            company.start("advance_settlement", {"advance": advance, "amount": "1.00", **RETURN}, who)
        assert list(refusal.value.fields) == ["advance"]
    assert company.snapshot() == before


def test_dates_of_receipts_and_returned_money_are_sane(company: Firm) -> None:
    case = company.paid()
    line = {"kind": "meals", "amount": "1.00"}
    good = {**line, "spent_on": "2026-03-10"}
    for day in ("2026-03-11", "2025-03-09"):
        fields = {"kind": "claim", "lines": [good, {**line, "spent_on": day}]}
        assert list(refused(company, case, **fields)) == ["lines-1-spent_on"]
    company.settle(case, kind="claim", lines=[good, {**line, "spent_on": "2025-03-10"}])
    for day in ("2026-03-09", "2026-03-11"):
        assert list(refused(company, case, amount="1.00", **{**RETURN, "returned_on": day})) == ["returned_on"]


def test_nothing_can_be_settled_before_anything_is_paid(company: Firm) -> None:
    case = company.request()
    company.approve(case)
    assert refused(company, case, amount="0.01", **RETURN) == {"amount": "Only ¥0.00 of this advance is outstanding."}


def test_receipts_are_attached_to_the_settlement_and_only_ones_own(company: Firm) -> None:
    case = company.paid()
    mine, other = company.upload(), company.upload("sb")
    line = {"kind": "meals", "spent_on": "2026-03-08", "amount": "1.00"}
    wrong = {"kind": "claim", "lines": [line, {**line, "attachments": [other]}]}
    assert list(refused(company, case, **wrong)) == ["lines-1-attachments"]
    settlement = company.settle(case, kind="claim", lines=[{**line, "attachments": [mine]}])
    [row] = company.session.scalars(select(SettlementLine))
    assert row.document_ids == [mine]
    attached = company.session.connection().exec_driver_sql("SELECT instance_id FROM document WHERE id = %s", (mine,))
    assert attached.scalar_one() == settlement


def test_a_wrong_entry_is_undone_by_a_new_one_that_names_it(company: Firm) -> None:
    case = company.paid()
    audit(company, company.claim(case, "1000.00"), True)
    claimed = company.session.scalars(select(AdvanceEntry).where(AdvanceEntry.kind == "claimed")).one()
    paid = company.session.scalars(select(AdvanceEntry).where(AdvanceEntry.kind == "paid")).one()
    finance = {"recorded_by_id": company.ids["ac"], "now": company.now}
    # Of the 12,000 paid, 1,000 are cleared: the payment cannot be undone while the claim stands.
    with pytest.raises(Refusal, match=r"¥11,000\.00"):
        reverse_entry(company.session, paid.id, reason="Wrong account", **finance)
    with pytest.raises(Invalid, match="why the entry is wrong"):
        reverse_entry(company.session, claimed.id, reason="  ", **finance)
    reversal = reverse_entry(company.session, claimed.id, reason="Receipt of another trip", **finance)
    assert company.figures(case).balance_fen == 1_200_000
    assert company.session.get_one(AdvanceEntry, reversal).reverses_id == claimed.id
    for again in (claimed.id, reversal):
        with pytest.raises(Refusal, match="reversed already"):
            reverse_entry(company.session, again, reason="Once more", **finance)
    reverse_entry(company.session, paid.id, reason="Wrong account", **finance)
    assert (company.figures(case).balance_fen, company.figures(case).payable_fen) == (0, 1_200_000)
