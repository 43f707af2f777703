"""The steps of a case: who may do what when, and what a refusal leaves."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.engine.bpmn import diagram
from tests.engine.company import Company, company, submitted
from workflows.engine.history import broken_entries
from workflows.kernel.errors import Conflict, KeyReused, NotAllowed, NotFound, StaleRevision

CHAIN = diagram(
    "loan",
    [
        "start:ask lane=salesperson",
        "user:manager_approval lane=sales_manager remindAfter=2 escalateAfter=4",
        "xor:manager_said default=f5",
        "user:director_opinion lane=sales_director",
        "user:pay lane=accountant",
        "end:paid",
        "end:refused outcome=rejected",
    ],
    [
        "ask -> manager_approval",
        "manager_approval -> manager_said",
        "manager_said -> director_opinion if manager_approval.decision == 'approve'",
        "director_opinion -> pay",
        "manager_said -> refused",
        "pay -> paid",
    ],
    assign={"salesperson": "starter", "accountant": "group"},
)


@pytest.fixture
def loan(session: Session, tmp_path: Path) -> Company:
    return company(session, tmp_path, CHAIN)


def test_a_case_walks_from_desk_to_desk_to_its_end(loan: Company) -> None:
    case = loan.start("sa").instance_id
    assert loan.desks(case) == [("manager_approval", "ma")]
    loan.complete(loan.open_task(case))
    assert loan.desks(case) == [("director_opinion", "di")]
    loan.complete(loan.open_task(case))
    assert loan.desks(case) == [("pay", "accountant")]
    result = loan.complete(loan.open_task(case), "ad")
    assert (result.status, result.next_tasks) == ("completed", [])
    assert loan.instance(case).outcome == "paid"
    assert loan.kinds(case) == [
        "instance_started",
        "task_opened",
        "task_completed",
        "task_opened",
        "task_completed",
        "task_opened",
        "task_completed",
        "instance_completed",
    ]


def test_an_end_event_may_say_that_the_case_was_rejected(loan: Company) -> None:
    case = loan.start("sa").instance_id
    assert loan.complete(loan.open_task(case), decision="reject").status == "rejected"
    assert (loan.instance(case).status, loan.instance(case).outcome) == ("rejected", "refused")


def test_the_same_submission_again_gets_the_first_answer(loan: Company) -> None:
    task = loan.open_task(loan.start("sa").instance_id)
    sent = submitted({"decision": "approve"}, key="once", revision=task.revision)
    send = {"submitted": sent, "actor": loan.actor("ma"), "now": loan.now}
    first = loan.engine.complete(loan.session, task.id, lambda *_: {"decision": "approve"}, **send)
    before = loan.snapshot()
    again = loan.engine.complete(loan.session, task.id, lambda *_: {"decision": "approve"}, **send)
    assert again.replayed and again.as_json() == first.as_json()
    assert loan.snapshot() == before


def test_the_same_key_with_another_body_is_refused(loan: Company) -> None:
    task = loan.open_task(loan.start("sa").instance_id)
    send = {"actor": loan.actor("ma"), "now": loan.now}
    one, other = submitted({"decision": "approve"}, key="k"), submitted({"decision": "reject"}, key="k")
    loan.engine.complete(loan.session, task.id, lambda *_: {"decision": "approve"}, submitted=one, **send)
    with pytest.raises(KeyReused):
        loan.engine.complete(loan.session, task.id, lambda *_: {"decision": "reject"}, submitted=other, **send)


def refused(loan: Company, error: type[Exception], task_id: int, who: str, revision: int | None = None) -> str:
    before = loan.snapshot()
    with pytest.raises(error) as raised, loan.session.begin_nested():
        loan.engine.complete(
            loan.session,
            task_id,
            lambda *_: {"decision": "approve"},
            submitted=submitted({}, revision=revision),
            actor=loan.actor(who),
            now=loan.now,
        )
    assert loan.snapshot() == before
    return str(raised.value)


def test_a_task_that_is_not_there_is_not_found(loan: Company) -> None:
    refused(loan, NotFound, 987654321, "ma")


@pytest.mark.parametrize("who", ["sa", "sb", "di", "ge", "ac", "admin"])
def test_nobody_answers_a_task_on_another_desk(loan: Company, who: str) -> None:
    refused(loan, NotAllowed, loan.open_task(loan.start("sa").instance_id).id, who)


def test_a_decided_task_is_refused_naming_who_decided(loan: Company) -> None:
    task = loan.open_task(loan.start("sa").instance_id)
    loan.complete(task)
    assert refused(loan, Conflict, task.id, "ma").startswith("MA has already decided this")


def test_a_form_opened_on_an_older_revision_is_refused(loan: Company) -> None:
    case = loan.start("sa").instance_id
    loan.complete(loan.open_task(case))
    loan.complete(loan.open_task(case))
    task = loan.open_task(case)
    loan.engine.claim(loan.session, task.id, actor=loan.actor("ac"), now=loan.now)
    refused(loan, StaleRevision, task.id, "ac", revision=1)
    refused(loan, NotAllowed, task.id, "fd", revision=1)


def test_a_claimed_task_leaves_the_group_and_comes_back_when_released(loan: Company) -> None:
    case = loan.start("sa").instance_id
    loan.complete(loan.open_task(case))
    loan.complete(loan.open_task(case))
    task = loan.open_task(case).id
    loan.engine.claim(loan.session, task, actor=loan.actor("ac"), now=loan.now)
    assert loan.desks(case) == [("pay", "ac")]
    with pytest.raises(Conflict, match="person's desk already"):
        loan.engine.claim(loan.session, task, actor=loan.actor("ac"), now=loan.now)
    with pytest.raises(NotAllowed):
        loan.engine.release(loan.session, task, actor=loan.actor("ad"), now=loan.now)
    loan.engine.release(loan.session, task, actor=loan.actor("ac"), now=loan.now)
    assert loan.desks(case) == [("pay", "accountant")]
    assert loan.kinds(case)[-2:] == ["task_claimed", "task_released"]


def test_a_managers_own_request_goes_to_the_next_superior_and_never_twice_to_one_person(loan: Company) -> None:
    case = company_case(loan, "ma")
    assert loan.desks(case) == [("manager_approval", "di")]
    loan.complete(loan.open_task(case))
    assert loan.desks(case) == [("director_opinion", "ge")]


def test_only_a_role_that_the_diagram_names_starts_a_case(loan: Company) -> None:
    before = loan.snapshot()
    with pytest.raises(NotAllowed), loan.session.begin_nested():
        loan.start("ma")
    assert loan.snapshot() == before


def company_case(loan: Company, who: str) -> int:
    actor = loan.actor(who)
    return loan.engine.start(
        loan.session,
        loan.key,
        lambda *_: {},
        submitted=submitted({}),
        actor=type(actor)(actor.id, actor.roles | {"salesperson"}),
        now=loan.now,
    ).instance_id


def test_where_nobody_is_left_the_administrators_see_an_incident(loan: Company) -> None:
    case = company_case(loan, "ge")
    assert loan.desks(case) == [("manager_approval", "administrator")]
    [incident] = loan.incidents()
    assert (incident.kind, incident.element_id, incident.instance_id) == ("no_one_left", "manager_approval", case)
    refused(loan, NotAllowed, loan.open_task(case).id, "admin")


def test_a_delegate_decides_in_the_name_of_the_absent_and_both_are_on_record(loan: Company) -> None:
    case = loan.start("sa").instance_id
    task = loan.open_task(case)
    loan.complete(task, "sb", covers={"ma": ()})
    loan.session.refresh(task)
    assert (loan.name(task.closed_by_id), loan.name(task.on_behalf_of_id)) == ("sb", "ma")


def test_a_delegation_for_another_process_does_not_count(loan: Company) -> None:
    task = loan.open_task(loan.start("sa").instance_id)
    with pytest.raises(NotAllowed):
        loan.complete(task, "sb", covers={"ma": ("commission_list",)})


def test_nobody_decides_on_their_own_request_through_a_delegation(loan: Company) -> None:
    task = loan.open_task(loan.start("sa").instance_id)
    with pytest.raises(NotAllowed):
        loan.complete(task, "sa", covers={"ma": ()})


def test_nobody_decides_twice_on_one_case_through_a_delegation(loan: Company) -> None:
    case = loan.start("sa").instance_id
    loan.complete(loan.open_task(case))
    with pytest.raises(NotAllowed):
        loan.complete(loan.open_task(case), "ma", covers={"di": ()})


def test_whose_name_was_decided_in_does_not_decide_again_themselves(loan: Company) -> None:
    case = loan.start("sa").instance_id
    loan.complete(loan.open_task(case), "sb", covers={"di": (), "ma": ()})
    assert loan.desks(case) == [("director_opinion", "di")]
    with pytest.raises(NotAllowed):
        loan.complete(loan.open_task(case), "sb", covers={"di": ()})


def test_the_starter_withdraws_and_everything_open_closes(loan: Company) -> None:
    case = loan.start("sa").instance_id
    with pytest.raises(NotAllowed):
        withdraw(loan, case, "sb")
    assert withdraw(loan, case, "sa").status == "withdrawn"
    assert loan.open_tasks(case) == []
    with pytest.raises(Conflict):
        withdraw(loan, case, "sa")


def withdraw(loan: Company, case: int, who: str):
    return loan.engine.withdraw(
        loan.session, case, submitted=submitted({}), reason="no trip", actor=loan.actor(who), now=loan.now
    )


def test_deadlines_are_counted_in_working_days(loan: Company) -> None:
    task = loan.open_task(loan.start("sa").instance_id)
    # Tuesday 10 March 2026 plus two working days is Thursday the 12th, plus four is Monday the 16th.
    assert task.remind_at == dt.datetime(2026, 3, 12, 2, 0, tzinfo=dt.UTC)
    assert task.escalate_at == task.due_at == dt.datetime(2026, 3, 16, 2, 0, tzinfo=dt.UTC)


def test_the_history_holds_and_a_changed_entry_is_named(loan: Company) -> None:
    case = loan.start("sa").instance_id
    loan.complete(loan.open_task(case), opinion="fine")
    assert list(broken_entries(loan.session, loan.engine.audit_key)) == []
    run = loan.session.connection().exec_driver_sql
    run("ALTER TABLE history_event DISABLE TRIGGER USER")
    run('UPDATE history_event SET details = \'{"decision": "reject", "opinion": "fine"}\' WHERE seq = 3')
    [broken] = broken_entries(loan.session, loan.engine.audit_key)
    assert (broken.instance_id, broken.seq, broken.reason) == (case, 3, "changed")
    run("DELETE FROM history_event WHERE seq >= 3")
    [broken] = broken_entries(loan.session, loan.engine.audit_key)
    assert (broken.seq, broken.reason) == (3, "cut off")


def test_the_database_refuses_to_change_history(loan: Company) -> None:
    loan.start("sa")
    for sql in ("UPDATE history_event SET seq = 9", "DELETE FROM history_event", "TRUNCATE history_event"):
        with pytest.raises(Exception, match="written once"), loan.session.begin_nested():
            loan.session.connection().exec_driver_sql(sql)
