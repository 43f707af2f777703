"""Programs of administrators do what the pages do, and are refused alike."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest

from tests.api.company import Api
from tests.application import application
from tests.database import Databases


@pytest.fixture(scope="module")
def api(databases: Databases, demo_template: str) -> Iterator[Api]:
    """The application on a database of its own; each test makes cases of its own."""
    url = databases.copy(demo_template)
    now = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)
    with application(url, now) as app:
        yield Api(app, now)
    databases.drop(url)


def started(api: Api, login: str = "salesperson") -> tuple[int, int]:
    answer = api.start(login)
    return answer["instance"]["id"], answer["next_tasks"][0]["id"]


def test_a_case_is_suspended_and_goes_on_once_for_each_key(api: Api) -> None:
    case, task = started(api)
    body = {"reason": "audit"}
    first = api.post("administrator", f"/instances/{case}/suspend", body, key="s1")
    assert (first.status_code, first.json["instance"]) == (200, {"id": case, "status": "running"})
    assert api.get("sales_manager", f"/tasks/{task}").json["status"] == "waiting"
    before = api.snapshot()
    again = api.post("administrator", f"/instances/{case}/suspend", body, key="s1")
    other = api.post("administrator", f"/instances/{case}/suspend", body)
    assert (again.data, other.status_code, other.json["code"]) == (first.data, 409, "conflict")
    assert api.snapshot() == before
    resumed = api.post("administrator", f"/instances/{case}/resume", body)
    assert [each["id"] for each in resumed.json["next_tasks"]] == [task]


def test_a_case_is_taken_back_reassigned_and_terminated(api: Api) -> None:
    case, task = started(api)
    api.next_task("sales_manager", task)
    back = api.post("administrator", f"/instances/{case}/jump", {"element": "manager_approval", "reason": "wrong sum"})
    assert (back.status_code, back.json["next_tasks"][0]["element"]) == (200, "manager_approval")
    task = back.json["next_tasks"][0]["id"]
    moved = api.post("administrator", f"/tasks/{task}/reassign", {"to": "sales_manager2", "reason": "away"})
    assert moved.json["next_tasks"][0]["assignee_id"] == api.employee_id("sales_manager2")
    ended = api.post("administrator", f"/instances/{case}/terminate", {"reason": "entered twice"})
    assert ended.json["instance"] == {"id": case, "status": "terminated"}


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/instances/{case}/suspend", {}, 422, "reason"),
        ("/instances/{case}/suspend", {"reason": " "}, 422, "reason"),
        ("/instances/{case}/suspend", {"reason": 7}, 422, "reason"),
        ("/instances/{case}/suspend", {"reason": "x" * 501}, 422, "reason"),
        ("/instances/{case}/suspend", {"reason": "r", "more": 1}, 422, "more"),
        ("/instances/{case}/resume", {"reason": "r"}, 409, None),
        ("/instances/{case}/jump", {"element": "general_manager_approval", "reason": "r"}, 422, "element"),
        ("/instances/{case}/jump", {"element": "no_such_step", "reason": "r"}, 422, "element"),
        ("/instances/{case}/jump", {"reason": "r"}, 422, "element"),
        ("/instances/999999/terminate", {"reason": "r"}, 404, None),
        ("/tasks/{task}/reassign", {"to": "salesperson", "reason": "r"}, 422, "to"),
        ("/tasks/{task}/reassign", {"to": "administrator", "reason": "r"}, 422, "to"),
        ("/tasks/{task}/reassign", {"to": "sales_manager", "reason": "r"}, 422, "to"),
        ("/tasks/{task}/reassign", {"to": "nobody", "reason": "r"}, 422, "to"),
        ("/tasks/999999/reassign", {"to": "sales_manager", "reason": "r"}, 404, None),
        ("/people/sales_manager/work", {"to": "sales_manager", "reason": "r"}, 422, "to"),
        ("/people/sales_manager/work", {"to": "administrator", "reason": "r"}, 422, "to"),
        ("/people/sales_manager/work", {"to": "sales_director"}, 422, "reason"),
        ("/people/sales_manager/work", {"to": "sales_director", "reason": "r", "reports": ["x"]}, 422, "reports"),
        ("/people/nobody/work", {"to": "sales_director", "reason": "r"}, 404, None),
    ],
)
def test_what_does_not_fit_is_refused_at_its_member_and_changes_nothing(
    api: Api, path: str, body: dict[str, object], status: int, field: str | None
) -> None:
    case, task = started(api)
    before = api.snapshot()
    answer = api.post("administrator", path.format(case=case, task=task), body)
    assert (answer.status_code, api.snapshot()) == (status, before), answer.text
    assert [error["field"] for error in answer.json.get("errors", [])] == ([field] if field else [])


def test_others_are_refused(api: Api) -> None:
    case, task = started(api)
    before = api.snapshot()
    for login in ("salesperson", "general_manager", "hr", "accountant"):
        for path in (f"/instances/{case}/suspend", f"/instances/{case}/terminate", f"/tasks/{task}/reassign"):
            assert api.post(login, path, {"reason": "r", "to": "hr"}).status_code == 403
        assert api.get(login, "/people/sales_manager/work").status_code == 403
        assert api.post(login, "/people/sales_manager/work", {"to": "hr", "reason": "r"}).status_code == 403
    assert api.snapshot() == before


def test_the_work_of_a_leaver_is_seen_first_and_moved_once(api: Api) -> None:
    _case, task = started(api, "salesperson3")
    seen = api.get("administrator", "/people/sales_manager2/work?to=sales_manager")
    assert seen.status_code == 200, seen.text
    assert [(each["id"], each["hindrance"]) for each in seen.json["tasks"]] == [(task, None)]
    assert [each["name"] for each in seen.json["departments"]] == ["Sales South China"]
    body = {
        "to": "sales_manager",
        "reason": "leaves",
        "departments": [each["id"] for each in seen.json["departments"]],
        "reports": [each["id"] for each in seen.json["reports"]],
    }
    moved = api.post("administrator", "/people/sales_manager2/work", body)
    assert json.loads(moved.data) == {
        "taken": 1, "elsewhere": 0, "departments": 1, "reports": 1, "customers": 0, "registrations": 0,
    }  # fmt: skip
    before = api.snapshot()
    again = api.post("administrator", "/people/sales_manager2/work", body)
    assert json.loads(again.data) == {
        "taken": 0, "elsewhere": 0, "departments": 0, "reports": 0, "customers": 0, "registrations": 0,
    }  # fmt: skip
    assert api.snapshot() == before
    assert api.get("sales_manager", f"/tasks/{task}").json["assignee_id"] == api.employee_id("sales_manager")


def test_what_the_successor_may_not_have_is_named_with_its_new_desk(api: Api) -> None:
    _case, task = started(api)
    seen = api.get("administrator", "/people/sales_manager/work?to=salesperson").json["tasks"]
    [found] = [each for each in seen if each["id"] == task]
    assert found["hindrance"].endswith("started this case or has already acted on it.")
    assert found["instead"]["person"]["id"] == api.employee_id("sales_director")
