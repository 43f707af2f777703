"""What goes wrong inside a step leaves the case as it was, and what the library gets wrong stays outside."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.engine.bpmn import diagram
from tests.engine.company import START, company, submitted
from tests.engine.test_runtime import CHAIN
from workflows.engine.inbox import Filter, counts, pending_tasks
from workflows.engine.spiff.case import checked
from workflows.kernel.errors import Conflict, Invalid

BOOK = diagram(
    "p",
    ["start:s", "user:ask lane=sales_manager", "service:book implementation=book", "end:e"],
    ["s -> ask", "ask -> book", "book -> e"],
)


def test_a_service_that_fails_leaves_the_case_as_it_was_and_can_be_tried_again(
    session: Session, tmp_path: Path
) -> None:
    broken = [True]

    def book(_: object) -> None:
        if broken[0]:
            raise RuntimeError("the printer is on fire")

    firm = company(session, tmp_path, BOOK, services={"book": book})
    case = firm.start().instance_id
    before = firm.snapshot()
    with pytest.raises(RuntimeError, match="on fire"), session.begin_nested():
        firm.complete(firm.open_task(case))
    assert firm.snapshot() == before
    broken[0] = False
    assert firm.complete(firm.open_task(case)).status == "completed"


def test_a_node_that_was_completed_is_not_run_again_even_if_its_row_says_it_is_open(
    session: Session, tmp_path: Path
) -> None:
    firm = company(session, tmp_path, CHAIN)
    case = firm.start().instance_id
    first = firm.open_task(case)
    firm.complete(first)
    session.connection().exec_driver_sql(
        "UPDATE user_task SET status = 'open', closed_at = NULL WHERE id = %s", (first.id,)
    )
    session.expire_all()
    with pytest.raises(Conflict, match="no longer open"):
        firm.complete(first)


@pytest.mark.parametrize(
    "value", [Decimal("1.50"), 1.5, dt.date(2026, 3, 10), b"x", {"a": 1}, "x" * 65, ["ok", 0.1], list(range(65))]
)
def test_money_dates_and_texts_do_not_enter_the_state(value: Any) -> None:
    with pytest.raises(TypeError, match="may not enter the state"):
        checked({"value": value})


def test_a_name_that_would_break_restoring_does_not_enter_the_state() -> None:
    with pytest.raises(TypeError):
        checked({"typename": "Task"})


def test_ids_flags_and_short_words_enter_the_state() -> None:
    values = {"advance_id": 7, "full": True, "decision": "approve", "resume": None, "signers": [4, 7]}
    assert checked(values) == values


def test_an_inbox_is_read_page_by_page_without_gap_or_repetition(session: Session, tmp_path: Path) -> None:
    firm = company(session, tmp_path, CHAIN)
    started = []
    for minute in range(7):
        firm.now = START + dt.timedelta(minutes=minute // 2)
        started.append(firm.start("sa").instance_id)
    seen, after = [], None
    while True:
        page, after = pending_tasks(session, firm.actor("ma"), limit=3, after=after)
        seen += [task.instance_id for task in page]
        if after is None:
            break
    assert seen == started
    assert counts(session, firm.actor("ma")).mine == 7
    with pytest.raises(Invalid):
        pending_tasks(session, firm.actor("ma"), after="nowhere")


def test_an_inbox_shows_own_group_and_covered_desks_and_nothing_that_is_barred(
    session: Session, tmp_path: Path
) -> None:
    firm = company(session, tmp_path, CHAIN)
    case = firm.start("sa").instance_id
    other = firm.start("sb").instance_id
    firm.complete(firm.open_task(other))

    def seen(who: str, **more: Any) -> list[tuple[str, str | None]]:
        rows, _ = pending_tasks(session, firm.actor(who, more.pop("covers", None)), **more)
        return [(row.element_id, firm.name(row.covered_id)) for row in rows]

    assert seen("ma") == [("manager_approval", None)]
    assert seen("sb", covers={"ma": (), "di": ("loan",)}) == [("manager_approval", "ma")]
    assert seen("sb", covers={"ma": ("other_process",)}) == []
    assert seen("ac") == []
    firm.complete(firm.open_task(case))
    firm.complete(firm.open_task(case))
    assert seen("ac") == [("pay", None)]
    assert seen("ac", desk="mine") == []
    # A salesperson covers an accountant, but the case that waits is their own.
    assert seen("sa", covers={"ac": ()}) == []
    assert seen("sb", covers={"ac": ()}, desk="behalf") == [("pay", "ac")]
    assert seen("ma", narrowed=Filter(search="no such case")) == []
    assert seen("ac", narrowed=Filter(search="SA")) == [("pay", None)]


def test_a_key_belongs_to_its_sender(session: Session, tmp_path: Path) -> None:
    firm = company(session, tmp_path, CHAIN)
    sent = submitted({}, key="the same key")
    for who in ("sa", "sb"):
        firm.engine.start(session, "loan", lambda *_: {}, submitted=sent, actor=firm.actor(who), now=START)
    assert counts(session, firm.actor("ma")).mine == 2
