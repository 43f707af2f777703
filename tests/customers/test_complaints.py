"""A complaint (I6.4): the manager coordinates, the customer has the last word, twice more if dissatisfied."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.complaint import FORMS
from forms.json import from_json
from forms.registry import form_class, has_form
from tests.advance import test_diagrams as drawings
from tests.customers.firm import SEALS, Firm
from tests.engine.company import AUDIT_KEY, submitted
from workflows.customers.complaints import complaints_of
from workflows.customers.model import Complaint
from workflows.customers.process import COMPLAINT
from workflows.engine.copies import Copy
from workflows.engine.model import ProcessInstance, UserTask
from workflows.engine.runtime import Engine
from workflows.kernel.errors import Invalid
from workflows.people.model import Role


class Desk:
    """The firm with the process of complaints."""

    def __init__(self, company: Firm) -> None:
        self.company = company
        self.session = company.session
        self.customer = company.customer()
        self.engine = Engine(
            [COMPLAINT], has_form=has_form, roles=list(Role), defer=lambda *_: None, audit_key=AUDIT_KEY,
            keyring=SEALS.keyring,
        )  # fmt: skip
        self.engine.deploy(self.session, now=company.now)

    def start(self, who: str = "sa", **changes: Any) -> int:
        fields = {
            "customer": self.customer, "about": "送货", "raised_on": "2026-03-09", "content": "晚到三天", **changes,
        }  # fmt: skip
        return self.engine.start(
            self.session, "complaint", _reader(fields), submitted=submitted(fields),
            actor=self.company.actor(who), now=self.company.now,
        ).instance_id  # fmt: skip

    def answer(self, case: int, who: str, **fields: Any) -> None:
        [task] = self.tasks(case)
        self.engine.complete(
            self.session, task.id, _reader(fields), submitted=submitted(fields, uuid.uuid4().hex, task.revision),
            actor=self.company.actor(who), now=self.company.now,
        )  # fmt: skip

    def tasks(self, case: int) -> list[UserTask]:
        self.session.expire_all()
        query = select(UserTask).where(UserTask.instance_id == case, UserTask.status == "open")
        return list(self.session.scalars(query))

    def status(self, case: int) -> str:
        self.session.expire_all()
        return str(self.session.get_one(ProcessInstance, case).status)


def _reader(fields: Mapping[str, Any]) -> Callable[[str, str], Mapping[str, Any]]:
    def read(process_key: str, element_id: str) -> Mapping[str, Any]:
        form = from_json(form_class(process_key, element_id), dict(fields))
        if not form.validate():
            raise form.refusal()
        return form.answer()

    return read


@pytest.fixture
def desk(company: Firm) -> Desk:
    return Desk(company)


def test_the_diagram_may_be_deployed_and_is_clean() -> None:
    drawings.test_a_diagram_may_be_deployed_and_speaks_both_languages(COMPLAINT)
    tasks = {"coordinate_complaint", "record_customer_word"}
    assert set(COMPLAINT.operations) == tasks
    assert {element for key, element in FORMS if key == "complaint"} == {"raise_complaint", *tasks}
    drawings.test_everybody_is_reminded_after_two_working_days_and_deciders_escalated_after_four(COMPLAINT)
    drawings.test_the_drawing_shows_everything_with_straight_lines_that_cross_no_shape(COMPLAINT)


def test_a_content_customer_closes_the_complaint(desk: Desk) -> None:
    case = desk.start()
    desk.answer(case, "ma", measures="换物流")
    desk.answer(case, "sa", satisfaction="4", customer_word="可以了")
    [row] = complaints_of(desk.session, desk.customer)
    assert (row.measures, row.satisfaction, row.customer_word, row.closed_at) == (
        "换物流", 4, "可以了", desk.company.now,
    )  # fmt: skip
    assert desk.status(case) == "completed"


def test_the_director_gets_a_copy(desk: Desk, session: Session) -> None:
    case = desk.start()
    told = session.scalars(select(Copy.employee_id).where(Copy.instance_id == case)).all()
    assert list(told) == [desk.company.ids["di"]]


def test_a_dissatisfied_customer_brings_it_back_twice_and_no_more(desk: Desk) -> None:
    case = desk.start()
    for number in range(3):
        desk.answer(case, "ma", measures=f"措施{number}")
        assert [task.element_id for task in desk.tasks(case)] == ["record_customer_word"]
        desk.answer(case, "sa", satisfaction="2", customer_word="不行")
    [row] = complaints_of(desk.session, desk.customer)
    assert (row.measures, row.satisfaction) == ("措施0\n措施1\n措施2", 2)
    assert desk.status(case) == "completed"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"customer": 999_999}, "customer"),
        ({"raised_on": "2026-03-11"}, "raised_on"),
        ({"sale": 999_999}, "sale"),
        ({"content": " "}, "content"),
    ],
)
def test_a_bad_complaint_is_refused_at_its_field(desk: Desk, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        desk.start(**changes)
    assert list(refused.value.fields) == [field]
    assert desk.company.rows(Complaint) == []


def test_who_does_not_see_the_customer_takes_no_complaint_of_it_in(desk: Desk) -> None:
    with pytest.raises(Invalid):
        desk.start("far")
    assert desk.company.rows(Complaint) == []


def test_satisfaction_is_one_of_five(desk: Desk) -> None:
    case = desk.start()
    desk.answer(case, "ma", measures="换物流")
    for wrong in ("0", "6", "4.5", ""):
        with pytest.raises(Invalid):
            desk.answer(case, "sa", satisfaction=wrong, customer_word="x")
    assert desk.company.rows(Complaint)[0].satisfaction is None
