"""The whole expense advance under random hands: right and wrong people, every decision, in any order, again and again.

What should come of each attempt is worked out from the tables (``truths``); after each step all that must always hold
is checked. A refusal must have changed nothing, a repetition must change nothing and be answered the same.
"""

import datetime as dt

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, select
from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session

from tests.engine.company import submitted
from tests.properties.moves import Moves
from tests.properties.people import EVERYONE, Crowd, crowd
from tests.properties.truths import check_everything, entitled
from workflows.advance.standing import advance_of
from workflows.engine.administration import reassign, terminate
from workflows.engine.deadlines import due_escalations, due_reminders, escalate, remind
from workflows.engine.jobs import run_job
from workflows.engine.mending import retry
from workflows.engine.model import Incident, UserTask
from workflows.engine.submissions import Result
from workflows.kernel.errors import KeyReused, NotAllowed, Refusal, StaleRevision

PERSON = st.sampled_from(EVERYONE)
NOT_SELLING = {"fd", "ad", "idle"}
SELLER = st.sampled_from(["sa", "sa", "sb", "ma", "di", "ac", "both", "every"])
#: What an approver says, more often yes, so that cases get on.
VERDICT = st.sampled_from(["approve", "approve", "approve", "return", "direct", "reject"])
#: How much of what is left: all of it, a part, or a fen too much.
SHARE = st.sampled_from(["all", "all", "part", "over"])


class AdvanceMachine(Moves, RuleBasedStateMachine):
    """Some advances of one company at once."""

    connection: Connection
    company: Crowd

    def __init__(self) -> None:
        super().__init__()
        self.sent = None
        self.savepoint = self.connection.begin_nested()
        self.session = Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        self.firm = Crowd(self.session, self.company.engine, self.company.ids)
        self.firm.engine.defer = lambda _session, more: self.firm.jobs.extend(more)

    def teardown(self) -> None:
        self.session.close()
        self.savepoint.rollback()

    @initialize(
        stages=st.lists(st.tuples(SELLER, st.integers(0, 5)), min_size=1, max_size=3),
        away=st.lists(st.tuples(PERSON, PERSON), max_size=3),
    )
    def begin_in_the_middle(self, stages: list[tuple[str, int]], away: list[tuple[str, str]]) -> None:
        """Some cases that have come some way, and people on holiday, so that the random steps start deep."""
        for who, steps in stages:
            case = self.firm.request(who, **self.request("12000.00"))
            for _ in range(steps):
                for task in self.firm.open_tasks(case):
                    self.push(task)
        for delegator, delegate in away:
            if delegator != delegate:
                self.firm.delegate(delegator, delegate, [], 30)

    # Asking.

    @rule(who=SELLER, yuan=st.sampled_from(["12000.00", "0.01", "500.00"]))
    def ask(self, who: str, yuan: str) -> None:
        is_overdue = self.is_overdue(who)
        came = self.attempt(lambda: self.firm.request(who, **self.request(yuan)))
        assert isinstance(came, Refusal) == is_overdue, came

    @rule(who=PERSON)
    def ask_wrongly(self, who: str) -> None:
        """Sums that do not match, a day that is over: refused to everyone; a role that does not sell: to begin with."""
        wrong = {**self.request("12000.00"), "amount": "11999.99"}
        late = {**self.request("12000.00"), "return_on": "2026-03-09"}
        for fields in (wrong, late):
            assert isinstance(self.attempt(lambda fields=fields: self.firm.request(who, **fields)), Refusal)
        if who in NOT_SELLING:
            assert isinstance(self.attempt(lambda: self.firm.request(who, **self.request("1.00"))), NotAllowed)

    # Deciding, paying, auditing.

    @precondition(lambda self: self.open_tasks())
    @rule(data=st.data(), verdict=VERDICT, share=SHARE)
    def somebody_entitled_answers(self, data: st.DataObject, verdict: str, share: str) -> None:
        task = data.draw(st.sampled_from(self.open_tasks()))
        able = [name for name in EVERYONE if entitled(self.firm, self.firm.actor(name), task)]
        if able:
            self.answer(task, data.draw(st.sampled_from(able)), verdict, share)

    @precondition(lambda self: self.open_tasks())
    @rule(data=st.data())
    def the_case_gets_on(self, data: st.DataObject) -> None:
        self.push(data.draw(st.sampled_from(self.open_tasks())))

    @precondition(lambda self: self.all_tasks())
    @rule(data=st.data(), who=PERSON, verdict=VERDICT)
    def anybody_answers_anything(self, data: st.DataObject, who: str, verdict: str) -> None:
        task = data.draw(st.sampled_from(self.all_tasks()))
        self.answer(task, who, verdict, "all")

    @precondition(lambda self: self.open_tasks())
    @rule(data=st.data(), who=PERSON)
    def somebody_answers_an_old_form(self, data: st.DataObject, who: str) -> None:
        task = data.draw(st.sampled_from(self.open_tasks()))
        fields, _ = self.fields_for(task, "approve", "all")
        is_entitled = entitled(self.firm, self.firm.actor(who), task)
        came = self.attempt(lambda: self.complete(task, who, fields, submitted(fields, revision=task.revision + 1)))
        assert isinstance(came, StaleRevision if is_entitled else NotAllowed), came

    @precondition(lambda self: self.sent)
    @rule()
    def the_same_is_sent_again(self) -> None:
        assert self.sent is not None
        task_id, fields, submission, who, result = self.sent
        task = self.session.get_one(UserTask, task_id)
        before = self.firm.digest()
        again = self.attempt(lambda: self.complete(task, who, fields, submission))
        assert isinstance(again, Result)
        assert (again.replayed, again.as_json()) == (True, result.as_json())
        assert self.firm.digest() == before
        other = submitted({**fields, "more": "x"}, submission.key, submission.revision)
        assert isinstance(self.attempt(lambda: self.complete(task, who, fields, other)), KeyReused)

    # Desks.

    @precondition(lambda self: self.open_tasks())
    @rule(data=st.data(), who=PERSON, puts_back=st.booleans())
    def somebody_claims(self, data: st.DataObject, who: str, puts_back: bool) -> None:
        task = data.draw(st.sampled_from(self.open_tasks()))
        actor, engine = self.firm.actor(who), self.firm.engine
        may = task.assignee_id is None and entitled(self.firm, actor, task)
        came = self.attempt(lambda: engine.claim(self.session, task.id, actor=actor, now=self.firm.now))
        assert isinstance(came, Refusal) != may, came
        if may and puts_back:
            self.session.refresh(task)
            holder = self.firm.actor(self.firm.name(task.assignee_id or 0))
            assert self.attempt(lambda: engine.release(self.session, task.id, actor=holder, now=self.firm.now)) is None

    @precondition(lambda self: self.open_tasks())
    @rule(data=st.data(), by=st.sampled_from(["admin", "admin", "ge", "sa"]), to=PERSON)
    def an_administrator_reassigns(self, data: st.DataObject, by: str, to: str) -> None:
        task = data.draw(st.sampled_from(self.open_tasks()))
        came = self.attempt(lambda: reassign(
            self.firm.engine, self.session, task.id, self.firm.ids[to], reason="Away", actor=self.firm.actor(by),
            now=self.firm.now,
        ))  # fmt: skip
        assert by == "admin" or isinstance(came, NotAllowed)

    @rule(data=st.data(), delegator=PERSON, delegate=PERSON, keys=st.sampled_from([[], ["advance_settlement"]]))
    def somebody_goes_on_holiday(self, data: st.DataObject, delegator: str, delegate: str, keys: list[str]) -> None:
        if delegator != delegate and len(self.firm.delegations()) < 4:
            self.firm.delegate(delegator, delegate, keys, data.draw(st.sampled_from([0, 30])))

    @precondition(lambda self: self.firm.delegations())
    @rule(data=st.data())
    def somebody_is_back(self, data: st.DataObject) -> None:
        self.firm.take_back(data.draw(st.sampled_from(self.firm.delegations())))

    # Clearing.

    @precondition(lambda self: self.loans())
    @rule(data=st.data(), kind=st.sampled_from(["claim", "return", "deduction"]), share=SHARE, who=SELLER)
    def somebody_clears(self, data: st.DataObject, kind: str, share: str, who: str) -> None:
        advance = data.draw(st.sampled_from(self.loans()))
        row = advance_of(self.session, advance_id=advance.id, today=self.today)
        assert row is not None
        fen = {"all": row.clearable_fen, "part": row.clearable_fen // 2, "over": row.clearable_fen + 1}[share]
        borrower = self.firm.name(advance.borrower_id)
        who = data.draw(st.sampled_from([borrower, borrower, who]))
        came = self.attempt(lambda: self.hand_in(advance, kind, fen, who))
        is_right = who == borrower and 0 < fen <= row.clearable_fen
        assert isinstance(came, Refusal) != is_right, came

    # Stopping.

    @precondition(lambda self: self.cases())
    @rule(data=st.data(), who=PERSON)
    def somebody_withdraws(self, data: st.DataObject, who: str) -> None:
        case = data.draw(st.sampled_from(self.cases()))
        who = data.draw(st.sampled_from([self.firm.name(case.starter_id), who]))
        may = case.starter_id == self.firm.ids[who] and self.may_stop(case)
        came = self.attempt(lambda: self.firm.engine.withdraw(
            self.session, case.id, submitted=submitted({}), reason="Changed my mind", actor=self.firm.actor(who),
            now=self.firm.now,
        ))  # fmt: skip
        assert isinstance(came, Refusal) != may, came

    @precondition(lambda self: self.cases())
    @rule(data=st.data(), who=st.sampled_from(["admin", "ge"]))
    def somebody_terminates(self, data: st.DataObject, who: str) -> None:
        case = data.draw(st.sampled_from(self.cases()))
        may = who == "admin" and self.may_stop(case)
        came = self.attempt(lambda: terminate(
            self.firm.engine, self.session, case.id, reason="Error", actor=self.firm.actor(who), now=self.firm.now
        ))  # fmt: skip
        assert isinstance(came, Refusal) != may, came

    @rule(data=st.data())
    def an_administrator_tries_again(self, data: st.DataObject) -> None:
        waiting = self.session.scalars(select(Incident.id).where(Incident.closed_at.is_(None))).all()
        if waiting:
            incident = data.draw(st.sampled_from(waiting))
            self.attempt(lambda: retry(
                self.firm.engine, self.session, incident, resubmit=lambda _: None, actor=self.firm.actor("admin"),
                now=self.firm.now,
            ))  # fmt: skip

    # The clock and the worker.

    @rule(days=st.sampled_from([1, 3, 40]))
    def time_passes(self, days: int) -> None:
        self.firm.now += dt.timedelta(days=days)
        for due, act in ((due_reminders, remind), (due_escalations, escalate)):
            for task_id in due(self.session, self.firm.now):
                assert act(self.firm.engine, self.session, task_id, now=self.firm.now)
                assert not act(self.firm.engine, self.session, task_id, now=self.firm.now)

    @precondition(lambda self: self.firm.jobs)
    @rule()
    def the_worker_does_everything_twice(self) -> None:
        jobs = list(self.firm.jobs)
        self.firm.jobs.clear()
        for name, arguments in jobs:
            run_job(self.firm.engine, self.session, name, arguments, now=self.firm.now)
            before = self.firm.digest()
            run_job(self.firm.engine, self.session, name, arguments, now=self.firm.now)
            assert self.firm.digest() == before, name

    @invariant()
    def all_is_well(self) -> None:
        check_everything(self.firm)


def test_the_advance_keeps_its_rules_under_random_hands(database: Database) -> None:
    with database.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            made = crowd(session)
            session.commit()
            machine = type("BoundMachine", (AdvanceMachine,), {"connection": connection, "company": made})
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=12, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
                ),
            )
        outer.rollback()
