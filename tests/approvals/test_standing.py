"""How far a step has come in each way of signing, from its rows and its round."""

import datetime as dt
import json
import zlib
from fractions import Fraction

import pytest

from tests.approvals.firm import task_of
from tests.pages.office import Office
from webapp.instances.case import Case, CaseTask
from webapp.instances.standing import step_shown
from workflows.engine.approvals.looking import rounds_of
from workflows.engine.approvals.rounds import Round

T0 = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)


def row(seat: int, status: str, decision: str | None = None, kind: str = "signer") -> CaseTask:
    """The row of one seat of the step ``board`` at the node ``n``."""
    closed = T0 if decision else None
    return CaseTask(
        seat + 1, "board", "board", "role", status, seat, f"P{seat}", "", None, (), 1, T0, None, closed, None, None,
        None, None, None, decision, None, node_id="n", seat=seat, kind=kind,
    )  # fmt: skip


def case(*rows: CaseTask) -> Case:
    return Case(1, "board", 1, "x", "running", None, T0, None, 9, "S", "", "D", "", rows)


@pytest.mark.parametrize(
    ("kept", "said", "mode", "tally", "states"),
    [
        (Round.of(3), {0: "approve"}, "all", (1, 3), ["signed", "asked", "asked"]),
        (Round.of(3, sequential=True), {0: "approve"}, "in_turn", (1, 3), ["signed", "asked", "later"]),
        (Round.of(2, mode="any"), {}, "any", (0, 2), ["asked", "asked"]),
        (Round.of(3, mode="vote", share=Fraction(2, 3)), {1: "reject"}, "vote", (1, 3), ["asked", "rejected", "asked"]),
    ],
)
def test_each_way_of_signing_says_how_many_have_signed_and_who_is_asked(
    kept: Round, said: dict[int, str], mode: str, tally: tuple[int, int], states: list[str]
) -> None:
    for seat, decision in said.items():
        kept.take(seat, decision)
    rows = [
        row(seat.number, "completed", said[seat.number])
        if seat.number in said
        else row(seat.number, "open" if kept.is_asked(seat.number) else "waiting")
        for seat in kept.seats
    ]
    step = step_shown(case(*rows), "n", kept)
    assert (step.mode, (step.signed, step.total), [seat.state for seat in step.seats]) == (mode, tally, states)
    assert step.share == (Fraction(2, 3) if mode == "vote" else None)
    assert len(step.pending) == len(states) - len(said)


def test_an_adviser_does_not_count_among_those_who_sign_and_who_was_removed_is_not_waited_for() -> None:
    kept = Round.of(1)
    kept.add_before(0, 1, "adviser")
    kept.add_after(0, 2)
    kept.remove(3)
    rows = [
        row(0, "waiting"), row(1, "open", kind="adviser"), row(2, "waiting", kind="added"), row(3, "cancelled"),
    ]  # fmt: skip
    step = step_shown(case(*rows), "n", kept)
    assert (step.signed, step.total) == (0, 2)
    assert [seat.state for seat in step.seats] == ["later", "asked", "later", "removed"]
    assert [task.assignee for task in step.pending] == ["P1", "P0", "P2"]


def test_one_person_alone_has_no_round() -> None:
    step = step_shown(case(row(0, "open")), "n", None)
    assert (step.mode, step.total, len(step.seats)) == ("", 0, 1)


def test_what_is_read_of_a_round_is_what_the_state_says(office: Office) -> None:
    number = office.start()
    mine = office.open_task(number)
    fields = {"people": "accountant, hr", "position": "before", "reason": "同看", "revision": "1"}
    assert office.post("sales_manager", f"/tasks/{mine}/signers", fields).status_code == 303
    theirs = task_of(office, number, "hr")
    assert office.post("hr", f"/tasks/{theirs}", {"decision": "approve", "revision": "1"}).status_code == 303
    with office.session() as session:
        [kept] = rounds_of(session, number).values()
    assert [(seat.kind, seat.after, seat.said) for seat in kept.seats] == [
        ("signer", [1, 2], None), ("added", [], None), ("added", [], "approve"),
    ]  # fmt: skip
    state = office.sql("SELECT state FROM process_instance WHERE id = :id", id=number)[0][0]
    assert "rounds" in json.loads(zlib.decompress(bytes(state)))["data"]
