"""Each gate between the stages, from its closed side (domain.md section 1)."""

import datetime as dt

import pytest

from tests.sale.firm import Firm
from workflows.customers.contacts import contacts_of
from workflows.customers.model import Contact, Customer
from workflows.customers.registrations import Taken
from workflows.kernel.errors import Conflict, Invalid
from workflows.people.model import Employee
from workflows.sale.due import instalments_between


def test_the_first_registration_of_a_need_has_priority(company: Firm) -> None:
    company.register("sa")
    with pytest.raises(Taken, match="SA registered this need of this customer on 2026-03-10") as refused:
        company.register("sb")
    assert refused.value.registration_id


def test_another_need_of_the_same_customer_is_free(company: Firm) -> None:
    company.register("sa")
    case = company.register("sb", product_line=company.lines["software"])
    assert company.sale(case).number == "XS-2026-000002"


def test_nobody_registers_outside_their_own_industry(company: Firm) -> None:
    company.session.get_one(Employee, company.ids["sa"]).industry = "金融"
    company.session.flush()
    with pytest.raises(Invalid, match="belongs to the industry 制造, yours is 金融") as refused:
        company.register("sa")
    assert list(refused.value.fields) == ["customer"]


def test_information_is_complete_once_the_customer_has_every_required_field(company: Firm) -> None:
    case = company.register()
    company.session.query(Contact).update({"masked_phone": ""})
    before = company.snapshot()
    with pytest.raises(Invalid, match="lacks the contact's phone number"):
        company.answer(case, "complete_information")
    assert company.snapshot() == before
    company.session.query(Contact).update({"masked_phone": "138****8000"})
    company.answer(case, "complete_information")
    assert company.waiting(case) == ["apply_initiation"]


def test_an_initiation_needs_a_visit_for_this_very_sale(company: Firm) -> None:
    case = company.register()
    company.answer(case, "complete_information")
    other = company.register(product_line=company.lines["software"])
    company.visit(other)
    with pytest.raises(Invalid, match="Record at least one visit for this sale first"):
        company.apply(case)
    company.visit(case)
    company.apply(case)
    assert company.waiting(case) == ["approve_initiation"]


def test_an_initiation_needs_somebody_who_decides(company: Firm) -> None:
    case = company.register()
    company.answer(case, "complete_information")
    company.visit(case)
    company.session.query(Contact).update({"kind": "uses"})
    with pytest.raises(Invalid, match="Name at least one contact who decides"):
        company.apply(case)


def test_what_the_manager_refuses_is_lost_and_its_need_free(company: Firm) -> None:
    case = company.register()
    company.answer(case, "complete_information")
    company.visit(case)
    company.apply(case)
    company.answer(case, "approve_initiation", decision="reject", opinion="No budget in sight")
    assert (company.sale(case).status, company.sale(case).stopped_reason) == ("lost", "refused")
    assert company.waiting(case) == []
    company.register("sb")


def test_a_returned_initiation_comes_back_changed(company: Firm) -> None:
    case = company.register()
    company.answer(case, "complete_information")
    company.visit(case)
    company.apply(case)
    back = {"decision": "return", "return_to": "apply_initiation", "resume": "restart"}
    company.answer(case, "approve_initiation", opinion="Who pays?", **back)
    assert company.waiting(case) == ["apply_initiation"]
    company.apply(case, decision_makers="Mrs Li decides, Mr Wu pays")
    company.answer(case, "approve_initiation", decision="approve")
    assert (company.sale(case).stage, company.sale(case).decision_makers) == (3, "Mrs Li decides, Mr Wu pays")


def test_no_contract_without_an_accepted_quotation(company: Firm) -> None:
    case = company.register()
    company.initiate(case)
    company.quote(case)
    assert company.waiting(case) == ["await_answer"]


def test_money_is_recorded_only_once_the_contract_is_signed(company: Firm) -> None:
    case = company.register()
    company.initiate(case)
    with pytest.raises(Conflict, match="No contract of this sale is signed yet"):
        company.receive(case, "1000.00")


def test_purchase_ends_when_the_last_fen_is_collected(company: Firm) -> None:
    case = company.signed()
    company.hand_over(case)
    company.receive(case, "299999.99")
    assert (company.sale(case).stage, company.waiting(case)) == (4, [])
    company.receive(case, "0.01")
    assert (company.sale(case).stage, company.waiting(case)) == (5, ["accept_delivery"])


def test_money_that_comes_before_the_hand_over_counts(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "300000.00")
    assert company.waiting(case) == ["hand_over_order"]
    company.hand_over(case)
    assert company.sale(case).stage == 5


def test_a_reversed_receipt_keeps_the_gate_shut(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "300000.00")
    [receipt] = company.receipts(case)
    company.act(case, "reverse_receipt", "ac", receipt=receipt, reason="Another customer's money")
    company.hand_over(case)
    assert (company.sale(case).stage, company.figures(case).owed_fen) == (4, 30_000_000)


def test_a_sale_is_not_closed_while_money_is_owed_again(company: Firm) -> None:
    case = company.signed()
    company.hand_over(case)
    company.receive(case, "300000.00")
    company.answer(case, "accept_delivery", accepted_on=company.today.isoformat())
    company.act(case, "reverse_receipt", "ac", receipt=company.receipts(case)[0], reason="Another customer's money")
    satisfied = {"satisfaction": "5", "customer_word": "All fine"}
    with pytest.raises(Conflict, match=r"¥300,000\.00 of this sale is owed again"):
        company.answer(case, "record_satisfaction", **satisfied)
    company.receive(case, "300000.00")
    company.answer(case, "record_satisfaction", **satisfied)
    assert company.sale(case).status == "closed"


def test_a_closed_sale_takes_money_for_an_entry_that_was_reversed(company: Firm) -> None:
    case = company.signed()
    company.hand_over(case)
    company.receive(case, "300000.00")
    company.after_sales(case)
    with pytest.raises(Invalid, match=r"Only ¥0\.00 of this sale is owed"):
        company.receive(case, "1.00")
    company.act(case, "reverse_receipt", "ac", receipt=company.receipts(case)[0], reason="Another customer's money")
    due = instalments_between(company.session, company.today, company.today + dt.timedelta(days=60))
    assert [str(each.open) for each in due] == ["300000.00"]
    company.receive(case, "300000.00")
    assert (company.sale(case).status, company.figures(case).owed_fen) == ("closed", 0)


def test_an_open_complaint_keeps_a_sale_open_until_it_is_closed(company: Firm) -> None:
    case = company.signed()
    company.hand_over(case)
    company.receive(case, "300000.00")
    complaint = company.complain(case)
    company.after_sales(case, satisfaction="2")
    assert (company.case(case).status, company.waiting(case)) == ("running", [])
    company.close_complaint(complaint, case)
    assert (company.case(case).status, company.sale(case).satisfaction) == ("completed", 2)


def test_the_customer_has_contacts_that_the_gates_can_see(company: Firm) -> None:
    assert company.session.get_one(Customer, company.customer).name == "云图网络有限公司"
    assert len(contacts_of(company.session, company.customer)) == 1
