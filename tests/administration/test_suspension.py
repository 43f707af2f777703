"""A suspended case stands still: nobody is asked, no timer fires, messages wait, nobody is reminded."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.engine.company import START, Company, company, submitted
from tests.engine.test_flow import HOUR, boundary, elements, fire, send, waiting
from tests.engine.test_runtime import CHAIN
from workflows.engine import interventions, mending
from workflows.engine.deadlines import deliver, due_escalations, due_reminders, due_timers, escalate, fire_timer, remind
from workflows.engine.history import broken_entries
from workflows.engine.model import Incident, Message, Timer
from workflows.kernel.errors import Conflict, Invalid, NotAllowed, Refusal
from workflows.notices.model import Notice

LATER = dt.datetime(2026, 3, 31, 2, 0, tzinfo=dt.UTC)  # a Tuesday, three weeks later


def suspend(firm: Company, case: int, who: str = "admin", **more: Any) -> Any:
    return _act(interventions.suspend, firm, case, who, **more)


def resume(firm: Company, case: int, who: str = "admin", **more: Any) -> Any:
    return _act(interventions.resume, firm, case, who, **more)


def _act(act: Any, firm: Company, case: int, who: str, reason: str = "audit", key: str | None = None) -> Any:
    sent = submitted({"reason": reason}, key)
    result = act(
        firm.engine, firm.session, case, reason=reason, submitted=sent, actor=firm.actor(who), now=firm.now
    )  # fmt: skip
    firm.session.expire_all()
    return result


@pytest.fixture
def loan(session: Session, tmp_path: Path) -> Company:
    return company(session, tmp_path, CHAIN)


def test_the_tasks_of_a_suspended_case_leave_the_desks_and_come_back_with_new_deadlines(loan: Company) -> None:
    case = loan.start().instance_id
    task = loan.open_task(case)
    assert task.escalate_at == dt.datetime(2026, 3, 16, 2, 0, tzinfo=dt.UTC)
    suspend(loan, case)
    assert (loan.desks(case), task.status) == ([], "waiting")
    with pytest.raises(Conflict, match="suspended"):
        loan.complete(task)
    loan.now = LATER
    resume(loan, case)
    assert loan.desks(case) == [("manager_approval", "ma")]
    # Four working days from 31 March: 6 April is the day off of Qingming.
    assert loan.open_task(case).escalate_at == dt.datetime(2026, 4, 7, 2, 0, tzinfo=dt.UTC)
    assert [kind for kind in loan.kinds(case) if "suspended" in kind or "resumed" in kind] == [
        "instance_suspended",
        "instance_resumed",
    ]
    assert list(broken_entries(loan.session, loan.engine.audit_key)) == []


def test_nobody_is_reminded_of_a_suspended_case(loan: Company) -> None:
    case = loan.start().instance_id
    task = loan.open_task(case)
    suspend(loan, case)
    assert (due_reminders(loan.session, LATER), due_escalations(loan.session, LATER)) == ([], [])
    assert not remind(loan.engine, loan.session, task.id, now=LATER)
    assert not escalate(loan.engine, loan.session, task.id, now=LATER)


def test_a_timer_of_a_suspended_case_fires_once_the_case_goes_on(session: Session, tmp_path: Path) -> None:
    firm = company(session, tmp_path, boundary(True, "timeDuration", "PT2H"))
    case = firm.start().instance_id
    timer = session.scalars(select(Timer)).one()
    suspend(firm, case)
    assert due_timers(session, START + 3 * HOUR) == []
    assert not fire_timer(firm.engine, session, timer.id, now=START + 3 * HOUR)
    firm.now = START + 4 * HOUR
    resume(firm, case)
    assert elements(firm, case) == ["ask"]
    assert fire(firm, START + 4 * HOUR) == 1
    assert elements(firm, case) == ["chase"]


def test_a_message_waits_until_its_suspended_case_goes_on(session: Session, tmp_path: Path) -> None:
    firm = company(session, tmp_path, waiting())
    case = firm.start().instance_id
    firm.complete(firm.open_task(case))
    suspend(firm, case)
    ident = send(firm, case, full=True)
    assert not deliver(firm.engine, session, ident, now=START)
    assert (firm.instance(case).status, session.get_one(Message, ident).delivered_at) == ("running", None)
    resume(firm, case)
    assert firm.instance(case).outcome == "e"


def test_a_failed_timer_of_a_suspended_case_is_not_tried_again(session: Session, tmp_path: Path) -> None:
    firm = company(session, tmp_path, boundary(True, "timeDuration", "PT1H"))
    case = firm.start().instance_id
    timer = session.scalars(select(Timer)).one()
    timer.held, timer.due_at = True, START
    incident = Incident(instance_id=case, kind="timer_failed", timer_id=timer.id, cause="down", opened_at=START)
    session.add(incident)
    session.flush()
    suspend(firm, case)
    with pytest.raises(Conflict, match="suspended"):
        mending.retry(firm.engine, session, incident.id, resubmit=lambda _: None, actor=firm.actor("admin"), now=START)
    assert [one.id for one in firm.incidents()] == [incident.id]


def test_the_starter_is_told_of_the_suspension_and_of_its_reason(loan: Company) -> None:
    case = loan.start().instance_id
    suspend(loan, case, reason="the customer went bankrupt")
    told = loan.session.scalars(select(Notice).where(Notice.kind == "case_suspended")).one()
    assert (loan.name(told.employee_id), told.instance_id) == ("sa", case)
    found = interventions.suspension_of(loan.session, case)
    assert found and (found.reason, found.name, found.suspended_at) == ("the customer went bankrupt", "ADMIN", START)
    resume(loan, case)
    assert interventions.suspension_of(loan.session, case) is None


def test_a_submission_that_comes_again_acts_once_and_another_is_refused(loan: Company) -> None:
    case = loan.start().instance_id
    first = suspend(loan, case, key="once")
    before = loan.snapshot()
    again = suspend(loan, case, key="once")
    assert (again.replayed, again.instance_id, loan.snapshot()) == (True, first.instance_id, before)
    with pytest.raises(Conflict, match="suspended already"), loan.session.begin_nested():
        suspend(loan, case)
    assert loan.snapshot() == before
    resume(loan, case)
    with pytest.raises(Conflict, match="not suspended"), loan.session.begin_nested():
        resume(loan, case)


@pytest.mark.parametrize(("who", "reason", "refusal"), [("ma", "audit", NotAllowed), ("admin", " ", Invalid)])
def test_who_may_not_suspend_or_gives_no_reason_changes_nothing(
    loan: Company, who: str, reason: str, refusal: type[Refusal]
) -> None:
    case = loan.start().instance_id
    before = loan.snapshot()
    with pytest.raises(refusal), loan.session.begin_nested():
        suspend(loan, case, who, reason=reason)
    assert loan.snapshot() == before


def test_a_case_that_has_ended_is_not_suspended(loan: Company) -> None:
    case = loan.start().instance_id
    loan.complete(loan.open_task(case), decision="reject")
    before = loan.snapshot()
    with pytest.raises(Conflict, match="ended"), loan.session.begin_nested():
        suspend(loan, case)
    assert loan.snapshot() == before
