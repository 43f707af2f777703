"""What a step says about people who are not the ones to ask."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.engine.bpmn import diagram
from tests.engine.company import START, Company, company
from workflows.people.model import Delegation, Employee


def line(session: Session, folder: Path, **said: str) -> Company:
    """Manager, director and general manager, with attributes on the manager's and the director's step."""
    nodes = [
        "start:s",
        f"user:manage lane=sales_manager approval=true {said.get('manage', '')}",
        f"user:direct lane=sales_director approval=true {said.get('direct', '')}",
        "user:general lane=general_manager approval=true",
        "end:e",
    ]
    flows = ["s -> manage", "manage -> direct", "direct -> general", "general -> e"]
    return company(session, folder, diagram("p", [node.replace("  ", " ").strip() for node in nodes], flows))


def skipped(firm: Company, case: int) -> list[tuple[str, str]]:
    rows = firm.session.connection().exec_driver_sql(
        "SELECT element_id, opinion FROM user_task WHERE instance_id = %s AND status = 'skipped' ORDER BY id", (case,)
    )
    return [tuple(row) for row in rows]


def test_a_manager_s_own_request_goes_to_the_superior_unless_the_step_is_left_out(
    session: Session, tmp_path: Path
) -> None:
    firm = line(session, tmp_path)
    assert firm.desks(firm.start("ma").instance_id) == [("manage", "di")]


def test_a_step_of_the_starter_s_own_is_left_out_with_a_note(session: Session, tmp_path: Path) -> None:
    firm = line(session, tmp_path, manage="starterDecides=skip", direct="starterDecides=skip")
    case = firm.start("ma").instance_id
    assert (firm.desks(case), skipped(firm, case)) == ([("direct", "di")], [("manage", "starter")])
    assert "task_skipped" in firm.kinds(case)
    # A director stands above every manager, so both steps are left out.
    case = firm.start("di").instance_id
    assert (firm.desks(case), len(skipped(firm, case))) == ([("general", "ge")], 2)


@pytest.mark.parametrize(("policy", "desk"), [("ask", "ge"), ("skip", "ge")])
def test_who_has_just_decided_is_not_asked_again_where_the_step_says_so(
    session: Session, tmp_path: Path, policy: str, desk: str
) -> None:
    firm = line(session, tmp_path, direct=f"samePerson={policy}")
    session.get_one(Employee, firm.ids["ma"]).active = False
    session.flush()
    case = firm.start().instance_id
    assert firm.desks(case) == [("manage", "di")]
    firm.complete(firm.open_task(case))
    # Asked again, the director's superior takes the step; left out, the general manager keeps their own.
    element = "direct" if policy == "ask" else "general"
    assert firm.desks(case) == [(element, desk)]
    assert skipped(firm, case) == ([] if policy == "ask" else [("direct", "same_person")])


def test_who_stands_in_for_a_disabled_person_is_asked_where_the_step_says_so(session: Session, tmp_path: Path) -> None:
    firm = line(session, tmp_path, manage="disabledPerson=delegate")
    day = START.date()
    session.add(
        Delegation(
            delegator_id=firm.ids["ma"],
            delegate_id=firm.ids["fd"],
            first_on=day,
            last_on=day + dt.timedelta(days=3),
            created_at=START,
        )
    )
    session.get_one(Employee, firm.ids["ma"]).active = False
    session.flush()
    assert firm.desks(firm.start().instance_id) == [("manage", "fd")]
    firm.now += dt.timedelta(days=9)
    assert firm.desks(firm.start().instance_id) == [("manage", "di")]


def test_where_nobody_is_found_the_named_person_is_asked(session: Session, tmp_path: Path) -> None:
    firm = line(session, tmp_path, manage="nobodyFound=fd")
    for name in ("ma", "di", "ge"):
        session.get_one(Employee, firm.ids[name]).active = False
    session.flush()
    case = firm.start().instance_id
    assert (firm.desks(case), firm.incidents()) == ([("manage", "fd")], [])
    firm.complete(firm.open_task(case))
    assert firm.desks(case) == [("direct", "administrator")]
    assert [incident.kind for incident in firm.incidents()] == ["no_one_left"]
