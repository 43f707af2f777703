"""The ledger keeps its sums whatever happens in whatever order, and when several people act at the same moment."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine as Database
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.advance.firm import Firm, firm
from tests.engine.company import submitted
from workflows.advance.ledger import figures_of
from workflows.advance.model import Advance
from workflows.engine.model import UserTask
from workflows.kernel.errors import Conflict, Invalid
from workflows.kernel.money import from_fen

#: Yuan, so that random sums meet the 12,000.00 of the request exactly now and then.
AMOUNTS = st.sampled_from([1, 50_000, 100_000, 300_000, 600_000, 1_200_000, 1_200_001])
WAYS = st.sampled_from(["claim", "return", "deduction"])
TASK = {"claim": "audit_claim", "return": "confirm_return", "deduction": "confirm_deduction"}


class AdvanceMachine(RuleBasedStateMachine):
    """One advance under random payments and settlements, against a few numbers that know only the rules."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.database.connect()
        self.transaction = self.connection.begin()
        self.session = Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        self.company: Firm = firm(self.session)
        self.case = self.company.request()
        self.company.approve(self.case)
        self.paid = self.cleared = 0
        self.is_closed = False
        #: Case of a settlement that is under way -> (kind, fen).
        self.under_way: dict[int, tuple[str, int]] = {}

    def teardown(self) -> None:
        self.session.close()
        self.transaction.rollback()
        self.connection.close()

    @property
    def balance(self) -> int:
        return self.paid - self.cleared

    @property
    def payable(self) -> int:
        return 0 if self.is_closed else 1_200_000 - self.paid

    @property
    def reserved(self) -> int:
        return sum(fen for _, fen in self.under_way.values())

    @precondition(lambda self: self.payable > 0)
    @rule(fen=AMOUNTS)
    def pay(self, fen: int) -> None:
        if fen <= self.payable:
            self.company.pay(self.case, yuan(fen))
            self.paid += fen
        else:
            self.refused(lambda: self.company.pay(self.case, yuan(fen)))

    @precondition(lambda self: self.payable > 0)
    @rule()
    def close_the_rest(self) -> None:
        self.company.answer(self.case, "pay", close_rest=True, close_reason="Not needed")
        self.is_closed = True

    @rule(kind=WAYS, fen=AMOUNTS)
    def hand_in(self, kind: str, fen: int) -> None:
        if fen <= self.balance - self.reserved:
            self.under_way[self.settle(kind, fen)] = (kind, fen)
        else:
            self.refused(lambda: self.settle(kind, fen))

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), accepts=st.booleans())
    def decide(self, data: st.DataObject, accepts: bool) -> None:
        settlement = data.draw(st.sampled_from(sorted(self.under_way)))
        kind, fen = self.under_way.pop(settlement)
        answer: dict[str, Any] = {"decision": "approve"} if accepts else {"decision": "reject", "opinion": "No"}
        if kind == "claim" and accepts:
            answer["lines"] = [{"line": 1, "accepted": True}]
        self.company.answer(settlement, TASK[kind], **answer)
        self.cleared += fen if accepts else 0

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        settlement = data.draw(st.sampled_from(sorted(self.under_way)))
        del self.under_way[settlement]
        self.company.engine.withdraw(
            self.session, settlement, submitted=submitted({}), reason="No", actor=self.company.actor("sa"),
            now=self.company.now,
        )  # fmt: skip

    @invariant()
    def figures_agree(self) -> None:
        figures = self.company.figures(self.case)
        assert (figures.paid_fen, figures.balance_fen) == (self.paid, self.balance)
        assert (figures.payable_fen, figures.reserved_fen) == (self.payable, self.reserved)
        assert 0 <= self.reserved <= self.balance <= self.paid <= 1_200_000

    @invariant()
    def the_case_ends_exactly_when_the_loan_is_cleared(self) -> None:
        is_cleared = self.balance == 0 and self.payable == 0
        assert (self.company.case(self.case).status == "completed") == is_cleared

    def settle(self, kind: str, fen: int) -> int:
        if kind == "claim":
            return self.company.claim(self.case, yuan(fen))
        fields = {"returned_on": "2026-03-10", "method": "cash"} if kind == "return" else {"consent": True}
        return self.company.settle(self.case, kind=kind, amount=yuan(fen), **fields)

    def refused(self, action: Any) -> None:
        with pytest.raises(Invalid), self.session.begin_nested():
            action()


def yuan(fen: int) -> str:
    return str(from_fen(fen))


def test_the_ledger_agrees_with_the_rules_under_random_sequences(database: Database) -> None:
    machine = type("BoundMachine", (AdvanceMachine,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.fixture
def shared(own_database: str) -> Any:
    """A committed company with one approved advance, and a way to work on it from several connections."""
    engine = create_engine(own_database, pool_size=10)
    with Session(engine, expire_on_commit=False) as session:
        company = firm(session)
        case = company.request()
        company.approve(case)
        session.commit()
        yield engine, company, case
    engine.dispose()


def at_once(database: Database, company: Firm, actions: list[Any]) -> list[str]:
    """Let several people act at the same moment, each in a transaction of their own; gives what became of each."""
    barrier = Barrier(len(actions))

    def act(action: Any) -> str:
        with Session(database, expire_on_commit=False) as session:
            mine = Firm(session, company.engine, company.ids, company.now)
            barrier.wait()
            try:
                action(mine)
                session.commit()
            except (Invalid, Conflict) as refusal:
                session.rollback()
                return type(refusal).__name__
            return "done"

    with ThreadPoolExecutor(len(actions)) as pool:
        return sorted(pool.map(act, actions))


def test_settlements_handed_in_at_the_same_moment_never_exceed_the_balance(shared: Any) -> None:
    database, company, case = shared
    company.pay(case)
    company.session.commit()
    # Eight claims of 5,000.00 each on a balance of 12,000.00: two fit.
    outcomes = at_once(database, company, [lambda mine: mine.claim(case, "5000.00")] * 8)
    assert outcomes == ["Invalid"] * 6 + ["done"] * 2
    assert company.figures(case).reserved_fen == 1_000_000


def test_one_payment_of_several_at_the_same_moment_goes_through(shared: Any) -> None:
    database, company, case = shared
    task = company.open_task(case, "pay")
    company.session.commit()
    fields = {"amount": "12000.00", "paid_on": "2026-03-10", "method": "cash"}

    def pay(mine: Firm) -> None:
        mine.engine.complete(
            mine.session, task.id, mine.read(fields), submitted=submitted(fields, revision=1),
            actor=mine.actor("ac"), now=mine.now,
        )  # fmt: skip

    assert at_once(database, company, [pay] * 6) == ["Conflict"] * 5 + ["done"]
    assert company.entries(case) == [("paid", 1_200_000)]


def test_numbers_have_no_gaps_when_requests_come_at_the_same_moment(shared: Any) -> None:
    database, company, _ = shared
    wrong = {"attachments": [999_999]}
    actions = [lambda mine: mine.request("sb")] * 5 + [lambda mine: mine.request("sb", **wrong)] * 3
    assert at_once(database, company, actions) == ["Invalid"] * 3 + ["done"] * 5
    numbers = company.session.scalars(select(Advance.number).order_by(Advance.number))
    assert list(numbers) == [f"JK-2026-00000{number}" for number in range(1, 7)]


def test_the_database_itself_refuses_to_change_an_entry(company: Firm) -> None:
    case = company.paid()
    for statement in (
        "UPDATE advance_entry SET amount_fen = 1",
        "DELETE FROM advance_entry",
        "TRUNCATE advance_entry CASCADE",
    ):
        with pytest.raises(DBAPIError, match="never changed"), company.session.begin_nested():
            company.session.execute(text(statement))
    assert company.entries(case) == [("paid", 1_200_000)]


def test_the_database_itself_refuses_a_reversal_that_differs_from_what_it_reverses(company: Firm) -> None:
    case = company.paid()
    advance_id = company.advance(case).id
    entry = company.session.execute(text("SELECT id FROM advance_entry")).scalar_one()
    for kind, fen in (("paid", 1_199_999), ("claimed", 1_200_000)):
        with pytest.raises(DBAPIError, match="fk_advance_entry_reverses_id"), company.session.begin_nested():
            company.session.execute(
                text(
                    "INSERT INTO advance_entry (advance_id, kind, amount_fen, occurred_on, note, reverses_id,"
                    " recorded_by_id, recorded_at) VALUES (:advance, :kind, :fen, :day, 'wrong', :entry, :who, :now)"
                ),
                {"advance": advance_id, "kind": kind, "fen": fen, "day": dt.date(2026, 3, 10), "entry": entry,
                 "who": company.ids["ac"], "now": company.now},
            )  # fmt: skip
    assert figures_of(company.session, advance_id).balance_fen == 1_200_000


def test_statements_of_the_advance_s_own_stay_few(company: Firm) -> None:
    """An approval costs the advance nothing; a payment locks the advance, reads its figures and writes one entry."""
    case = company.request()
    seen: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        if "advance" in statement.partition("process_instance")[0] and "user_task" not in statement:
            seen.append(statement)

    connection = company.session.connection().engine
    event.listen(connection, "before_cursor_execute", note)
    try:
        company.answer(case, "manager_approval", decision="approve")
        assert seen == []
        company.answer(case, "director_opinion", decision="approve", opinion="Fine")
        company.answer(case, "general_manager_approval", decision="approve")
        assert len(seen) == 1
        seen.clear()
        company.pay(case, "1.00")
        assert len(seen) == 3
    finally:
        event.remove(connection, "before_cursor_execute", note)
    assert company.session.scalars(select(UserTask.element_id).where(UserTask.status == "open")).all() == ["pay"]
