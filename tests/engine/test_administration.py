"""What administrators may do to repair a case, and what they may not."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.engine.company import START, Company, company, submitted
from tests.engine.test_flow import HOUR, boundary
from tests.engine.test_runtime import CHAIN, company_case
from workflows.engine import administration, leaving, mending, notices
from workflows.engine.deadlines import due_escalations, due_reminders, escalate, remind
from workflows.engine.history import broken_entries
from workflows.engine.model import Incident, Timer
from workflows.kernel.errors import Conflict, Invalid, NotAllowed, Refusal
from workflows.notices.model import Notice
from workflows.people.model import Employee, EmployeeRole


@pytest.fixture
def loan(session: Session, tmp_path: Path) -> Company:
    return company(session, tmp_path, CHAIN)


def reassign(loan: Company, task_id: int, to: str, who: str = "admin", reason: str = "on leave") -> None:
    administration.reassign(
        loan.engine, loan.session, task_id, loan.ids[to], reason=reason, actor=loan.actor(who), now=loan.now
    )


def test_an_administrator_finds_somebody_where_nobody_was_left(loan: Company) -> None:
    case = company_case(loan, "ge")
    task = loan.open_task(case)
    reassign(loan, task.id, "fd")
    assert loan.desks(case) == [("manager_approval", "fd")]
    assert loan.incidents() == []
    loan.complete(loan.open_task(case))
    assert loan.desks(case) == [("director_opinion", "administrator")]


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("sa", "started this case"),
        ("ma", "lies with MA already"),
        ("admin", "only administers"),
        ("fd", "is disabled"),
    ],
)
def test_a_task_is_not_given_to_who_may_not_have_it(loan: Company, to: str, why: str) -> None:
    task = loan.open_task(loan.start("sa").instance_id)
    loan.session.get_one(Employee, loan.ids["fd"]).active = False
    loan.session.flush()
    before = loan.snapshot()
    with pytest.raises(Invalid, match=why):
        reassign(loan, task.id, to)
    assert loan.snapshot() == before


def test_a_task_is_not_given_to_who_has_acted_on_the_case(loan: Company) -> None:
    case = loan.start("sa").instance_id
    loan.complete(loan.open_task(case))
    with pytest.raises(Invalid, match="already acted"):
        reassign(loan, loan.open_task(case).id, "ma")


def test_only_an_administrator_reassigns_and_only_with_a_reason(loan: Company) -> None:
    task = loan.open_task(loan.start("sa").instance_id)
    with pytest.raises(NotAllowed):
        reassign(loan, task.id, "di", who="ma")
    with pytest.raises(Invalid, match="reason"):
        reassign(loan, task.id, "di", reason="  ")


def test_a_terminated_case_is_over_and_its_tasks_are_closed(loan: Company) -> None:
    case = loan.start("sa").instance_id
    end = {"reason": "entered twice", "now": loan.now}
    with pytest.raises(NotAllowed):
        administration.terminate(loan.engine, loan.session, case, actor=loan.actor("ma"), **end)
    result = administration.terminate(loan.engine, loan.session, case, actor=loan.actor("admin"), **end)
    assert (result.status, loan.open_tasks(case)) == ("terminated", [])
    with pytest.raises(Conflict):
        administration.terminate(loan.engine, loan.session, case, actor=loan.actor("admin"), **end)
    assert list(broken_entries(loan.session, loan.engine.audit_key)) == []


def test_a_case_that_may_no_longer_be_called_back_is_not_terminated_either(session: Session, tmp_path: Path) -> None:
    def paid(_: object) -> None:
        raise Refusal("The advance is paid.")

    loan = company(session, tmp_path, CHAIN, refuse_undoing=paid)
    case = loan.start("sa").instance_id
    with pytest.raises(Refusal, match="paid"):
        administration.terminate(loan.engine, loan.session, case, reason="no", actor=loan.actor("admin"), now=loan.now)
    assert loan.instance(case).status == "running"


def retry(loan: Company, incident: Incident) -> None:
    mending.retry(
        loan.engine, loan.session, incident.id, resubmit=lambda _: None, actor=loan.actor("admin"), now=loan.now
    )


def test_looking_again_finds_who_has_come_since(loan: Company) -> None:
    case = company_case(loan, "ge")
    [incident] = loan.incidents()
    with pytest.raises(Conflict, match="Still nobody"), loan.session.begin_nested():
        retry(loan, incident)
    # The general manager hires a manager for the company's own department.
    deputy = loan.session.get_one(Employee, loan.ids["admin"])
    deputy.role_rows.append(EmployeeRole(role="sales_manager"))
    loan.session.flush()
    retry(loan, loan.incidents()[0])
    assert loan.desks(case) == [("manager_approval", "admin")]
    assert loan.incidents() == []


def test_a_timer_that_failed_fires_when_it_is_tried_again(session: Session, tmp_path: Path) -> None:
    loan = company(session, tmp_path, boundary(True, "timeDuration", "PT1H"))
    case = loan.start("sa").instance_id
    timer = session.scalars(select(Timer)).one()
    timer.held, timer.due_at, loan.now = True, START, START + HOUR
    session.add(
        Incident(
            instance_id=case,
            kind="timer_failed",
            timer_id=timer.id,
            element_id="late",
            cause="a service was down",
            opened_at=START,
        )
    )
    session.flush()
    retry(loan, loan.incidents()[0])
    assert loan.desks(case) == [("chase", "di")]


def notice_of(loan: Company, kind: str) -> set[str | None]:
    return {loan.name(n.employee_id) for n in loan.session.scalars(select(Notice).where(Notice.kind == kind))}


def test_a_late_task_is_reminded_once_and_escalated_to_the_superior_once(loan: Company) -> None:
    case = loan.start("sa").instance_id
    task = loan.open_task(case)
    assert due_reminders(loan.session, task.remind_at) == [task.id]
    assert remind(loan.engine, loan.session, task.id, now=task.remind_at)
    assert not remind(loan.engine, loan.session, task.id, now=task.escalate_at)
    assert notice_of(loan, "task_reminded") == {"ma"}
    late = task.escalate_at
    assert due_escalations(loan.session, late) == [task.id]
    assert escalate(loan.engine, loan.session, task.id, now=late)
    assert not escalate(loan.engine, loan.session, task.id, now=late)
    assert notice_of(loan, "task_escalated") == {"di"}
    assert loan.kinds(case)[-2:] == ["task_reminded", "task_escalated"]
    assert list(broken_entries(loan.session, loan.engine.audit_key)) == []


def test_a_finished_task_is_neither_reminded_nor_escalated(loan: Company) -> None:
    task = loan.open_task(loan.start("sa").instance_id)
    late = task.escalate_at
    loan.complete(task)
    assert due_reminders(loan.session, late) == []
    assert not remind(loan.engine, loan.session, task.id, now=late)
    assert not escalate(loan.engine, loan.session, task.id, now=late)


def test_a_group_is_told_once_of_what_came_to_its_desk_less_the_barred(loan: Company) -> None:
    actor = loan.actor("ac")
    case = loan.engine.start(
        loan.session,
        loan.key,
        lambda *_: {},
        submitted=submitted({}),
        actor=type(actor)(actor.id, actor.roles | {"salesperson"}),
        now=loan.now,
    ).instance_id
    while loan.open_task(case).element_id != "pay":
        loan.complete(loan.open_task(case))
    for _ in range(2):
        notices.notify_opened(loan.session, [loan.open_task(case).id], now=loan.now)
    assert notice_of(loan, "task_opened") == {"ad"}


def test_the_work_of_who_is_disabled_goes_to_the_next_superior_and_is_told(loan: Company) -> None:
    case = loan.start("sa").instance_id
    loan.session.get_one(Employee, loan.ids["ma"]).active = False
    moved = leaving.move_work_of(
        loan.engine, loan.session, loan.ids["ma"], actor=loan.actor("admin"), now=loan.now
    )
    assert (moved, loan.desks(case)) == (1, [("manager_approval", "di")])
    assert loan.kinds(case)[-1] == "task_reassigned"
    assert loan.jobs[-1] == ("notify_opened", {"task_ids": [loan.open_task(case).id]})
    assert list(broken_entries(loan.session, loan.engine.audit_key)) == []


def test_what_the_last_superior_had_on_the_desk_becomes_an_incident_when_they_are_disabled(loan: Company) -> None:
    case = loan.start("sa").instance_id
    for who in ("ma", "di", "ge"):
        loan.session.get_one(Employee, loan.ids[who]).active = False
    leaving.move_work_of(loan.engine, loan.session, loan.ids["ma"], actor=None, now=loan.now)
    assert loan.desks(case) == [("manager_approval", "administrator")]
    assert [incident.kind for incident in loan.incidents()] == ["no_one_left"]


def test_a_task_that_a_disabled_person_had_claimed_goes_back_to_the_group(loan: Company) -> None:
    case = loan.start("sa").instance_id
    loan.complete(loan.open_task(case))
    loan.complete(loan.open_task(case))
    loan.engine.claim(loan.session, loan.open_task(case).id, actor=loan.actor("ac"), now=loan.now)
    loan.session.get_one(Employee, loan.ids["ac"]).active = False
    leaving.move_work_of(loan.engine, loan.session, loan.ids["ac"], actor=None, now=loan.now)
    assert loan.desks(case) == [("pay", "accountant")]
