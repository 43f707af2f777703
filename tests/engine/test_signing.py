"""A step that several people sign, on the desks of real people."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.engine.bpmn import diagram, signers
from tests.engine.company import Company, company
from workflows.engine.history import broken_entries
from workflows.kernel.errors import Conflict, NotAllowed
from workflows.people.model import Employee

FLOWS = ["s -> sign", "sign -> said", "said -> paid if sign.decision == 'approve'", "said -> no"]


def firm_of(session: Session, folder: Path, inside: str, lane: str = "accountant", assign: str = "group") -> Company:
    nodes = [
        "start:s",
        f"user:sign lane={lane} approval=true remindAfter=2 | {inside}",
        "xor:said default=f4",
        "end:paid",
        "end:no outcome=rejected",
    ]
    return company(session, folder, diagram("p", nodes, FLOWS, assign={lane: assign}))


def test_everybody_who_holds_the_role_signs(session: Session, tmp_path: Path) -> None:
    firm = firm_of(session, tmp_path, signers("all"))
    case = firm.start().instance_id
    assert firm.desks(case) == [("sign", "ac"), ("sign", "ad")]
    firm.complete(firm.task_of(case, "ad"))
    assert firm.desks(case) == [("sign", "ac")]
    firm.complete(firm.task_of(case, "ac"))
    assert (firm.instance(case).status, firm.instance(case).outcome) == ("completed", "paid")
    assert list(broken_entries(session, firm.engine.audit_key)) == []


def test_one_no_is_enough_where_all_sign_and_closes_the_other_tasks(session: Session, tmp_path: Path) -> None:
    firm = firm_of(session, tmp_path, signers("all"))
    case = firm.start().instance_id
    firm.complete(firm.task_of(case, "ac"), decision="reject")
    assert (firm.instance(case).outcome, firm.desks(case)) == ("no", [])
    assert firm.kinds(case)[-2:] == ["instance_rejected", "task_cancelled"]


def test_one_yes_is_enough_where_anybody_signs(session: Session, tmp_path: Path) -> None:
    firm = firm_of(session, tmp_path, signers("any"))
    case = firm.start().instance_id
    firm.complete(firm.task_of(case, "ad"))
    assert (firm.instance(case).outcome, firm.desks(case)) == ("paid", [])


def test_chosen_people_sign_in_the_order_in_which_they_were_chosen(session: Session, tmp_path: Path) -> None:
    firm = firm_of(session, tmp_path, signers(sequential=True, people="s.signers"))
    case = firm.start(signers=[firm.ids[name] for name in ("ge", "ac", "fd")]).instance_id
    for number, name in enumerate(("ge", "ac", "fd")):
        assert firm.desks(case) == [("sign", name)]
        assert len(firm.waiting(case)) == 2 - number
        firm.complete(firm.task_of(case, name))
    assert firm.instance(case).outcome == "paid"


def test_whose_turn_has_not_come_cannot_sign(session: Session, tmp_path: Path) -> None:
    firm = firm_of(session, tmp_path, signers(sequential=True, people="s.signers"))
    firm.start(signers=[firm.ids["ge"], firm.ids["ac"]])
    before = firm.snapshot()
    rows = session.connection().exec_driver_sql("SELECT id FROM user_task WHERE status = 'waiting'").scalars().all()
    with pytest.raises(Conflict, match="not your turn"), session.begin_nested():
        firm.complete(int(rows[0]), "ac")
    assert firm.snapshot() == before


def test_a_share_of_the_votes_decides(session: Session, tmp_path: Path) -> None:
    firm = firm_of(session, tmp_path, signers("vote", share="2/3", people="s.signers"))
    people = ["ge", "ac", "fd"]
    case = firm.start(signers=[firm.ids[name] for name in people]).instance_id
    firm.complete(firm.task_of(case, "ge"), decision="reject")
    assert firm.instance(case).status == "running"
    firm.complete(firm.task_of(case, "ac"))
    firm.complete(firm.task_of(case, "fd"))
    assert firm.instance(case).outcome == "paid"  # two of three


def test_chosen_people_who_left_or_started_the_case_are_left_out_and_told_of(session: Session, tmp_path: Path) -> None:
    firm = firm_of(session, tmp_path, signers(people="s.signers"))
    session.get_one(Employee, firm.ids["fd"]).active = False
    session.flush()
    case = firm.start(signers=[firm.ids[name] for name in ("sa", "fd", "ac")]).instance_id
    assert firm.desks(case) == [("sign", "ac")]
    assert firm.kinds(case).count("signer_left_out") == 2


def test_where_nobody_of_the_chosen_is_left_the_lane_decides(session: Session, tmp_path: Path) -> None:
    firm = firm_of(session, tmp_path, signers(people="s.signers"), lane="sales_manager", assign="line")
    case = firm.start(signers=[]).instance_id
    assert firm.desks(case) == [("sign", "ma")]


def test_who_stands_in_for_two_signers_signs_once(session: Session, tmp_path: Path) -> None:
    firm = firm_of(session, tmp_path, signers("all"))
    case = firm.start().instance_id
    covers: dict[str, tuple[str, ...]] = {"ac": (), "ad": ()}
    firm.complete(firm.task_of(case, "ac"), "fd", covers=covers)
    with pytest.raises(NotAllowed), session.begin_nested():
        firm.complete(firm.task_of(case, "ad"), "fd", covers=covers)
    assert firm.instance(case).status == "running"


def test_the_starter_never_signs_though_they_hold_the_role(session: Session, tmp_path: Path) -> None:
    firm = firm_of(session, tmp_path, signers("all"))
    case = firm.start("ac").instance_id
    assert firm.desks(case) == [("sign", "ad")]
