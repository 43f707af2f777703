"""The forecast of a case's way, on the diagram of the expense advance."""

import datetime as dt

import pytest

from webapp.instances.case import Case, CaseTask
from webapp.instances.way import awaited_event, passed, steps_ahead
from workflows.advance.process import FOLDER
from workflows.engine.bpmn.diagrams import Diagram, load_folder, read_diagram

T0 = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def diagram() -> Diagram:
    return read_diagram(load_folder(FOLDER, "expense_advance"), "expense_advance")


def task(number: int, element: str, opened: int, closed: int | None, decision: str | None = None) -> CaseTask:
    """A task that was opened and closed so many hours after the start."""
    at = [T0 + dt.timedelta(hours=hours) if hours is not None else None for hours in (opened, closed)]
    return CaseTask(
        number, element, "expense_advance", "role", "completed" if closed else "open", 1, "A", "", None, (),
        1, at[0] or T0, None, at[1], 1 if closed else None, "A" if closed else None, None, None, None, decision, None,
    )  # fmt: skip


def case(*tasks: CaseTask, outcome: str | None = None) -> Case:
    status = "rejected" if outcome else "running"
    ended = tasks[-1].closed_at if outcome else None
    return Case(1, "expense_advance", 1, "x", status, outcome, T0, ended, 9, "S", "", "D", "", tasks)


@pytest.mark.parametrize(
    ("standing", "ahead"),
    [
        ("request_advance", ["manager_approval", "director_opinion", "general_manager_approval", "pay"]),
        ("manager_approval", ["director_opinion", "general_manager_approval", "pay"]),
        ("general_manager_approval", ["pay"]),
        ("pay", []),
    ],
)
def test_everybody_is_taken_to_agree(diagram: Diagram, standing: str, ahead: list[str]) -> None:
    assert [element.id for element in steps_ahead(diagram, [standing])] == ahead


def test_an_element_that_the_diagram_has_not_is_passed_over(diagram: Diagram) -> None:
    assert steps_ahead(diagram, ["no_such_step"]) == []


def test_what_was_passed_includes_the_gateways_and_flows_between_steps(diagram: Diagram) -> None:
    done = passed(diagram, case(task(1, "manager_approval", 0, 1, "approve"), task(2, "director_opinion", 1, None)))
    assert done == {
        "request_advance", "request_filled", "manager_approval", "manager_answered", "manager_decided",
        "manager_approved",
    }  # fmt: skip


def test_a_rejected_case_has_passed_its_end(diagram: Diagram) -> None:
    done = passed(diagram, case(task(1, "manager_approval", 0, 1, "reject"), outcome="rejected_by_manager"))
    assert {"manager_rejected", "rejected_by_manager"} <= done
    assert "manager_approved" not in done


def test_a_paid_advance_waits_to_be_cleared(diagram: Diagram) -> None:
    paid = case(task(1, "pay", 0, 1, "paid"))
    assert awaited_event(diagram, paid) == "await_clearing"
    assert diagram.element("await_clearing").name("zh") == "等待报销或归还"


def test_a_case_with_an_open_task_or_at_its_end_waits_for_no_event(diagram: Diagram) -> None:
    assert awaited_event(diagram, case(task(1, "pay", 0, 1, "paid"), task(2, "pay", 1, None))) is None
    assert awaited_event(diagram, case(task(1, "pay", 0, 1, "paid"), outcome="cleared")) is None
