"""Every path of a request: three approvals, changes, refusals, withdrawal; saved and restored between steps."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from tests.advance.firm import Firm
from tests.engine.company import submitted
from workflows.advance.model import AdvanceSpend, AdvanceVersion
from workflows.engine.model import UserTask
from workflows.engine.spiff import state
from workflows.kernel.errors import Conflict, Invalid, Refusal


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse the diagrams anew for every step, as a restarted process would."""
    monkeypatch.setattr(state, "machine_for", lambda _digest, files, key: state.Machine(files, key))
    monkeypatch.setattr("workflows.engine.definitions.machine_for", state.machine_for)


APPROVERS = ["manager_approval", "director_opinion", "general_manager_approval"]


def test_a_request_goes_to_manager_director_and_general_manager_and_then_to_finance(company: Firm) -> None:
    case = company.request()
    desks = []
    for element in APPROVERS:
        task = company.open_task(case, element)
        desks.append(next(name for name, ident in company.ids.items() if ident == task.assignee_id))
        company.answer(case, element, decision="approve", opinion="Fine")
    assert desks == ["ma", "di", "ge"]
    assert company.waiting(case) == ["pay"]
    assert company.open_task(case, "pay").group_role == "accountant"
    assert company.advance(case).approved_on == dt.date(2026, 3, 10)


def test_a_request_keeps_what_was_asked_in_fen_and_is_titled_with_its_number(company: Firm) -> None:
    case = company.request()
    advance = company.advance(case)
    # 12,000.00 yuan, of which 3,000 for transport and 9,000 for lodging.
    assert (advance.number, advance.amount_fen) == ("JK-2026-000001", 1_200_000)
    assert company.case(case).title == "JK-2026-000001 · ¥12,000.00 · Visit to the Hangzhou customer"
    spend = company.session.scalars(select(AdvanceSpend).where(AdvanceSpend.advance_id == advance.id))
    assert {row.kind: row.amount_fen for row in spend} == {"transport": 300_000, "lodging": 900_000}


def test_numbers_have_no_gaps_and_begin_anew_with_the_year_in_shanghai(company: Firm) -> None:
    first = company.advance(company.request()).number
    with pytest.raises(Invalid), company.session.begin_nested():
        company.request(return_on="2026-03-09")
    second = company.advance(company.request("sb")).number
    company.now = dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)  # 2027-01-01 00:00 in Shanghai
    third = company.advance(company.request(return_on="2027-02-01")).number
    assert [first, second, third] == ["JK-2026-000001", "JK-2026-000002", "JK-2027-000001"]


@pytest.mark.parametrize("stage", [0, 1, 2])
def test_each_approver_may_reject_and_the_case_ends_rejected(company: Firm, stage: int) -> None:
    case = company.request()
    for element in APPROVERS[:stage]:
        company.answer(case, element, decision="approve", opinion="Fine")
    company.answer(case, APPROVERS[stage], decision="reject", opinion="Too dear")
    assert (company.case(case).status, company.waiting(case)) == ("rejected", [])
    assert company.case(case).outcome == f"rejected_by_{['manager', 'director', 'general_manager'][stage]}"
    assert company.advance(case).closed_at is not None


@pytest.mark.parametrize(
    ("stage", "resume", "following"),
    [
        (0, "restart", "manager_approval"),
        (0, "direct", "manager_approval"),
        (1, "restart", "manager_approval"),
        (1, "direct", "director_opinion"),
        (2, "restart", "manager_approval"),
        (2, "direct", "general_manager_approval"),
    ],
)
def test_after_changes_a_request_goes_on_where_the_person_returning_it_chose(
    company: Firm, stage: int, resume: str, following: str
) -> None:
    case = company.request()
    for element in APPROVERS[:stage]:
        company.answer(case, element, decision="approve", opinion="Fine")
    company.answer(case, APPROVERS[stage], decision="return", opinion="Less, please", resume=resume)
    assert company.waiting(case) == ["request_advance"]
    assert company.open_task(case, "request_advance").assignee_id == company.ids["sa"]
    company.answer(case, "request_advance", **changed("8000.00"))
    assert company.waiting(case) == [following]


def changed(amount: str) -> dict[str, Any]:
    return {
        "amount": amount,
        "purpose": "A shorter visit",
        "spend": [{"kind": "meals", "amount": amount}],
        "return_on": "2026-04-01",
    }


def test_an_older_return_does_not_decide_where_a_newer_one_leads(company: Firm) -> None:
    case = company.request()
    company.answer(case, "manager_approval", decision="approve")
    company.answer(case, "director_opinion", decision="approve", opinion="Fine")
    company.answer(case, "general_manager_approval", decision="return", opinion="No", resume="direct")
    company.answer(case, "request_advance", **changed("8000.00"))
    company.answer(case, "general_manager_approval", decision="return", opinion="Still no", resume="restart")
    company.answer(case, "request_advance", **changed("7000.00"))
    company.answer(case, "manager_approval", decision="approve")
    # The general manager's "return" still stands in the state; the director's newer one decides.
    company.answer(case, "director_opinion", decision="return", opinion="Wait", resume="direct")
    company.answer(case, "request_advance", **changed("6000.00"))
    assert company.waiting(case) == ["director_opinion"]
    company.answer(case, "director_opinion", decision="approve", opinion="Now")
    assert company.waiting(case) == ["general_manager_approval"]


def test_a_changed_request_keeps_what_it_said_before(company: Firm) -> None:
    case = company.request()
    company.answer(case, "manager_approval", decision="return", opinion="Less")
    company.answer(case, "request_advance", **changed("8000.00"))
    advance = company.advance(case)
    assert (advance.amount_fen, advance.purpose) == (800_000, "A shorter visit")
    [version] = company.session.scalars(select(AdvanceVersion))
    assert (version.version, version.amount_fen, version.spend) == (
        1, 1_200_000, {"transport": 300_000, "lodging": 900_000},
    )  # fmt: skip
    assert company.case(case).title == "JK-2026-000001 · ¥8,000.00 · A shorter visit"
    assert company.open_task(case, "manager_approval").title == company.case(case).title


def test_decisions_and_opinions_stand_on_the_tasks(company: Firm) -> None:
    case = company.request()
    company.answer(case, "manager_approval", decision="approve")
    company.answer(case, "director_opinion", decision="approve", opinion="Worth it")
    rows = company.session.execute(
        select(UserTask.element_id, UserTask.decision, UserTask.opinion).where(UserTask.status == "completed")
    )
    assert sorted(map(tuple, rows)) == [
        ("director_opinion", "approve", "Worth it"),
        ("manager_approval", "approve", None),
    ]


def test_the_starter_may_withdraw_until_the_first_payment(company: Firm) -> None:
    early = company.request()
    withdraw(company, early)
    assert company.case(early).status == "withdrawn"
    approved = company.request()
    company.approve(approved)
    withdraw(company, approved)
    assert company.case(approved).status == "withdrawn"
    partly = company.request()
    company.approve(partly)
    company.pay(partly, "1000.00")
    before = company.snapshot()
    with pytest.raises(Conflict, match=r"¥1,000\.00"), company.session.begin_nested():
        withdraw(company, partly)
    assert company.snapshot() == before


def withdraw(company: Firm, case: int) -> None:
    company.engine.withdraw(
        company.session, case, submitted=submitted({}), reason="Not needed", actor=company.actor("sa"), now=company.now
    )


def test_a_return_date_may_be_today_and_not_yesterday(company: Firm) -> None:
    company.request(return_on="2026-03-10")
    before = company.snapshot()
    with pytest.raises(Invalid) as refused, company.session.begin_nested():
        company.request(return_on="2026-03-09")
    assert list(refused.value.fields) == ["return_on"]
    assert company.snapshot() == before


def test_an_overdue_advance_blocks_a_new_one_and_is_named_with_its_figure(company: Firm) -> None:
    case = company.paid()
    company.now = dt.datetime(2026, 4, 10, 15, 59, tzinfo=dt.UTC)  # 23:59 on the return date in Shanghai
    company.request(return_on="2026-05-01")
    company.now += dt.timedelta(minutes=1)
    before = company.snapshot()
    with pytest.raises(Refusal, match=r"JK-2026-000001 .*¥12,000.00 .*2026-04-10"), company.session.begin_nested():
        company.request(return_on="2026-05-01")
    assert company.snapshot() == before
    company.request("sb", return_on="2026-05-01")
    company.answer(company.settle(case, kind="return", amount="12000.00", returned_on="2026-04-10", method="cash"),
                   "confirm_return", decision="approve")  # fmt: skip
    company.request(return_on="2026-05-01")


def test_an_advance_that_was_never_paid_blocks_nothing_when_its_day_passes(company: Firm) -> None:
    company.approve(company.request())
    company.now += dt.timedelta(days=60)
    company.request(return_on="2026-06-01")


def test_documents_are_attached_to_the_case_and_only_ones_own(company: Firm) -> None:
    mine, other = company.upload(), company.upload("sb")
    case = company.request(attachments=[mine])
    assert company.session.connection().exec_driver_sql(
        "SELECT instance_id, element_id FROM document WHERE id = %s", (mine,)
    ).one() == (case, "request_advance")  # fmt: skip
    before = company.snapshot()
    for ids in ([other], [mine], [999_999]):
        with pytest.raises(Invalid) as refused, company.session.begin_nested():
            company.request(attachments=ids)
        assert list(refused.value.fields) == ["attachments"]
    assert company.snapshot() == before
