"""A contested registration (I8.1): ground, reply, decision; what follows from it, and what is refused."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.json import from_json
from forms.registry import form_class, has_form
from tests.advance import test_diagrams as drawings
from tests.customers.shop import customer, product_line, registration
from tests.engine.company import AUDIT_KEY, PEOPLE, START, people, submitted
from workflows.customers import registrations
from workflows.customers.contests import contest_of, contestable, others_registrations
from workflows.customers.model import Contest, Registration
from workflows.customers.process import PROCESSES
from workflows.engine.history import broken_entries
from workflows.engine.model import ProcessInstance, UserTask
from workflows.engine.process import Actor, Opening, Outcome, Process
from workflows.engine.runtime import Engine
from workflows.engine.submissions import Result
from workflows.kernel.errors import Conflict, Invalid, NotAllowed
from workflows.notices.model import Notice
from workflows.people.model import Employee, Role


@dataclass
class Bench:
    """The small company with the processes of the archive, and one registration of Sa's."""

    session: Session
    engine: Engine
    ids: dict[str, int]
    registration_id: int
    now: dt.datetime = START
    jobs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def actor(self, name: str) -> Actor:
        return Actor(self.ids[name], frozenset({PEOPLE[name][1]}), {}, {})

    def read(self, fields: Mapping[str, Any]) -> Callable[[str, str], Mapping[str, Any]]:
        def reader(process_key: str, element_id: str) -> Mapping[str, Any]:
            form = from_json(form_class(process_key, element_id), dict(fields))
            if not form.validate():
                raise form.refusal()
            return form.answer()

        return reader

    def contest(self, who: str = "sb", **fields: Any) -> int:
        given = {"registration": self.registration_id, "ground": "We met them in January", **fields}
        result: Result = self.engine.start(
            self.session, "registration_contest", self.read(given), submitted=submitted(given),
            actor=self.actor(who), now=self.now,
        )  # fmt: skip
        return result.instance_id

    def answer(self, case: int, who: str, **fields: Any) -> None:
        [task] = self.open_tasks(case)
        self.engine.complete(
            self.session, task.id, self.read(fields), submitted=submitted(fields, uuid.uuid4().hex, task.revision),
            actor=self.actor(who), now=self.now,
        )  # fmt: skip
        self.session.expire_all()

    def open_tasks(self, case: int) -> list[UserTask]:
        self.session.expire_all()
        query = select(UserTask).where(UserTask.instance_id == case, UserTask.status == "open").order_by(UserTask.id)
        return list(self.session.scalars(query))

    def desks(self, case: int) -> list[tuple[str, str | None]]:
        names = {ident: name for name, ident in self.ids.items()}
        return [(task.element_id, names.get(task.assignee_id or 0)) for task in self.open_tasks(case)]

    def instance(self, case: int) -> ProcessInstance:
        self.session.expire_all()
        return self.session.get_one(ProcessInstance, case)

    def contested(self, case: int) -> Contest:
        self.session.expire_all()
        return self.session.scalars(select(Contest).where(Contest.instance_id == case)).one()

    def in_force(self) -> Registration:
        old = registration(self.session, self.registration_id)
        standing = registrations.in_force(self.session, old.customer_id, old.product_line_id)
        assert standing is not None
        return registration(self.session, standing.id)

    def bells(self, kind: str) -> list[str]:
        names = {ident: name for name, ident in self.ids.items()}
        return sorted(names[who] for who in self.session.scalars(select(Notice.employee_id).where(Notice.kind == kind)))


#: A sale of any shape that its owner quotes and the manager approves.
def sale(folder: Any) -> Process:
    from tests.engine.bpmn import diagram  # noqa: PLC0415

    nodes = ["start:s", "user:approve lane=sales_manager", "user:quote lane=salesperson", "end:won"]
    lanes = {"salesperson": "starter", "sales_manager": "line"}
    for name, content in diagram(
        "sale", nodes, ["s -> approve", "approve -> quote", "quote -> won"], assign=lanes
    ).items():
        (folder / name).write_text(content)

    def decide(_: Any, answer: Mapping[str, Any]) -> Outcome:
        return Outcome("approve")

    return Process("sale", folder, lambda *_: Opening("a sale"), {"approve": decide, "quote": decide})


@pytest.fixture
def bench(session: Session, tmp_path: Any) -> Bench:
    ids = people(session)
    made = customer(session, ids["sa"], "华为技术有限公司", now=START)
    registered = registrations.register(
        session, customer_id=made, product_line_id=product_line(session), need="200 cards", owner_id=ids["sa"],
        instance_id=None, now=START,
    )  # fmt: skip
    jobs: list[tuple[str, dict[str, Any]]] = []
    engine = Engine(
        [*PROCESSES, sale(tmp_path)],
        has_form=lambda key, element: key == "sale" or has_form(key, element),
        roles=[role.value for role in Role],
        defer=lambda _, batch: jobs.extend(batch),
        audit_key=AUDIT_KEY,
    )
    engine.deploy(session, now=START)
    return Bench(session, engine, ids, registered, jobs=jobs)


def test_the_owner_replies_and_the_manager_decides(bench: Bench) -> None:
    case = bench.contest()
    assert bench.instance(case).title == "华为技术有限公司 · 年卡会员"
    assert bench.desks(case) == [("reply_to_contest", "sa")]
    bench.answer(case, "sa", decision="reject", opinion="I visited them twice")
    assert bench.desks(case) == [("decide_contest", "ma")]
    found = contest_of(bench.session, case)
    assert found is not None
    assert (found.ground, found.reply, found.claimant) == ("We met them in January", "I visited them twice", "SB")


def test_a_claim_that_is_granted_transfers_the_registration_and_tells_both(bench: Bench) -> None:
    case = bench.contest()
    bench.answer(case, "sa", decision="approve", opinion="Theirs, indeed")
    bench.answer(case, "ma", decision="approve", opinion="Met them first")
    old, new = registration(bench.session, bench.registration_id), bench.in_force()
    assert (old.ended_why, old.ended_at) == ("transferred", START)
    assert (new.owner_id, new.need) == (bench.ids["sb"], "200 cards")
    assert (bench.instance(case).status, bench.instance(case).outcome) == ("completed", "registration_transferred")
    assert bench.contested(case).decision == "transferred"
    assert bench.bells("registration_transferred") == ["sa", "sb"]
    assert [job for job, _ in bench.jobs if job == "pass_case_on"] == []
    assert list(broken_entries(bench.session, AUDIT_KEY)) == []


def test_a_claim_that_is_rejected_leaves_everything_as_it_was(bench: Bench) -> None:
    case = bench.contest()
    bench.answer(case, "sa", decision="reject", opinion="No")
    bench.answer(case, "ma", decision="reject", opinion="Sa was first")
    assert bench.in_force().id == bench.registration_id
    assert (bench.instance(case).status, bench.instance(case).outcome) == ("rejected", "registration_kept")
    assert bench.contested(case).decision == "kept"
    assert bench.bells("registration_kept") == ["sa", "sb"]


def test_a_decision_and_a_reply_have_words(bench: Bench) -> None:
    case = bench.contest()
    with pytest.raises(Invalid) as refused, bench.session.begin_nested():
        bench.answer(case, "sa", decision="reject")
    assert list(refused.value.fields) == ["opinion"]
    bench.answer(case, "sa", decision="reject", opinion="No")
    with pytest.raises(Invalid) as refused, bench.session.begin_nested():
        bench.answer(case, "ma", decision="approve")
    assert list(refused.value.fields) == ["opinion"]
    assert bench.desks(case) == [("decide_contest", "ma")]


def test_only_the_owner_replies_and_only_the_manager_decides(bench: Bench) -> None:
    case = bench.contest()
    with pytest.raises(NotAllowed), bench.session.begin_nested():
        bench.answer(case, "sb", decision="approve", opinion="Mine")
    bench.answer(case, "sa", decision="reject", opinion="No")
    for who in ("sa", "sb"):
        with pytest.raises(NotAllowed), bench.session.begin_nested():
            bench.answer(case, who, decision="approve", opinion="Mine")


def test_a_managers_own_registration_is_decided_by_the_next_above(bench: Bench) -> None:
    registration(bench.session, bench.registration_id).owner_id = bench.ids["ma"]
    bench.session.flush()
    case = bench.contest()
    bench.answer(case, "ma", decision="reject", opinion="Mine")
    assert bench.desks(case) == [("decide_contest", "di")]


def test_who_has_left_is_not_asked(bench: Bench) -> None:
    bench.session.get_one(Employee, bench.ids["sa"]).active = False
    bench.session.flush()
    assert bench.desks(bench.contest()) == [("decide_contest", "ma")]


def test_one_cannot_contest_ones_own_nor_what_has_ended_nor_what_one_does_not_see(bench: Bench) -> None:
    def refusal(who: str, **fields: Any) -> str:
        with pytest.raises(Invalid) as refused, bench.session.begin_nested():
            bench.contest(who, **fields)
        assert list(refused.value.fields) == ["registration"]
        return str(refused.value)

    assert refusal("sa") == "This registration is your own."
    assert refusal("sb", registration=999_999) == "There is no such registration, or it has ended."
    hidden = customer(bench.session, bench.ids["fd"], "别处客户", now=START)
    registration(bench.session, bench.registration_id).customer_id = hidden
    bench.session.flush()
    assert refusal("sb") == "There is no such registration, or it has ended."
    assert bench.session.scalars(select(Contest)).all() == []


def test_one_cannot_contest_outside_ones_industry(bench: Bench) -> None:
    bench.session.get_one(Employee, bench.ids["sb"]).industry = "金融"
    bench.session.flush()
    with pytest.raises(Invalid, match="industry 制造, yours is 金融") as refused, bench.session.begin_nested():
        bench.contest()
    assert list(refused.value.fields) == ["registration"]


def test_one_contests_a_registration_once_at_a_time(bench: Bench) -> None:
    case = bench.contest()
    with pytest.raises(Conflict, match="already"), bench.session.begin_nested():
        bench.contest()
    bench.engine.withdraw(
        bench.session, case, submitted=submitted({}), reason="settled", actor=bench.actor("sb"), now=START
    )
    assert bench.contest() > case


def test_what_has_ended_meanwhile_is_not_transferred(bench: Bench) -> None:
    case = bench.contest()
    bench.answer(case, "sa", decision="reject", opinion="No")
    registrations.end(bench.session, bench.registration_id, why="lapsed", now=START)
    with pytest.raises(Conflict, match="ended meanwhile"), bench.session.begin_nested():
        bench.answer(case, "ma", decision="approve", opinion="Yes")
    bench.answer(case, "ma", decision="reject", opinion="It has ended")
    assert bench.instance(case).status == "rejected"


def with_sale(bench: Bench) -> int:
    case = bench.engine.start(
        bench.session, "sale", lambda *_: {}, submitted=submitted({}), actor=bench.actor("sa"), now=START
    ).instance_id
    registration(bench.session, bench.registration_id).instance_id = case
    bench.session.flush()
    return case


def test_the_sale_goes_with_the_registration(bench: Bench) -> None:
    from workflows.engine.jobs import run_job  # noqa: PLC0415

    owned = with_sale(bench)
    case = bench.contest()
    bench.answer(case, "sa", decision="reject", opinion="No")
    bench.answer(case, "ma", decision="approve", opinion="Yes")
    [arguments] = [given for job, given in bench.jobs if job == "pass_case_on"]
    run_job(bench.engine, bench.session, "pass_case_on", arguments, now=START)
    assert bench.instance(owned).starter_id == bench.ids["sb"]
    assert bench.in_force().instance_id == owned
    # A repetition changes nothing.
    run_job(bench.engine, bench.session, "pass_case_on", arguments, now=START)
    assert bench.instance(owned).starter_id == bench.ids["sb"]
    assert list(broken_entries(bench.session, AUDIT_KEY)) == []


def test_who_decides_on_the_sale_cannot_get_it(bench: Bench) -> None:
    with_sale(bench)
    case = bench.contest("ma")
    bench.answer(case, "sa", decision="reject", opinion="No")
    [(step, who)] = bench.desks(case)
    with pytest.raises(Invalid, match="decided on the sale") as refused, bench.session.begin_nested():
        bench.answer(case, str(who), decision="approve", opinion="Yes")
    assert (step, list(refused.value.fields)) == ("decide_contest", ["decision"])
    assert bench.in_force().owner_id == bench.ids["sa"]


def test_one_chooses_among_others_registrations_of_ones_industry(bench: Bench) -> None:
    def offered(who: str) -> list[int]:
        return [each.id for each in others_registrations(bench.session, bench.actor(who))]

    assert (offered("sb"), offered("ma"), offered("sa"), offered("ac")) == (
        [bench.registration_id], [bench.registration_id], [], [bench.registration_id],
    )  # fmt: skip
    assert contestable(bench.session, bench.actor("sa"), bench.registration_id) is None
    bench.session.get_one(Employee, bench.ids["sb"]).industry = "金融"
    bench.session.flush()
    assert offered("sb") == []


def test_the_diagram_speaks_both_languages_and_is_drawn_cleanly() -> None:
    [contest] = [process for process in PROCESSES if process.key == "registration_contest"]
    drawings.test_a_diagram_may_be_deployed_and_speaks_both_languages(contest)
    drawings.test_the_drawing_shows_everything_with_straight_lines_that_cross_no_shape(contest)
