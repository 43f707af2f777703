"""Duties stay apart through holiday cover: the collisions that random hands seldom meet, each by itself."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.engine.bpmn import diagram
from tests.engine.company import company as small_company
from tests.engine.company import submitted
from tests.properties.people import Crowd, crowd
from workflows.engine.process import Actor
from workflows.kernel.errors import NotAllowed
from workflows.people.model import EmployeeRole


@pytest.fixture
def company(session: Session) -> Crowd:
    return crowd(session)


PAYMENT = {"amount": "100.00", "paid_on": "2026-03-10", "method": "cash"}


def test_who_stands_in_for_a_borrower_in_finance_does_not_pay_the_borrowers_own_advance(company: Crowd) -> None:
    case = company.request("both")  # sells and keeps the books
    company.delegate("both", "idle", [], 10)
    # Nobody but the superior stands above the borrower, so that the second step is left out with a note.
    company.answer(case, "manager_approval", decision="approve")
    company.answer(case, "general_manager_approval", decision="approve")
    before = company.digest()
    with pytest.raises(NotAllowed), company.session.begin_nested():
        company.answer(case, "pay", "idle", **PAYMENT)
    with pytest.raises(NotAllowed), company.session.begin_nested():
        company.engine.claim(
            company.session, company.open_task(case, "pay").id, actor=company.actor("idle"), now=company.now
        )
    assert company.digest() == before


def test_a_task_claimed_for_somebody_lies_on_their_desk_and_is_answered_in_their_name(company: Crowd) -> None:
    case = company.request("sa")
    company.delegate("ad", "idle", [], 10)
    company.approve(case)
    task = company.open_task(case, "pay")
    company.engine.claim(company.session, task.id, actor=company.actor("idle"), now=company.now)
    company.answer(case, "pay", "idle", **PAYMENT)
    company.session.refresh(task)
    assert (task.closed_by_id, task.on_behalf_of_id) == (company.ids["idle"], company.ids["ad"])


def test_a_task_claimed_for_somebody_cannot_be_answered_once_they_are_back(company: Crowd) -> None:
    case = company.request("sa")
    company.delegate("ad", "idle", [], 10)
    company.approve(case)
    company.engine.claim(
        company.session, company.open_task(case, "pay").id, actor=company.actor("idle"), now=company.now
    )
    company.take_back(company.delegations()[0])
    with pytest.raises(NotAllowed), company.session.begin_nested():
        company.answer(case, "pay", "idle", **PAYMENT)
    company.answer(case, "pay", "ad", **PAYMENT)


def test_a_claimed_task_goes_back_to_the_group_when_its_holder_acts_in_another_lane(
    session: Session, tmp_path: Path
) -> None:
    """Two accountants' and managers' tasks at once: who claims the one and answers the other may not do both."""
    files = diagram(
        "both_at_once",
        [
            "start:begin lane=salesperson", "and:fork lane=accountant", "user:check lane=accountant",
            "user:agree lane=hr", "and:join lane=accountant", "end:done lane=accountant",
        ],
        ["begin -> fork", "fork -> check", "fork -> agree", "check -> join", "agree -> join", "join -> done"],
        assign={"salesperson": "starter", "accountant": "group", "hr": "group"},
    )  # fmt: skip
    firm = small_company(session, tmp_path, files)
    session.add(EmployeeRole(employee_id=firm.ids["ac"], role="hr"))
    session.flush()
    case = firm.start("sa").instance_id
    versatile = Actor(firm.ids["ac"], frozenset({"accountant", "hr"}), {}, {})
    firm.engine.claim(session, firm.open_task(case, "check").id, actor=versatile, now=firm.now)
    agree = firm.open_task(case, "agree")
    firm.engine.complete(
        session, agree.id, lambda *_: {"decision": "approve"}, submitted=submitted({}), actor=versatile, now=firm.now
    )
    assert firm.desks(case) == [("check", "accountant")]
    firm.complete(firm.open_task(case, "check"), "ad")
    assert firm.instance(case).status == "completed"
