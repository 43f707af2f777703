"""Copies that the diagram wants go to the holders of a role nearest to the starter, or to all of a few."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.engine.bpmn import diagram
from tests.engine.company import Company, company
from workflows.engine.copies import Copy, copy_declared
from workflows.engine.history import broken_entries, write_history
from workflows.engine.model import HistoryEvent
from workflows.engine.submissions import lock_instance
from workflows.notices.model import Notice
from workflows.people.model import Employee, EmployeeRole

NODES = [
    "start:begin lane=salesperson", "user:ask lane=sales_manager copyTo=WORDS", "end:done",
]  # fmt: skip


def firm(session: Session, tmp_path: Path, words: str) -> Company:
    nodes = [node.replace("WORDS", words) for node in NODES]
    files = diagram(
        "p", nodes, ["begin -> ask", "ask -> done"], assign={"salesperson": "starter", "sales_manager": "line"}
    )
    files["p.bpmn"] = files["p.bpmn"].replace("_and_", " ")
    return company(session, tmp_path, files)


def copied(made: Company, session: Session, case: int) -> list[str | None]:
    """Have the copies sent as the step on ``ask`` would; gives who has one now."""
    row = lock_instance(session, case, None, None, made.now)
    taken = made.engine.case_of(session, row, None, made.now)
    copy_declared(taken, ["ask", None, "no_such_element"])
    if taken.chain.rows:
        write_history(session, taken.chain)
    query = select(Copy.employee_id).where(Copy.instance_id == case).order_by(Copy.employee_id)
    return [made.name(each) for each in session.scalars(query)]


def hire(session: Session, made: Company, login: str, like: str, role: str) -> None:
    department = session.get_one(Employee, made.ids[like]).department_id
    person = Employee(login=login, name=login.upper(), department_id=department, fs_uniquifier=login)
    person.role_rows = [EmployeeRole(role=role)]
    session.add(person)
    session.flush()
    made.ids[login] = person.id


@pytest.mark.parametrize(
    ("words", "people"),
    [
        ("starter", ["sa"]),
        ("sales_director", ["di"]),
        # Nobody in the starter's line is an accountant; there are two of them.
        ("accountant", ["ac", "ad"]),
        ("starter_and_finance_director", ["sa", "fd"]),
        # The starter is one of the salespeople, and is left out where the role is meant.
        ("salesperson", ["sb"]),
    ],
)
def test_the_role_becomes_people(session: Session, tmp_path: Path, words: str, people: list[str]) -> None:
    made = firm(session, tmp_path, words)
    case = made.start().instance_id
    assert copied(made, session, case) == people
    kinds = list(session.scalars(select(HistoryEvent.kind).where(HistoryEvent.instance_id == case)))
    assert kinds.count("case_copied") == len(people)
    assert list(broken_entries(session, made.engine.audit_key)) == []
    told = session.scalars(select(Notice.employee_id).where(Notice.kind == "copied").order_by(Notice.employee_id))
    assert [made.name(each) for each in told] == people


def test_the_nearest_holders_are_taken_and_those_above_are_not(session: Session, tmp_path: Path) -> None:
    made = firm(session, tmp_path, "sales_assistant")
    hire(session, made, "near", "sa", "sales_assistant")
    hire(session, made, "near2", "sb", "sales_assistant")
    hire(session, made, "above", "di", "sales_assistant")
    hire(session, made, "elsewhere", "fd", "sales_assistant")
    case = made.start().instance_id
    assert copied(made, session, case) == ["near", "near2"]
    assert copied(made, session, case) == ["near", "near2"], "a second time nothing is sent"


def test_more_than_five_holders_elsewhere_get_none(session: Session, tmp_path: Path) -> None:
    made = firm(session, tmp_path, "hr")
    for number in range(5):
        hire(session, made, f"hr{number}", "fd", "hr")
    assert len(copied(made, session, made.start().instance_id)) == 5
    hire(session, made, "hr5", "fd", "hr")
    assert copied(made, session, made.start().instance_id) == []
    session.get_one(Employee, made.ids["hr5"]).active = False
    session.flush()
    assert len(copied(made, session, made.start().instance_id)) == 5
