"""The ledger of a sale under random hands: receipts, over-payments, corrections and refunds in any order.

A plain model keeps what must come of each attempt. Whatever was done, the events of an entry add up to it, nothing is
held below zero on any line, and a refusal has changed nothing.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.sale.firm import Firm, firm
from workflows.kernel.errors import Refusal

#: Two items: 200 cards for 200,000 yuan and two suites for 100,000 yuan.
TWO = ({"product": "card", "quantity": "200"}, {"product": "suite", "quantity": "2"})
CONTRACTED = 30_000_000
#: Few sums, and large ones, so that lines are filled, emptied and exceeded within a few moves.
FEN = st.sampled_from([1, 3_333_333, 10_000_000, 10_000_000, 15_000_000, 20_000_000])
ORDINAL = st.integers(0, 3)
RECEIVE = st.tuples(st.just("receive"), FEN, st.sampled_from([True, True, True, False]))
MOVE = st.one_of(
    RECEIVE,
    st.tuples(st.just("reverse"), ORDINAL, st.none()),
    st.tuples(st.sampled_from(["ask", "give_back"]), FEN, st.sampled_from([None, 0, 1, 1])),
    st.tuples(st.sampled_from(["pay", "reject"]), ORDINAL, st.none()),
)
#: Money first, else there is nothing to move.
MOVES = st.tuples(st.lists(RECEIVE, min_size=2, max_size=3), st.lists(MOVE, min_size=2, max_size=10))
_EVENTS = """
SELECT r.id, CASE WHEN r.reverses_id IS NULL THEN r.amount_fen ELSE -r.amount_fen END AS fen,
       (SELECT sum(CASE WHEN e.reverses_id IS NULL THEN e.amount_fen ELSE -e.amount_fen END)
          FROM sale_event e WHERE e.receipt_id = r.id) AS told
  FROM receipt r
"""


@pytest.fixture
def company(session: Session) -> Firm:
    return firm(session)


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


class Model:
    """What a child would write on paper: entries that stand, what was paid back, what is asked back."""

    def __init__(self) -> None:
        self.standing: dict[int, int] = {}
        self.refunded = 0
        self.asked: dict[int, int] = {}

    @property
    def received(self) -> int:
        return sum(self.standing.values())

    @property
    def free(self) -> int:
        return self.received - self.refunded - sum(self.asked.values())


class Ledger:
    """The sale and the model side by side."""

    def __init__(self, company: Firm, case: int) -> None:
        self.company, self.case, self.model = company, case, Model()

    def attempt(self, action: Any) -> Any:
        """The result, or None where it was refused and everything stayed as it was."""
        before = self.company.snapshot()
        try:
            with self.company.session.begin_nested():
                return action()
        except Refusal:
            assert self.company.snapshot() == before
            return None

    def receive(self, fen: int, is_meant: bool) -> None:
        owed = max(CONTRACTED - self.model.received, 0)
        known = set(self.company.receipts(self.case))
        done = self.attempt(lambda: self.company.receive(self.case, yuan(fen), accept_overpayment=is_meant))
        assert (done is not None) == (fen <= owed or is_meant)
        if done is not None:
            [new] = set(self.company.receipts(self.case)) - known
            self.model.standing[new] = fen

    def reverse(self, index: int, _: None) -> None:
        if not self.model.standing:
            return
        wrong = list(self.model.standing)[index % len(self.model.standing)]
        fen = self.model.standing[wrong]
        done = self.attempt(
            lambda: self.company.act(self.case, "reverse_receipt", "ac", receipt=wrong, reason="Wrong")
        )
        if done is not None:
            assert fen <= self.model.free
            del self.model.standing[wrong]

    def ask(self, fen: int, position: int | None) -> None:
        line = None if position is None else self.company.order_lines(self.case)[position]
        named = {} if line is None else {"line": line.id}
        most = self.model.free if line is None else min(self.model.free, line.free_fen)
        case = self.attempt(lambda: self.company.ask_back(self.case, yuan(fen), **named))
        assert (case is not None) == (fen <= most)
        if case is not None:
            self.model.asked[case] = fen

    def give_back(self, fen: int, position: int | None) -> None:
        """Ask for money back and pay it."""
        self.ask(fen, position)
        self.pay(-1, None)

    def pay(self, index: int, _: None) -> None:
        """A refund that was asked for and approved can always be paid, whatever else happened."""
        if not self.model.asked:
            return
        case = list(self.model.asked)[index % len(self.model.asked)]
        while "pay_refund" not in self.company.waiting(case):
            self.company.answer(case, self.company.waiting(case)[0], decision="approve", opinion="Agreed")
        self.company.pay_back(case)
        self.model.refunded += self.model.asked.pop(case)

    def reject(self, index: int, _: None) -> None:
        if not self.model.asked:
            return
        case = list(self.model.asked)[index % len(self.model.asked)]
        self.company.answer(case, "approve_refund", decision="reject", opinion="No ground")
        del self.model.asked[case]

    def check(self) -> None:
        figures, lines = self.company.figures(self.case), self.company.order_lines(self.case)
        assert figures.received_fen == self.model.received
        assert figures.refunded_fen == self.model.refunded
        assert figures.reserved_fen == sum(self.model.asked.values())
        assert figures.refundable_fen == self.model.free >= 0
        assert all(0 <= line.reserved_fen <= line.held_fen for line in lines)
        assert all(line.received_fen <= line.amount_fen for line in lines)
        beyond = figures.held_fen - sum(line.held_fen for line in lines)
        assert beyond >= 0
        # Money lies beyond the order only once nothing is owed on any line.
        assert beyond == 0 or all(line.owed_fen == 0 for line in lines)
        for row in self.company.session.connection().exec_driver_sql(_EVENTS):
            assert row.fen == row.told


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(moves=MOVES)
def test_the_ledger_of_a_sale_agrees_with_a_plain_model(company: Firm, moves: tuple[Any, Any]) -> None:
    outside = company.session.begin_nested()
    ledger = Ledger(company, company.signed(lines=TWO))
    for name, *arguments in [*moves[0], *moves[1]]:
        getattr(ledger, name)(*arguments)
        ledger.check()
    outside.rollback()
    company.session.expire_all()
