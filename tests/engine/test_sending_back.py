"""Ways back: returns to any step, with both policies; taking one's own decision back; the administrator's jump."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.engine.bpmn import diagram, signers
from tests.engine.company import Company, company
from workflows.engine.administration import jump, resume, suspend
from workflows.engine.approvals.colleagues import add_signers
from workflows.engine.approvals.sending_back import take_back
from workflows.engine.history import broken_entries
from workflows.engine.model import UserTask
from workflows.engine.process import Step
from workflows.kernel.errors import Conflict, Invalid, NotAllowed

LINE = [
    "start:s",
    "user:manage lane=sales_manager approval=true",
    "user:direct lane=sales_director approval=true",
    "user:general lane=general_manager approval=true",
    "end:e",
]
ALONG = ["s -> manage", "manage -> direct", "direct -> general", "general -> e"]


@pytest.fixture
def firm(session: Session, tmp_path: Path) -> Company:
    return company(session, tmp_path, diagram("p", LINE, ALONG))


def at_general(firm: Company) -> int:
    case = firm.start(amount=7).instance_id
    firm.complete(firm.open_task(case))
    firm.complete(firm.open_task(case))
    return case


def test_a_return_to_the_starter_asks_everybody_again(firm: Company) -> None:
    case = at_general(firm)
    firm.complete(firm.open_task(case), decision="return")
    assert (firm.desks(case), firm.open_task(case).kind) == ([("s", "sa")], "reviser")
    firm.complete(firm.open_task(case), values={"amount": 5})
    assert firm.desks(case) == [("manage", "ma")]
    assert firm.instance(case).status == "running"
    assert list(broken_entries(firm.session, firm.engine.audit_key)) == []


def test_a_return_straight_back_asks_only_who_sent_it(firm: Company) -> None:
    case = at_general(firm)
    firm.complete(firm.open_task(case), decision="return", resume="direct")
    assert (firm.desks(case), firm.waiting(case)) == ([("s", "sa")], [("general", "ge")])
    firm.complete(firm.open_task(case), values={"amount": 5})
    assert (firm.desks(case), firm.waiting(case)) == ([("general", "ge")], [])
    firm.complete(firm.open_task(case))
    assert firm.instance(case).outcome == "e"


def test_a_return_to_a_step_asks_it_and_all_after_it_again(firm: Company) -> None:
    case = at_general(firm)
    firm.complete(firm.open_task(case), decision="return", return_to="manage")
    assert firm.desks(case) == [("manage", "ma")]
    firm.complete(firm.open_task(case))
    assert firm.desks(case) == [("direct", "di")]


def test_a_step_sent_back_to_may_be_done_alone_and_may_change_its_mind(firm: Company) -> None:
    case = at_general(firm)
    firm.complete(firm.open_task(case), decision="return", return_to="manage", resume="direct")
    assert (firm.desks(case), firm.waiting(case)) == ([("manage", "ma")], [("general", "ge")])
    firm.complete(firm.open_task(case))
    assert firm.desks(case) == [("general", "ge")]
    firm.complete(firm.open_task(case), decision="return", return_to="direct", resume="direct")
    firm.complete(firm.open_task(case), decision="return", return_to="manage")
    assert (firm.desks(case), firm.waiting(case)) == ([("manage", "ma")], [])


@pytest.mark.parametrize("step", ["general", "nowhere", "e"])
def test_a_return_to_a_step_that_was_not_passed_is_refused(firm: Company, step: str) -> None:
    case = firm.start().instance_id
    firm.complete(firm.open_task(case))
    task, before = firm.open_task(case), firm.snapshot()
    with pytest.raises(Invalid, match="not come through") as refusal, firm.session.begin_nested():
        firm.complete(task, decision="return", return_to=step)
    assert list(refusal.value.fields) == ["return_to"]
    assert firm.snapshot() == before


FORK = [
    "start:s",
    "user:first lane=sales_manager approval=true",
    "and:fork",
    f"user:count lane=accountant approval=true | {signers('all')}",
    "user:direct lane=sales_director approval=true",
    "and:join",
    "user:general lane=general_manager approval=true",
    "end:e",
]
FORKED = [
    "s -> first",
    "first -> fork",
    "fork -> count",
    "fork -> direct",
    "count -> join",
    "direct -> join",
    "join -> general",
    "general -> e",
]


@pytest.fixture
def forked(session: Session, tmp_path: Path) -> Company:
    return company(session, tmp_path, diagram("p", FORK, FORKED, assign={"accountant": "group"}))


def test_a_return_out_of_a_branch_closes_the_work_of_the_other_branches(forked: Company) -> None:
    case = forked.start().instance_id
    forked.complete(forked.open_task(case))
    forked.complete(forked.task_of(case, "ac"))
    assert sorted(forked.desks(case)) == [("count", "ad"), ("direct", "di")]
    forked.complete(forked.task_of(case, "di"), decision="return", return_to="first")
    assert forked.desks(case) == [("first", "ma")]
    rows = forked.session.connection().exec_driver_sql(
        "SELECT element_id, status FROM user_task WHERE instance_id = %s ORDER BY id", (case,)
    )
    assert [tuple(row) for row in rows] == [
        ("first", "completed"),
        ("count", "completed"),
        ("count", "cancelled"),
        ("direct", "completed"),
        ("first", "open"),
    ]
    forked.complete(forked.open_task(case))
    assert sorted(forked.desks(case)) == [("count", "ac"), ("count", "ad"), ("direct", "di")]


def test_a_return_into_a_branch_leaves_what_the_other_branch_decided(forked: Company) -> None:
    case = forked.start().instance_id
    forked.complete(forked.open_task(case))
    for name in ("ac", "ad", "di"):
        forked.complete(forked.task_of(case, name))
    forked.complete(forked.open_task(case), decision="return", return_to="count")
    assert sorted(forked.desks(case)) == [("count", "ac"), ("count", "ad")]
    forked.complete(forked.task_of(case, "ac"))
    forked.complete(forked.task_of(case, "ad"))
    assert forked.desks(case) == [("general", "ge")]


def test_a_signer_s_straight_return_keeps_what_the_others_signed(forked: Company) -> None:
    case = forked.start().instance_id
    forked.complete(forked.open_task(case))
    forked.complete(forked.task_of(case, "ac"))
    forked.complete(forked.task_of(case, "ad"), decision="return", resume="direct")
    assert forked.desks(case) == [("s", "sa")]
    assert sorted(forked.waiting(case)) == [("count", "ad"), ("direct", "di")]
    forked.complete(forked.open_task(case), values={})
    assert sorted(forked.desks(case)) == [("count", "ad"), ("direct", "di")]
    forked.complete(forked.task_of(case, "ad"))
    forked.complete(forked.task_of(case, "di"))
    assert forked.desks(case) == [("general", "ge")]


def test_a_case_does_not_go_back_past_a_service_that_runs_only_once(session: Session, tmp_path: Path) -> None:
    nodes = [*LINE[:2], "service:book implementation=p.book", *LINE[2:]]
    flows = ["s -> manage", "manage -> book", "book -> direct", *ALONG[2:]]
    firm = company(session, tmp_path, diagram("p", nodes, flows), services={"p.book": lambda _: None})
    case = firm.start().instance_id
    firm.complete(firm.open_task(case))
    task = firm.open_task(case)
    for step in (None, "manage"):
        with pytest.raises(Invalid), session.begin_nested():
            firm.complete(task, decision="return", return_to=step)
    first = session.query(UserTask).filter_by(instance_id=case, element_id="manage").one()
    with pytest.raises(Conflict, match="gone on"), session.begin_nested():
        firm.call(take_back, first, "ma")


def test_nothing_goes_back_once_something_irrevocable_has_happened(session: Session, tmp_path: Path) -> None:
    def paid(_: Step) -> None:
        raise Conflict("It was paid.")

    firm = company(session, tmp_path, diagram("p", LINE, ALONG), refuse_undoing=paid)
    case = firm.start().instance_id
    first = firm.open_task(case)
    firm.complete(first)
    for act in (
        lambda: firm.complete(firm.open_task(case), decision="return"),
        lambda: firm.call(take_back, first, "ma"),
        lambda: administered(firm, jump, case, "manage"),
    ):
        before = firm.snapshot()
        with pytest.raises(Conflict, match="paid"), session.begin_nested():
            act()
        assert firm.snapshot() == before


def administered(firm: Company, operation: Any, case: int, *more: str) -> Any:
    return operation(
        firm.engine, firm.session, case, *more, reason="because", actor=firm.actor("admin"), now=firm.now
    )


def test_a_decision_is_taken_back_until_the_next_person_has_opened_theirs(firm: Company) -> None:
    case = firm.start().instance_id
    mine = firm.open_task(case)
    firm.complete(mine)
    firm.call(take_back, mine, "ma")
    assert (firm.desks(case), mine.status) == ([("manage", "ma")], "cancelled")
    again = firm.open_task(case)
    firm.complete(again)
    firm.open_task(case).read_at = firm.now
    firm.session.flush()
    before = firm.snapshot()
    with pytest.raises(Conflict, match="DI has already opened"), firm.session.begin_nested():
        firm.call(take_back, again, "ma")
    assert firm.snapshot() == before


def test_nobody_takes_back_what_others_decided_or_what_was_followed(firm: Company) -> None:
    case = firm.start().instance_id
    mine = firm.open_task(case)
    firm.complete(mine)
    with pytest.raises(NotAllowed), firm.session.begin_nested():
        firm.call(take_back, mine, "di")
    firm.complete(firm.open_task(case))
    with pytest.raises(Conflict, match="DI has already decided"), firm.session.begin_nested():
        firm.call(take_back, mine, "ma")


def test_one_of_several_signatures_is_taken_back_while_others_are_awaited(forked: Company) -> None:
    case = forked.start().instance_id
    forked.complete(forked.open_task(case))
    mine = forked.task_of(case, "ac")
    forked.complete(mine)
    forked.call(take_back, mine, "ac")
    assert sorted(forked.desks(case)) == [("count", "ac"), ("count", "ad"), ("direct", "di")]


def test_the_last_signature_is_taken_back_with_the_others_kept(session: Session, tmp_path: Path) -> None:
    nodes = [f"user:sign lane=accountant approval=true | {signers('all')}", "user:g lane=general_manager approval=true"]
    flows = ["s -> sign", "sign -> g", "g -> e"]
    files = diagram("p", ["start:s", *nodes, "end:e"], flows, assign={"accountant": "group"})
    firm = company(session, tmp_path, files)
    case = firm.start().instance_id
    firm.complete(firm.task_of(case, "ac"))
    last = firm.task_of(case, "ad")
    firm.complete(last)
    assert firm.desks(case) == [("g", "ge")]
    firm.call(take_back, last, "ad")
    assert firm.desks(case) == [("sign", "ad")]
    firm.complete(firm.open_task(case))
    assert firm.desks(case) == [("g", "ge")]


def test_a_return_to_the_starter_is_taken_back_unread(firm: Company) -> None:
    case = at_general(firm)
    mine = firm.open_task(case)
    firm.complete(mine, decision="return")
    firm.call(take_back, mine, "ge")
    assert (firm.desks(case), firm.waiting(case)) == ([("general", "ge")], [])


def test_a_signer_who_takes_a_return_to_the_starter_back_is_asked_again(forked: Company) -> None:
    case = forked.start().instance_id
    forked.complete(forked.open_task(case))
    forked.complete(forked.task_of(case, "ac"))
    mine = forked.task_of(case, "ad")
    forked.complete(mine, decision="return")
    assert forked.desks(case) == [("s", "sa")]
    forked.call(take_back, mine, "ad")
    # What the other accountant signed still counts.
    assert sorted(forked.desks(case)) == [("count", "ad"), ("direct", "di")]


def test_a_suspended_case_asks_nobody_and_goes_on_where_it_was(firm: Company) -> None:
    case = firm.start().instance_id
    firm.call(add_signers, firm.open_task(case), "ma", ["fd"], is_before=True)
    administered(firm, suspend, case)
    assert (firm.desks(case), len(firm.waiting(case))) == ([], 2)
    assert administered(firm, suspend, case).replayed
    [task_id] = firm.session.connection().exec_driver_sql(
        "SELECT id FROM user_task WHERE instance_id = %s AND kind = 'added'", (case,)
    ).scalars()
    with pytest.raises(Conflict), firm.session.begin_nested():
        firm.complete(task_id, "fd")
    administered(firm, resume, case)
    assert (firm.desks(case), firm.waiting(case)) == ([("manage", "fd")], [("manage", "ma")])


def test_an_administrator_takes_a_case_back_and_never_forwards(firm: Company) -> None:
    case = at_general(firm)
    before = firm.snapshot()
    for step in ("general", "e", "nowhere"):
        with pytest.raises(Invalid, match="not passed"), firm.session.begin_nested():
            administered(firm, jump, case, step)
    assert firm.snapshot() == before
    administered(firm, jump, case, "direct")
    assert firm.desks(case) == [("direct", "di")]
    administered(firm, jump, case, "s")
    assert firm.desks(case) == [("s", "sa")]
    with pytest.raises(NotAllowed), firm.session.begin_nested():
        jump(firm.engine, firm.session, case, "s", reason="x", actor=firm.actor("ge"), now=firm.now)
