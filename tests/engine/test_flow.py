"""How cases move through everything that a diagram may hold, saved and restored between steps on freshly parsed specs.

Each step of these tests restores the instance from its bytes; ``forget`` also throws the parsed specs away, as a
restarted process would have.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from SpiffWorkflow.task import TaskState
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.engine.bpmn import MESSAGE, body, diagram, message, timer
from tests.engine.company import START, Company, company
from workflows.engine.deadlines import deliver, due_timers, fire_timer
from workflows.engine.model import Message, Timer
from workflows.engine.process import Step
from workflows.engine.spiff import state
from workflows.engine.spiff.machine import ROUNDS, TooManyRounds

HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Parse the specs anew for every step."""
    monkeypatch.setattr(state, "machine_for", lambda digest, files, key: state.Machine(files, key))
    monkeypatch.setattr("workflows.engine.definitions.machine_for", state.machine_for)
    return


def elements(firm: Company, case: int) -> list[str]:
    return sorted(task.element_id for task in firm.open_tasks(case))


def fire(firm: Company, at: dt.datetime) -> int:
    """Let the clock reach an hour; gives how many timers fired."""
    fired = [fire_timer(firm.engine, firm.session, ident, now=at) for ident in due_timers(firm.session, at)]
    firm.session.expire_all()
    return sum(fired)


def test_parallel_branches_meet_and_keep_what_each_was_answered(session: Session, tmp_path: Path) -> None:
    seen: dict[str, Any] = {}
    nodes = [
        "start:s",
        "and:fork",
        "user:price lane=sales_manager",
        "user:terms lane=sales_director",
        "and:join",
        "service:note implementation=note",
        "end:e",
    ]
    flows = [
        "s -> fork",
        "fork -> price",
        "fork -> terms",
        "price -> join",
        "terms -> join",
        "join -> note",
        "note -> e",
    ]
    firm = company(
        session, tmp_path, diagram("p", nodes, flows), services={"note": lambda step: seen.update(step.answers)}
    )
    case = firm.start().instance_id
    assert elements(firm, case) == ["price", "terms"]
    firm.complete(firm.open_task(case, "terms"), decision="approve")
    firm.complete(firm.open_task(case, "price"), decision="reject")
    assert firm.instance(case).status == "completed"
    assert (seen["price"]["decision"], seen["terms"]["decision"]) == ("reject", "approve")


def test_who_answers_one_branch_loses_the_other_to_the_next_superior(session: Session, tmp_path: Path) -> None:
    nodes = ["start:s", "and:fork", "user:a lane=sales_manager", "user:b lane=sales_supervisor", "and:join", "end:e"]
    flows = ["s -> fork", "fork -> a", "fork -> b", "a -> join", "b -> join", "join -> e"]
    firm = company(session, tmp_path, diagram("p", nodes, flows))
    case = firm.start().instance_id
    # Nobody in the line is a supervisor, so both branches lie with the manager, who may act in one lane only.
    assert firm.desks(case) == [("a", "ma"), ("b", "ma")]
    firm.complete(firm.open_task(case, "a"))
    assert firm.desks(case) == [("b", "di")]


def test_a_timer_counts_working_days_and_fires_once(session: Session, tmp_path: Path) -> None:
    nodes = ["start:s", f"catch:rest | {timer('timeDate', 'workdays(4)')}", "user:ask lane=sales_manager", "end:e"]
    firm = company(session, tmp_path, diagram("p", nodes, ["s -> rest", "rest -> ask", "ask -> e"]))
    case = firm.start().instance_id
    # Four working days after Tuesday 10 March 2026 is Monday 16 March, at the same hour.
    monday = dt.datetime(2026, 3, 16, 2, 0, tzinfo=dt.UTC)
    assert [t.due_at for t in session.scalars(select(Timer))] == [monday]
    assert fire(firm, monday - HOUR) == 0
    [ident] = due_timers(session, monday)
    assert fire_timer(firm.engine, session, ident, now=monday)
    assert not fire_timer(firm.engine, session, ident, now=monday)
    assert elements(firm, case) == ["ask"]
    assert due_timers(session, monday + 100 * HOUR) == []


def boundary(interrupting: bool, kind: str, text: str) -> dict[str, str]:
    nodes = [
        "start:s",
        "user:ask lane=sales_manager",
        f"boundary:late attachedToRef=ask cancelActivity={str(interrupting).lower()} | {timer(kind, text)}",
        "user:chase lane=sales_director",
        "end:e",
        "end:chased",
    ]
    return diagram("p", nodes, ["s -> ask", "ask -> e", "late -> chase", "chase -> chased"])


def test_an_interrupting_timer_closes_the_task_and_takes_its_own_way(session: Session, tmp_path: Path) -> None:
    firm = company(session, tmp_path, boundary(True, "timeDuration", "PT2H"))
    case = firm.start().instance_id
    fire(firm, START + 2 * HOUR)
    assert elements(firm, case) == ["chase"]
    assert "task_cancelled" in firm.kinds(case)
    firm.complete(firm.open_task(case))
    assert firm.instance(case).outcome == "chased"


def test_a_timer_that_does_not_interrupt_leaves_the_task_open(session: Session, tmp_path: Path) -> None:
    firm = company(session, tmp_path, boundary(False, "timeDuration", "PT2H"))
    case = firm.start().instance_id
    fire(firm, START + 2 * HOUR)
    assert elements(firm, case) == ["ask", "chase"]
    firm.complete(firm.open_task(case, "ask"))
    firm.complete(firm.open_task(case, "chase"))
    assert firm.instance(case).status == "completed"


def test_a_task_answered_in_time_takes_its_timer_away(session: Session, tmp_path: Path) -> None:
    firm = company(session, tmp_path, boundary(True, "timeDuration", "PT2H"))
    case = firm.start().instance_id
    firm.complete(firm.open_task(case))
    assert session.scalars(select(Timer)).all() == []
    assert firm.instance(case).outcome == "e"


def test_a_cycle_fires_as_often_as_it_says(session: Session, tmp_path: Path) -> None:
    firm = company(session, tmp_path, boundary(False, "timeCycle", "R2/PT1H"))
    case = firm.start().instance_id
    assert fire(firm, START + HOUR) == 1
    assert fire(firm, START + HOUR) == 0
    assert fire(firm, START + 2 * HOUR) == 1
    assert fire(firm, START + 9 * HOUR) == 0
    assert elements(firm, case) == ["ask", "chase", "chase"]


def waiting() -> dict[str, str]:
    nodes = [
        "start:s",
        "user:ask lane=sales_manager",
        f"catch:money | {MESSAGE.format('money_came')}",
        "xor:enough default=f5",
        "end:e",
        "end:short",
    ]
    flows = ["s -> ask", "ask -> money", "money -> enough", "enough -> e if money.full", "enough -> short"]
    return diagram("p", nodes, flows, extra=message("money_came"))


def send(firm: Company, case: int, key: str = "k", **payload: Any) -> int:
    row = Message(instance_id=case, name="money_came", payload=payload, key=key, sent_at=START)
    firm.session.add(row)
    firm.session.flush()
    return row.id


def test_a_message_is_delivered_once_to_a_case_that_waits(session: Session, tmp_path: Path) -> None:
    firm = company(session, tmp_path, waiting())
    case = firm.start().instance_id
    firm.complete(firm.open_task(case))
    ident = send(firm, case, full=True)
    assert deliver(firm.engine, session, ident, now=START)
    assert not deliver(firm.engine, session, ident, now=START)
    assert firm.instance(case).outcome == "e"


def test_a_message_that_comes_too_early_is_kept_until_the_case_waits(session: Session, tmp_path: Path) -> None:
    firm = company(session, tmp_path, waiting())
    case = firm.start().instance_id
    ident = send(firm, case, full=False)
    assert not deliver(firm.engine, session, ident, now=START)
    firm.complete(firm.open_task(case))
    assert firm.instance(case).outcome == "short"


def test_whichever_event_comes_first_decides_the_way(session: Session, tmp_path: Path) -> None:
    nodes = [
        "start:s",
        "race:either",
        f"catch:money | {MESSAGE.format('money_came')}",
        f"catch:too_long | {timer('timeDuration', 'P1D')}",
        "end:paid",
        "end:late",
    ]
    flows = ["s -> either", "either -> money", "either -> too_long", "money -> paid", "too_long -> late"]
    firm = company(session, tmp_path, diagram("p", nodes, flows, extra=message("money_came")))
    first, second = firm.start().instance_id, firm.start().instance_id
    assert deliver(firm.engine, session, send(firm, first), now=START)
    fire(firm, START + 24 * HOUR)
    assert (firm.instance(first).outcome, firm.instance(second).outcome) == ("paid", "late")
    assert session.scalars(select(Timer)).all() == []


def test_a_subprocess_is_interrupted_as_a_whole(session: Session, tmp_path: Path) -> None:
    inner = body(
        ["start:within", "and:two", "user:a", "user:b", "and:one", "end:out"],
        ["within -> two", "two -> a", "two -> b", "a -> one", "b -> one", "one -> out"],
        first=50,
    )
    nodes = [
        "start:s",
        f"sub:stage lane=sales_manager | {inner}",
        f"boundary:lost attachedToRef=stage cancelActivity=true | {timer('timeDuration', 'P1D')}",
        "end:e",
        "end:gone",
    ]
    firm = company(session, tmp_path, diagram("p", nodes, ["s -> stage", "stage -> e", "lost -> gone"]))
    walked, left = firm.start().instance_id, firm.start().instance_id
    assert elements(firm, walked) == ["a", "b"]
    firm.complete(firm.open_task(walked, "b"))
    firm.complete(firm.open_task(walked, "a"))
    assert firm.instance(walked).outcome == "e"
    firm.complete(firm.open_task(left, "a"))
    fire(firm, START + 24 * HOUR)
    assert (firm.instance(left).outcome, elements(firm, left)) == ("gone", [])


def test_a_called_process_runs_inside_the_case(session: Session, tmp_path: Path) -> None:
    outer = diagram(
        "p",
        ["start:s", "call:check calledElement=checking lane=sales_manager", "xor:ok default=f3", "end:bad", "end:good"],
        ["s -> check", "check -> ok", "ok -> bad", "ok -> good if look.decision == 'approve'"],
    )
    called = diagram(
        "checking", ["start:cs", "user:look lane=sales_manager", "end:ce"], ["cs -> look", "look -> ce"], first=90
    )
    firm = company(session, tmp_path, {**outer, **called})
    case = firm.start().instance_id
    assert firm.desks(case) == [("look", "ma")]
    firm.complete(firm.open_task(case))
    assert firm.instance(case).outcome == "good"


ROUND = diagram(
    "p",
    [
        "start:s lane=salesperson",
        "user:ask lane=sales_manager",
        "xor:said default=f3",
        "user:mend lane=salesperson",
        "end:e",
    ],
    ["s -> ask", "ask -> said", "said -> e", "said -> mend if ask.decision == 'return'", "mend -> ask"],
    assign={"salesperson": "starter"},
)


def test_a_step_that_opens_again_starts_unanswered(session: Session, tmp_path: Path) -> None:
    seen: list[Any] = []
    firm = company(session, tmp_path, ROUND, operations={})
    original = firm.engine.processes["p"].operations["ask"]

    def remember(step: Step, answer: Any) -> Any:
        seen.append(step.answers.get("ask"))
        return original(step, answer)

    object.__setattr__(
        firm.engine.processes["p"], "operations", {**firm.engine.processes["p"].operations, "ask": remember}
    )
    case = firm.start().instance_id
    firm.complete(firm.open_task(case), decision="return")
    firm.complete(firm.open_task(case), decision="submit")
    firm.complete(firm.open_task(case), decision="approve")
    assert seen == [None, None]


def test_a_case_that_goes_round_in_circles_is_stopped_with_a_clear_refusal(session: Session, tmp_path: Path) -> None:
    firm = company(session, tmp_path, ROUND)
    case = firm.start().instance_id
    with pytest.raises(TooManyRounds, match="times"):
        for _ in range(ROUNDS + 1):
            firm.complete(firm.open_task(case, "ask"), decision="return")
            firm.complete(firm.open_task(case, "mend"), decision="submit")
    assert firm.instance(case).status == "running"


@pytest.mark.parametrize("bad", [0.1, {"a": 1}, "x" * 65, [0.5], list(range(65))])
def test_what_a_service_returns_must_be_small_and_exact(session: Session, tmp_path: Path, bad: Any) -> None:
    nodes = ["start:s", "service:book implementation=book", "end:e"]
    files = diagram("p", nodes, ["s -> book", "book -> e"])
    firm = company(session, tmp_path, files, services={"book": lambda _: {"value": bad}})
    with pytest.raises(TypeError, match="may not enter the state"):
        firm.start()


def test_an_old_answer_never_overwrites_a_new_one_where_branches_meet(session: Session, tmp_path: Path) -> None:
    nodes = [
        "start:s",
        "xor:again default=f2",
        "and:fork",
        "user:a lane=sales_manager",
        "user:b lane=sales_director",
        "and:join",
        "xor:good default=f9",
        "end:e",
    ]
    flows = [
        "s -> again",
        "again -> fork",
        "fork -> a",
        "fork -> b",
        "a -> join",
        "b -> join",
        "join -> good",
        "good -> again if a.decision == 'no' or b.decision == 'no'",
        "good -> e",
    ]
    firm = company(session, tmp_path, diagram("p", nodes, flows))
    case = firm.start().instance_id
    for order in (["a", "b"], ["b", "a"]):
        for element in order:
            firm.complete(firm.open_task(case, element), decision="no")
    firm.complete(firm.open_task(case, "b"), decision="yes")
    firm.complete(firm.open_task(case, "a"), decision="yes")
    assert firm.instance(case).outcome == "e"


def test_instances_stay_on_the_version_they_started_on(session: Session, tmp_path: Path) -> None:
    first = diagram("p", ["start:s", "user:a lane=sales_manager", "end:e"], ["s -> a", "a -> e"])
    firm = company(session, tmp_path, first)
    old = firm.start().instance_id
    longer = diagram(
        "p",
        ["start:s", "user:a lane=sales_manager", "user:b lane=sales_director", "end:e"],
        ["s -> a", "a -> b", "b -> e"],
    )
    (tmp_path / "p.bpmn").write_text(longer["p.bpmn"])
    object.__setattr__(
        firm.engine.processes["p"],
        "operations",
        {**firm.engine.processes["p"].operations, "b": firm.engine.processes["p"].operations["a"]},
    )
    assert firm.engine.deploy(session, now=START) == ["p"]
    assert firm.engine.deploy(session, now=START) == []
    new = firm.start().instance_id
    firm.complete(firm.open_task(old))
    firm.complete(firm.open_task(new))
    assert (firm.instance(old).status, firm.instance(new).status) == ("completed", "running")


def test_the_projection_is_the_state(session: Session, tmp_path: Path) -> None:
    inner = body(["start:within", "user:a", "user:b", "end:out"], ["within -> a", "a -> b", "b -> out"], first=50)
    nodes = ["start:s", f"sub:stage lane=sales_manager | {inner}", "user:c lane=sales_director", "end:e"]
    firm = company(session, tmp_path, diagram("p", nodes, ["s -> stage", "stage -> c", "c -> e"]))
    case = firm.start().instance_id
    while firm.instance(case).status == "running":
        row = firm.instance(case)
        machine = firm.engine.definitions.machine(session, row.definition_id)
        workflow = machine.restore(bytes(row.state), None)
        parts = (workflow, *workflow.subprocesses.values())
        tasks = [task for part in parts for task in part.tasks.values()]
        ready = {(str(task.id), task.task_spec.bpmn_id) for task in tasks if task.state == TaskState.READY}
        assert ready == {(task.node_id, task.element_id) for task in firm.open_tasks(case)}
        firm.complete(firm.open_task(case))
