"""Random diagrams under random hands: answers, returns, hand-overs, more signers, taking back, suspension, jumps.

After each move, and however it was refused: the task rows are the seats of the saved state; nobody has two of them at
one step; somebody is asked as long as the case is open and not suspended; nobody decides on their own case; and the
history holds. At the end every case is carried to its end.
"""

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.engine.company import Company, company, submitted
from tests.properties.blocks import SIGNED_BLOCKS, drawn
from tests.properties.truths import restored_case
from workflows.engine.administration import jump, reassign, resume, suspend
from workflows.engine.approvals.colleagues import add_signers, ask_opinion, hand_over, remove_signer
from workflows.engine.approvals.seats import Place, seats_of
from workflows.engine.approvals.sending_back import take_back, targets
from workflows.engine.history import broken_entries
from workflows.engine.model import HistoryEvent, UserTask
from workflows.kernel.errors import Refusal
from workflows.people.model import Department, Employee, EmployeeRole

SPARE = [f"x{number}" for number in range(9)]
PEOPLE = ["sa", "ma", "di", "ge", "ac", "ad", "fd", *SPARE]
WHO = st.sampled_from(PEOPLE)
MOST_ANSWERS = 400
#: A case is not withdrawn before it has moved so often, so that most are walked far.
LONG_ENOUGH = 12


class Approvals(RuleBasedStateMachine):
    """One case of one diagram."""

    session: Session

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = self.session.begin_nested()
        self.folder = tempfile.TemporaryDirectory()

    @initialize(block=SIGNED_BLOCKS, way=st.sampled_from([0, 1]))
    def begin(self, block: list[Any], way: int) -> None:
        self.firm: Company = company(self.session, Path(self.folder.name), drawn(block))
        department = self.session.scalars(select(Department.id).where(Department.name == "company")).one()
        for name in SPARE:
            person = Employee(login=name, name=name, department_id=department, fs_uniquifier=name)
            person.role_rows = [EmployeeRole(role="sales_assistant")]
            self.session.add(person)
            self.session.flush()
            self.firm.ids[name] = person.id
        self.case = self.firm.start(way=way).instance_id

    # What may be done, by whoever has a task, and tried by others.

    def attempt(self, act: Callable[[], Any]) -> Any:
        try:
            with self.session.begin_nested():
                return act()
        except Refusal as refusal:
            event(f"refused: {refusal.message[:50]}")
            return None

    def rows(self, *statuses: str) -> list[UserTask]:
        self.session.expire_all()
        query = select(UserTask).where(UserTask.instance_id == self.case, UserTask.status.in_(statuses))
        return list(self.session.scalars(query.order_by(UserTask.id)))

    def pick(self, data: Any, *statuses: str) -> UserTask | None:
        rows = self.rows(*statuses)
        return rows[data.draw(st.integers(0, len(rows) - 1))] if rows else None

    def holder(self, task: UserTask) -> str:
        return self.firm.name(task.assignee_id) or "ac"

    def actor(self, name: str) -> Any:
        roles = self.session.scalars(select(EmployeeRole.role).where(EmployeeRole.employee_id == self.firm.ids[name]))
        return type(self.firm.actor("sa"))(self.firm.ids[name], frozenset(roles))

    def answer(self, task: UserTask, decision: str, **fields: Any) -> Any:
        given = {"decision": decision, "opinion": "so", "values": {"way": 1}, **fields}
        return self.attempt(
            lambda: self.firm.engine.complete(
                self.session,
                task.id,
                lambda *_: given,
                submitted=submitted(given),
                now=self.firm.now,
                actor=self.actor(self.holder(task)),
            )
        )

    def do(self, operation: Callable[..., Any], task: UserTask, who: str, *arguments: Any, **fields: Any) -> Any:
        return self.attempt(
            lambda: operation(
                self.firm.engine,
                self.session,
                task.id,
                *arguments,
                submitted=submitted({}),
                actor=self.actor(who),
                now=self.firm.now,
                **fields,
            )
        )

    @rule(data=st.data(), decision=st.sampled_from(["approve", "approve", "approve", "reject"]))
    def somebody_answers(self, data: Any, decision: str) -> None:
        task = self.pick(data, "open")
        if task is not None and task.group_role != "administrator":
            event(f"answered as {task.kind}: {self.answer(task, decision) is not None}")

    @rule(data=st.data(), straight=st.booleans())
    def somebody_sends_it_back(self, data: Any, straight: bool) -> None:
        task = self.pick(data, "open")
        if task is None or task.kind != "signer":
            return
        case = restored_case(self.firm.engine, self.session, self.firm.instance(self.case))
        to = data.draw(st.sampled_from([*targets(case, task.node_id), "s"]))
        went = self.answer(task, "return", return_to=to, resume="direct" if straight else "restart")
        event(f"sent back {'straight' if straight else 'through all'}: {went is not None}")

    @rule(data=st.data(), to=WHO)
    def somebody_hands_over(self, data: Any, to: str) -> None:
        task = self.pick(data, "open", "waiting")
        if task is not None:
            self.do(hand_over, task, self.holder(task), self.firm.ids[to], reason="away")

    @rule(data=st.data(), people=st.lists(WHO, min_size=1, max_size=2), before=st.booleans(), opinion=st.booleans())
    def somebody_asks_colleagues(self, data: Any, people: list[str], before: bool, opinion: bool) -> None:
        task = self.pick(data, "open")
        if task is None:
            return
        ids = [self.firm.ids[name] for name in people]
        if opinion:
            self.do(ask_opinion, task, self.holder(task), ids, question="well?")
        else:
            self.do(add_signers, task, self.holder(task), ids, is_before=before, reason="more eyes")

    @rule(data=st.data())
    def somebody_asks_them_no_more(self, data: Any) -> None:
        task = self.pick(data, "open", "waiting", "completed")
        if task is not None and task.asked_by_id is not None:
            self.do(remove_signer, task, self.firm.name(task.asked_by_id) or "sa", reason="not needed")

    @rule(data=st.data())
    def somebody_takes_back(self, data: Any) -> None:
        task = self.pick(data, "completed")
        if task is not None:
            done = self.do(take_back, task, self.firm.name(task.closed_by_id) or "sa", reason="a slip")
            event(f"taken back: {done is not None}")

    @rule(data=st.data())
    def somebody_opens_their_task(self, data: Any) -> None:
        task = self.pick(data, "open")
        if task is not None:
            task.read_at = self.firm.now
            self.session.flush()

    @precondition(lambda self: hasattr(self, "case") and self.firm.instance(self.case).revision > LONG_ENOUGH)
    @rule()
    def the_starter_withdraws(self) -> None:
        self.attempt(
            lambda: self.firm.engine.withdraw(
                self.session,
                self.case,
                submitted=submitted({}),
                reason="called off",
                actor=self.firm.actor("sa"),
                now=self.firm.now,
            )
        )

    @rule(on=st.booleans())
    def an_administrator_suspends_or_resumes(self, on: bool) -> None:
        self.administered(suspend if on else resume)

    @rule(data=st.data())
    def an_administrator_jumps(self, data: Any) -> None:
        rows = self.rows("completed")
        steps = sorted({row.element_id for row in rows})
        if steps:
            self.administered(jump, data.draw(st.sampled_from(steps)))

    def administered(self, operation: Callable[..., Any], *more: str) -> None:
        self.attempt(
            lambda: operation(
                self.firm.engine,
                self.session,
                self.case,
                *more,
                reason="order",
                actor=self.firm.actor("admin"),
                now=self.firm.now,
            )
        )

    @precondition(lambda self: hasattr(self, "case"))
    @invariant()
    def all_is_well(self) -> None:
        case = self.firm.instance(self.case)
        rows = self.rows("open", "waiting")
        seats = {(row.node_id, row.seat): Place(row.element_id, row.kind, row.status == "open") for row in rows}
        assert len(seats) == len(rows)
        if case.status != "running":
            assert rows == []
            return
        restored = restored_case(self.firm.engine, self.session, case)
        assert seats == seats_of(restored)
        asked = [row for row in rows if row.status == "open"]
        assert asked or case.suspended_at or restored.dues(), "nobody is asked"
        people = Counter((row.node_id, row.assignee_id) for row in rows if row.assignee_id is not None)
        assert not people or max(people.values()) == 1, "two tasks for one step and person"
        for row in rows:
            assert row.kind == "reviser" or row.assignee_id != case.starter_id
        assert list(broken_entries(self.session, self.firm.engine.audit_key)) == []

    def teardown(self) -> None:
        try:
            if hasattr(self, "case"):
                self.carry_to_its_end()
        finally:
            self.savepoint.rollback()
            self.session.expunge_all()
            self.folder.cleanup()

    def carry_to_its_end(self) -> None:
        self.administered(resume)
        for _ in range(MOST_ANSWERS):
            waiting = self.rows("open")
            if not waiting:
                break
            if waiting[0].group_role == "administrator":
                self.find_somebody(waiting[0])
            else:
                assert self.answer(waiting[0], "approve") is not None
        assert self.rows("open", "waiting") == []
        case = self.firm.instance(self.case)
        if case.status == "running":
            # Only a timer beside the last step is still waited for.
            assert restored_case(self.firm.engine, self.session, case).dues()

    def find_somebody(self, task: UserTask) -> None:
        for name in PEOPLE:
            given = self.attempt(
                lambda name=name: (
                    reassign(
                        self.firm.engine,
                        self.session,
                        task.id,
                        self.firm.ids[name],
                        reason="left alone",
                        actor=self.firm.actor("admin"),
                        now=self.firm.now,
                    )
                    or True
                )
            )
            if given:
                return
        raise AssertionError("nobody could be found")


def test_every_case_keeps_its_rules_and_reaches_its_end(session: Session) -> None:
    class Bound(Approvals):
        pass

    Bound.session = session
    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert session.scalars(select(HistoryEvent.seq)).first() is None
