"""Handing over, asking others to sign as well or for an opinion, and asking them no more."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.engine.bpmn import diagram, signers
from tests.engine.company import Company, company, submitted
from workflows.engine.approvals.colleagues import add_signers, ask_opinion, hand_over, remove_signer
from workflows.engine.history import broken_entries
from workflows.kernel.errors import Conflict, Invalid, NotAllowed
from workflows.people.model import Employee, EmployeeRole

NODES = [
    "start:s",
    "user:manage lane=sales_manager approval=true",
    "xor:managed default=f4",
    "user:pay lane=accountant",
    "end:paid",
    "end:no outcome=rejected",
]
FLOWS = ["s -> manage", "manage -> managed", "managed -> pay if manage.decision == 'approve'", "managed -> no"]


@pytest.fixture
def firm(session: Session, tmp_path: Path) -> Company:
    return company(session, tmp_path, diagram("p", NODES, [*FLOWS, "pay -> paid"], assign={"accountant": "group"}))


def holder(firm: Company, name: str, role: str) -> None:
    firm.session.add(EmployeeRole(employee_id=firm.ids[name], role=role))
    firm.session.flush()


def test_a_task_goes_over_to_whoever_holds_the_role_with_both_names_in_the_history(firm: Company) -> None:
    holder(firm, "fd", "sales_manager")
    case = firm.start().instance_id
    result = firm.call(hand_over, firm.open_task(case), "ma", "fd")
    assert [task.assignee_id for task in result.next_tasks] == [firm.ids["fd"]]
    assert firm.desks(case) == [("manage", "fd")]
    assert firm.kinds(case)[-1] == "task_handed_over"
    assert list(broken_entries(firm.session, firm.engine.audit_key)) == []
    firm.complete(firm.open_task(case))
    assert firm.desks(case) == [("pay", "accountant")]


def test_a_superior_of_the_starter_may_take_a_decision_over(firm: Company) -> None:
    case = firm.start().instance_id
    firm.call(hand_over, firm.open_task(case), "ma", "ge")
    assert firm.desks(case) == [("manage", "ge")]


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("ma", "lies with MA already"),
        ("sa", "started this case"),
        ("ac", "may not decide this"),
        ("sb", "may not decide this"),
        ("admin", "only administers"),
        ("di", "is disabled"),
    ],
)
def test_a_task_is_not_handed_over_to_somebody_without_the_right(firm: Company, to: str, why: str) -> None:
    case = firm.start().instance_id
    firm.session.get_one(Employee, firm.ids["di"]).active = False
    firm.session.flush()
    task, before = firm.open_task(case), firm.snapshot()
    with pytest.raises(Invalid, match=why), firm.session.begin_nested():
        firm.call(hand_over, task, "ma", to)
    assert firm.snapshot() == before


def test_only_who_has_a_task_hands_it_over_and_says_why(firm: Company) -> None:
    case = firm.start().instance_id
    task, before = firm.open_task(case), firm.snapshot()
    with pytest.raises(NotAllowed), firm.session.begin_nested():
        firm.call(hand_over, task, "di", "ge")
    with pytest.raises(Invalid, match="reason"), firm.session.begin_nested():
        hand_over(
            firm.engine, firm.session, task.id, firm.ids["ge"], reason=" ", submitted=None, actor=firm.actor("ma"),
            now=firm.now,
        )  # fmt: skip
    assert firm.snapshot() == before


def test_the_same_handing_over_sent_twice_happens_once(firm: Company) -> None:
    case = firm.start().instance_id
    task, sent = firm.open_task(case), submitted({}, "once")
    for replayed in (False, True):
        result = hand_over(
            firm.engine, firm.session, task.id, firm.ids["ge"], reason="away", submitted=sent,
            actor=firm.actor("ma"), now=firm.now,
        )  # fmt: skip
        assert result.replayed is replayed
    assert firm.kinds(case).count("task_handed_over") == 1


def test_those_asked_before_and_behind_sign_in_turn(firm: Company) -> None:
    case = firm.start().instance_id
    firm.call(add_signers, firm.open_task(case), "ma", ["ac", "ad"], is_before=True)
    assert sorted(firm.desks(case)) == [("manage", "ac"), ("manage", "ad")]
    assert firm.waiting(case) == [("manage", "ma")]
    firm.complete(firm.task_of(case, "ac"))
    firm.complete(firm.task_of(case, "ad"))
    assert firm.desks(case) == [("manage", "ma")]
    firm.call(add_signers, firm.open_task(case), "ma", ["fd"], is_before=False)
    assert (firm.desks(case), firm.waiting(case)) == ([("manage", "ma")], [("manage", "fd")])
    firm.complete(firm.task_of(case, "ma"))
    assert firm.desks(case) == [("manage", "fd")]
    firm.complete(firm.task_of(case, "fd"))
    # Both accountants signed for the manager, so neither pays; nobody else does.
    assert firm.desks(case) == [("pay", "administrator")]


def test_an_added_signer_may_stop_it(firm: Company) -> None:
    case = firm.start().instance_id
    firm.call(add_signers, firm.open_task(case), "ma", ["fd"], is_before=True)
    firm.complete(firm.open_task(case), decision="reject", opinion="Too much")
    assert (firm.instance(case).outcome, firm.waiting(case)) == ("no", [])


def test_an_opinion_comes_back_to_who_asked_and_bars_nobody(firm: Company) -> None:
    case = firm.start().instance_id
    firm.call(ask_opinion, firm.open_task(case), "ma", ["ac"])
    asked = firm.open_task(case)
    assert (asked.kind, asked.question, firm.name(asked.asked_by_id)) == ("adviser", "what do you think?", "ma")
    firm.complete(asked, opinion="It is usual")
    assert firm.desks(case) == [("manage", "ma")]
    firm.complete(firm.open_task(case))
    pay = firm.open_task(case)
    firm.complete(pay, "ac", decision="pay")
    assert firm.instance(case).status == "completed"


@pytest.mark.parametrize(
    ("people", "why"),
    [(["ma"], "already"), (["sa"], "started"), (["admin"], "only administers"), ([], "name somebody")],
)
def test_signers_who_may_not_sign_are_refused(firm: Company, people: list[str], why: str) -> None:
    case = firm.start().instance_id
    task, before = firm.open_task(case), firm.snapshot()
    with pytest.raises(Invalid, match=why), firm.session.begin_nested():
        firm.call(add_signers, task, "ma", people, is_before=True)
    assert firm.snapshot() == before


def test_whoever_has_signed_or_is_asked_already_is_not_asked_again(firm: Company) -> None:
    case = firm.start().instance_id
    firm.call(add_signers, firm.open_task(case), "ma", ["ac", "fd"], is_before=True)
    firm.complete(firm.task_of(case, "ac"))
    task, before = firm.task_of(case, "fd"), firm.snapshot()
    with pytest.raises(Invalid, match="already decided here"), firm.session.begin_nested():
        firm.call(add_signers, task, "fd", ["ac"], is_before=True)
    with pytest.raises(Invalid, match="asked here already"), firm.session.begin_nested():
        firm.call(add_signers, task, "fd", ["ma"], is_before=False)
    assert firm.snapshot() == before


def test_only_an_approval_gets_more_signers(firm: Company) -> None:
    case = firm.start().instance_id
    firm.complete(firm.open_task(case))
    with pytest.raises(Conflict, match="Only an approval"), firm.session.begin_nested():
        firm.call(add_signers, firm.open_task(case), "ac", ["fd"], is_before=True)


def test_who_asked_somebody_may_ask_them_no_more_until_they_answered(firm: Company) -> None:
    case = firm.start().instance_id
    firm.call(add_signers, firm.open_task(case), "ma", ["ac", "fd"], is_before=True)
    gone = firm.task_of(case, "ac")
    with pytest.raises(NotAllowed), firm.session.begin_nested():
        firm.call(remove_signer, gone, "fd")
    firm.call(remove_signer, gone, "ma")
    assert (firm.desks(case), gone.status) == ([("manage", "fd")], "cancelled")
    signed = firm.task_of(case, "fd")
    firm.complete(signed)
    before = firm.snapshot()
    with pytest.raises(Conflict, match="answered already"), firm.session.begin_nested():
        firm.call(remove_signer, signed, "ma")
    assert firm.snapshot() == before


def test_removing_the_last_who_is_awaited_decides_the_step(firm: Company) -> None:
    case = firm.start().instance_id
    firm.call(add_signers, firm.open_task(case), "ma", ["fd"], is_before=False)
    firm.complete(firm.task_of(case, "ma"))
    firm.call(remove_signer, firm.task_of(case, "fd"), "ma")
    assert firm.desks(case) == [("pay", "accountant")]


def test_one_of_several_signers_brings_a_colleague_while_the_others_go_on(session: Session, tmp_path: Path) -> None:
    nodes = ["start:s", f"user:sign lane=accountant approval=true | {signers('all')}", "end:e"]
    firm = company(session, tmp_path, diagram("p", nodes, ["s -> sign", "sign -> e"], assign={"accountant": "group"}))
    case = firm.start().instance_id
    firm.call(add_signers, firm.task_of(case, "ac"), "ac", ["fd"], is_before=True)
    assert sorted(firm.desks(case)) == [("sign", "ad"), ("sign", "fd")]
    firm.complete(firm.task_of(case, "fd"))
    firm.complete(firm.task_of(case, "ad"))
    assert firm.desks(case) == [("sign", "ac")]
    firm.complete(firm.task_of(case, "ac"))
    assert firm.instance(case).status == "completed"
