"""Rounds of signers as arithmetic: who is asked, and what the answers come to."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.engine.approvals.rounds import ADVISED, APPROVE, REJECT, RETURN, Round


def asked(table: Round) -> list[int]:
    return [seat.number for seat in table.seats if table.is_asked(seat.number)]


def test_all_sign_and_the_first_no_ends_it() -> None:
    table = Round.of(3)
    assert (table.take(0, APPROVE), table.take(2, APPROVE)) == (None, None)
    assert (asked(table), table.tally()) == ([1], (2, 3))
    assert table.take(1, APPROVE) == APPROVE
    assert Round.of(3).take(1, REJECT) == REJECT


def test_one_after_the_other_asks_one_at_a_time() -> None:
    table = Round.of(3, sequential=True)
    for number in range(3):
        assert asked(table) == [number]
        assert table.take(number, APPROVE) == (APPROVE if number == 2 else None)


def test_any_goes_by_the_first_who_decides() -> None:
    assert Round.of(3, mode="any").take(2, APPROVE) == APPROVE
    assert Round.of(3, mode="any").take(2, REJECT) == REJECT


@pytest.mark.parametrize(
    ("share", "votes", "verdicts"),
    [
        # Two thirds of three are two.
        ("2/3", [APPROVE, APPROVE], [None, APPROVE]),
        ("2/3", [REJECT, APPROVE, APPROVE], [None, None, APPROVE]),
        ("2/3", [REJECT, REJECT], [None, REJECT]),
        # More than half of three: 51 % of 3 is 1.53, so two.
        ("51/100", [APPROVE, REJECT, APPROVE], [None, None, APPROVE]),
        ("1/3", [APPROVE], [APPROVE]),
        ("1/1", [APPROVE, REJECT], [None, REJECT]),
    ],
)
def test_a_vote_is_decided_as_soon_as_it_cannot_change(share: str, votes: list[str], verdicts: list[str]) -> None:
    table = Round.of(3, mode="vote", share=Fraction(share))
    assert [table.take(number, vote) for number, vote in enumerate(votes)] == verdicts


def test_a_return_ends_the_round_at_once() -> None:
    assert Round.of(3, mode="vote", share=Fraction("1/3")).take(1, RETURN) == RETURN


def test_those_asked_before_come_first_and_those_asked_behind_come_next() -> None:
    table = Round.of(2, sequential=True)
    before = table.add_before(0, 2)
    behind = table.add_after(0, 1)
    assert asked(table) == before == [2, 3]
    table.take(2, APPROVE)
    table.take(3, APPROVE)
    assert asked(table) == [0]
    table.take(0, APPROVE)
    assert asked(table) == behind == [4]
    assert table.tally() == (0, 2)
    table.take(4, APPROVE)
    assert (asked(table), table.tally()) == ([1], (1, 2))
    assert table.take(1, APPROVE) == APPROVE


def test_an_added_signer_who_says_no_loses_only_the_vote_that_they_were_added_to() -> None:
    table = Round.of(3, mode="vote", share=Fraction("2/3"))
    [added] = table.add_before(0, 1)
    assert table.take(added, REJECT) is None
    # The first seat's vote is lost, so nobody asks its holder any more.
    assert asked(table) == [1, 2]
    assert (table.take(1, APPROVE), table.take(2, APPROVE)) == (None, APPROVE)


def test_an_opinion_decides_nothing_and_gives_the_task_back() -> None:
    table = Round.of(1)
    [adviser] = table.add_before(0, 1, "adviser")
    assert asked(table) == [adviser]
    assert table.take(adviser, ADVISED) is None
    assert asked(table) == [0]
    assert table.take(0, APPROVE) == APPROVE


def test_whoever_is_removed_takes_along_those_whom_they_asked() -> None:
    table = Round.of(1)
    [added] = table.add_before(0, 1)
    table.add_before(added, 2)
    table.remove(added)
    assert asked(table) == [0]
    assert table.verdict() is None


def test_an_answer_taken_back_is_asked_again_with_those_it_had_made_pointless() -> None:
    table = Round.of(3, mode="vote", share=Fraction("1/3"))
    table.add_after(0, 1)
    table.take(0, REJECT)
    assert asked(table) == [1, 2]
    table.withdraw_answer(0)
    assert asked(table) == [0, 1, 2]
    assert len(table.pending()) == 4


def test_the_word_of_a_step_that_is_no_approval_is_kept() -> None:
    table = Round.of(1)
    [adviser] = table.add_before(0, 1, "adviser")
    table.take(adviser, ADVISED)
    assert table.take(0, "pay") == "pay"


@given(st.data())
def test_a_round_always_comes_to_a_decision_and_never_asks_nobody_before(data: st.DataObject) -> None:
    sequential = data.draw(st.booleans())
    mode = "all" if sequential else data.draw(st.sampled_from(["all", "any", "vote"]))
    share = data.draw(st.fractions(Fraction(1, 9), 1, max_denominator=9))
    table = Round.of(data.draw(st.integers(1, 5)), mode=mode, share=share, sequential=sequential)
    verdict, moves = None, 0
    while verdict is None:
        table = Round.from_json(table.as_json())
        turn = asked(table)
        assert turn, "somebody is asked as long as nothing is decided"
        number = data.draw(st.sampled_from(turn))
        kind = table.seat(number).kind
        move = data.draw(st.sampled_from(["answer", "before", "behind", "opinion", "remove"]))
        moves += 1
        if move == "before" and kind != "adviser" and moves < 12:
            table.add_before(number, data.draw(st.integers(1, 2)))
        elif move == "behind" and kind != "adviser" and moves < 12:
            table.add_after(number, data.draw(st.integers(1, 2)))
        elif move == "opinion" and kind != "adviser" and moves < 12:
            table.add_before(number, 1, "adviser")
        elif move == "remove" and kind != "signer":
            table.remove(number)
            verdict = table.verdict()
        else:
            word = ADVISED if kind == "adviser" else data.draw(st.sampled_from([APPROVE, REJECT]))
            verdict = table.take(number, word)
    assert verdict in (APPROVE, REJECT)
    if mode == "all":
        # All sign: approved means that nobody who was asked to sign said no.
        said = [seat.said for seat in table.seats if seat.kind != "adviser" and not seat.removed]
        assert (verdict == APPROVE) == (REJECT not in said)
        assert verdict == REJECT or all(word == APPROVE for word in said)
