"""All the work of a leaver moves in one act, as the preview has said."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.engine.company import Company, company
from tests.engine.test_runtime import CHAIN, company_case
from workflows.engine import leaving
from workflows.engine.history import broken_entries
from workflows.kernel.errors import Invalid, NotAllowed
from workflows.people.model import Employee


@pytest.fixture
def loan(session: Session, tmp_path: Path) -> Company:
    return company(session, tmp_path, CHAIN)


def move(loan: Company, who: str, to: str, actor: str = "admin", reason: str = "leaves the company") -> tuple[int, int]:
    moved = leaving.move_all(
        loan.engine, loan.session, loan.ids[who], loan.ids[to], reason=reason, actor=loan.actor(actor), now=loan.now
    )
    loan.session.expire_all()
    return moved


def foreseen(loan: Company, who: str, to: str, actor: str = "admin") -> list[tuple[int, str | None]]:
    """Case and, where the successor may not have the task, the desk that it goes to instead."""
    found = leaving.foreseen(
        loan.engine, loan.session, loan.ids[who], loan.ids[to], actor=loan.actor(actor), now=loan.now
    )
    return [
        (work.instance_id, (loan.name(work.instead.assignee_id) or work.instead.group_role) if work.instead else None)
        for work in found
    ]


def test_everything_goes_to_the_successor_in_one_act_and_only_once(loan: Company) -> None:
    cases = [loan.start("sa").instance_id, loan.start("sb").instance_id]
    before = loan.snapshot()
    assert foreseen(loan, "ma", "fd") == [(cases[0], None), (cases[1], None)]
    assert loan.snapshot() == before
    assert move(loan, "ma", "fd") == (2, 0)
    assert [loan.desks(case) for case in cases] == [[("manager_approval", "fd")]] * 2
    assert [loan.kinds(case)[-1] for case in cases] == ["task_reassigned"] * 2
    after = loan.snapshot()
    assert move(loan, "ma", "fd") == (0, 0)
    assert loan.snapshot() == after
    assert list(broken_entries(loan.session, loan.engine.audit_key)) == []


def test_what_the_successor_started_goes_to_the_next_superior_although_the_leaver_is_still_there(loan: Company) -> None:
    theirs, others = loan.start("sa").instance_id, loan.start("sb").instance_id
    assert foreseen(loan, "ma", "sa") == [(theirs, "di"), (others, None)]
    assert move(loan, "ma", "sa") == (1, 1)
    assert (loan.desks(theirs), loan.desks(others)) == ([("manager_approval", "di")], [("manager_approval", "sa")])


def test_what_the_successor_has_decided_on_already_goes_by_the_rule(loan: Company) -> None:
    case = loan.start("sa").instance_id
    loan.complete(loan.open_task(case))
    assert foreseen(loan, "di", "ma") == [(case, "ge")]
    assert move(loan, "di", "ma") == (0, 1)
    assert loan.desks(case) == [("director_opinion", "ge")]


def test_what_was_claimed_from_a_group_goes_to_one_of_the_group_or_back_to_it(loan: Company) -> None:
    case = loan.start("sa").instance_id
    for _ in range(2):
        loan.complete(loan.open_task(case))
    loan.engine.claim(loan.session, loan.open_task(case).id, actor=loan.actor("ac"), now=loan.now)
    assert foreseen(loan, "ac", "sb") == [(case, "accountant")]
    assert foreseen(loan, "ac", "ad") == [(case, None)]
    assert move(loan, "ac", "sb") == (0, 1)
    assert loan.desks(case) == [("pay", "accountant")]


def test_where_nobody_is_left_the_administrators_see_an_incident(loan: Company) -> None:
    case = company_case(loan, "di")
    assert loan.desks(case) == [("manager_approval", "ge")]
    assert foreseen(loan, "ge", "di") == [(case, "administrator")]
    assert move(loan, "ge", "di") == (0, 1)
    assert [incident.kind for incident in loan.incidents()] == ["no_one_left"]


@pytest.mark.parametrize(
    ("to", "actor", "reason", "why"),
    [
        ("ma", "admin", "leaves", "same person"),
        ("admin", "admin", "leaves", "only administers"),
        ("fd", "admin", "leaves", "is disabled"),
        ("di", "admin", "  ", "reason"),
    ],
)
def test_a_successor_who_may_not_take_over_is_refused_and_nothing_moves(
    loan: Company, to: str, actor: str, reason: str, why: str
) -> None:
    loan.start("sa")
    loan.session.get_one(Employee, loan.ids["fd"]).active = False
    loan.session.flush()
    before = loan.snapshot()
    with pytest.raises(Invalid, match=why):
        move(loan, "ma", to, actor, reason)
    assert loan.snapshot() == before


def test_only_administrators_see_and_move_the_work_of_others(loan: Company) -> None:
    loan.start("sa")
    before = loan.snapshot()
    with pytest.raises(NotAllowed):
        foreseen(loan, "ma", "di", actor="di")
    with pytest.raises(NotAllowed):
        move(loan, "ma", "di", actor="di")
    assert loan.snapshot() == before
