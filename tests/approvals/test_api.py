"""Colleagues, ways back and taking back by programs: the same operations, the same refusals, a key for each change."""

from typing import Any

import pytest

from tests.api.company import APPROVE, Api

REASON = "他更清楚这个客户"


def task_of(api: Api, login: str, case: int) -> int:
    items = api.get(login, "/tasks").json["items"]
    return next(int(item["id"]) for item in items if item["instance_id"] == case)


@pytest.fixture
def asked(api: Api) -> tuple[int, int]:
    """A case at its manager, and the manager's task."""
    started = api.start()
    return started["instance"]["id"], started["next_tasks"][0]["id"]


def test_a_task_says_who_signs_it_and_where_it_may_go_back(api: Api, asked: tuple[int, int]) -> None:
    case, mine = asked
    body = {"people": ["hr"], "position": "before", "reason": REASON, "revision": 1}
    assert api.post("sales_manager", f"/tasks/{mine}/signers", body).status_code == 200
    task = api.get("sales_manager", f"/tasks/{mine}").json
    assert (task["status"], task["kind"], task["form"]) == ("waiting", "signer", None)
    assert (task["round"]["mode"], task["round"]["signed"], task["round"]["total"]) == ("all", 0, 2)
    assert [(seat["kind"], seat["state"]) for seat in task["round"]["seats"]] == [
        ("signer", "later"),
        ("added", "asked"),
    ]
    theirs = api.get("hr", f"/tasks/{task_of(api, 'hr', case)}").json
    assert (theirs["kind"], theirs["question"]) == ("added", REASON)
    assert theirs["asked_by"]["id"] == api.employee_id("sales_manager")
    assert set(theirs["form"]["properties"]) == {"opinion", "decision"}
    assert api.complete("hr", theirs["id"], {"decision": "approve"}).status_code == 200
    task = api.get("sales_manager", f"/tasks/{mine}").json
    assert (task["status"], task["round"]["signed"]) == ("open", 1)
    assert [target["element"] for target in task["return_targets"]] == ["request_advance"]


def test_an_opinion_is_asked_and_given(api: Api, asked: tuple[int, int]) -> None:
    case, mine = asked
    body = {"people": ["accountant"], "question": "预算够吗？"}
    assert api.post("sales_manager", f"/tasks/{mine}/opinions", body).status_code == 200
    theirs = task_of(api, "accountant", case)
    assert api.complete("accountant", theirs, {"opinion": "够"}).status_code == 200
    assert api.get("sales_manager", f"/tasks/{mine}").json["status"] == "open"
    history = api.get("sales_manager", f"/instances/{case}/history").json["items"]
    assert "opinion_asked" in [event["kind"] for event in history]


def test_a_key_sent_again_gives_the_same_answer_and_does_nothing_twice(api: Api, asked: tuple[int, int]) -> None:
    _case, mine = asked
    body = {"to": "sales_manager2", "reason": REASON, "revision": 1}
    first = api.post("sales_manager", f"/tasks/{mine}/hand-over", body, key="once")
    after = api.snapshot()
    again = api.post("sales_manager", f"/tasks/{mine}/hand-over", body, key="once")
    assert (first.status_code, again.status_code, again.data) == (200, 200, first.data)
    assert first.json["next_tasks"][0]["assignee_id"] == api.employee_id("sales_manager2")
    reused = api.post("sales_manager", f"/tasks/{mine}/hand-over", {**body, "reason": "另一个"}, key="once")
    assert (reused.status_code, reused.json["code"]) == (422, "idempotency_key_reused")
    assert api.post("sales_manager", f"/tasks/{mine}/hand-over", body, key=None).status_code == 400
    assert api.snapshot() == after


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("hand-over", {"to": "sales_manager", "reason": REASON}, "to"),
        ("hand-over", {"to": "salesperson", "reason": REASON}, "to"),
        ("hand-over", {"to": "accountant", "reason": REASON}, "to"),
        ("hand-over", {"to": "administrator", "reason": REASON}, "to"),
        ("hand-over", {"to": "nobody_at_all", "reason": REASON}, "to"),
        ("hand-over", {"to": "sales_director", "reason": " "}, "reason"),
        ("hand-over", {"to": 7, "reason": REASON}, "to"),
        ("hand-over", {"to": "sales_director", "reason": REASON, "why": "x"}, "why"),
        ("hand-over", {"to": "sales_director", "reason": REASON, "revision": "1"}, "revision"),
        ("signers", {"people": [], "position": "before", "reason": REASON}, "people"),
        ("signers", {"people": ["hr"], "position": "beside", "reason": REASON}, "position"),
        ("signers", {"people": "hr", "position": "before", "reason": REASON}, "people"),
        ("signers", {"people": ["salesperson"], "position": "after", "reason": REASON}, "people"),
        ("opinions", {"people": ["hr"], "question": ""}, "question"),
        ("opinions", {"people": ["sales_manager"], "question": "?"}, "people"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_member_and_changes_nothing(
    api: Api, asked: tuple[int, int], path: str, body: dict[str, Any], field: str
) -> None:
    _case, mine = asked
    before = api.snapshot()
    answer = api.post("sales_manager", f"/tasks/{mine}/{path}", body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert api.snapshot() == before


@pytest.mark.parametrize("body", [[], "x", None, {"to": {}}, {"people": [None]}, {"people": [[]]}, {"reason": "\0"}])
@pytest.mark.parametrize("path", ["hand-over", "signers", "opinions", "remove"])
def test_nonsense_is_refused_and_changes_nothing(api: Api, asked: tuple[int, int], path: str, body: Any) -> None:
    _case, mine = asked
    before = api.snapshot()
    assert api.post("sales_manager", f"/tasks/{mine}/{path}", body).status_code in (400, 403, 422)
    assert api.snapshot() == before


def test_who_has_not_the_task_is_refused_and_a_stranger_learns_nothing(api: Api, asked: tuple[int, int]) -> None:
    _case, mine = asked
    before = api.snapshot()
    bodies: dict[str, dict[str, Any]] = {
        "hand-over": {"to": "sales_manager2", "reason": REASON},
        "signers": {"people": ["hr"], "position": "before", "reason": REASON},
        "opinions": {"people": ["hr"], "question": "?"},
        "remove": {"reason": REASON},
        "take-back": {},
    }
    for path, body in bodies.items():
        assert api.post("salesperson", f"/tasks/{mine}/{path}", body).status_code == 403, path
        assert api.post("salesperson", f"/tasks/999999999/{path}", body).status_code == 404, path
        if body:
            assert api.post("salesperson3", f"/tasks/{mine}/{path}", {}).status_code == 404, path
    assert api.snapshot() == before


def test_a_case_goes_back_where_the_decision_says(api: Api, asked: tuple[int, int]) -> None:
    _case, mine = asked
    director = api.next_task("sales_manager", mine)
    targets = api.get("sales_director", f"/tasks/{director}").json["return_targets"]
    assert [target["element"] for target in targets] == ["request_advance", "manager_approval"]
    assert targets[1]["person"] == "Wang Zhiyuan"  # In the language that was asked for.
    before = api.snapshot()
    fields = {"decision": "return", "opinion": "再核", "return_to": "pay", "resume": "direct"}
    refused = api.complete("sales_director", director, fields)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "return_to")
    assert api.snapshot() == before
    answer = api.complete("sales_director", director, {**fields, "return_to": "manager_approval"})
    assert answer.status_code == 200
    again = answer.json["next_tasks"][0]["id"]
    task = api.get("sales_manager", f"/tasks/{again}").json
    assert (task["kind"], task["element"]) == ("reviser", "manager_approval")
    assert [target["element"] for target in task["return_targets"]] == ["request_advance"]
    back = api.get("sales_director", f"/tasks/{api.next_task('sales_manager', again)}").json
    assert (back["element"], back["kind"], back["status"]) == ("director_opinion", "signer", "open")


def test_a_decision_is_taken_back_until_the_next_one_has_read_it(api: Api, asked: tuple[int, int]) -> None:
    case, mine = asked
    api.next_task("sales_manager", mine)
    taken = api.post("sales_manager", f"/tasks/{mine}/take-back", {"reason": "看错了"})
    assert taken.status_code == 200, taken.text
    again = taken.json["next_tasks"][0]["id"]
    director = api.next_task("sales_manager", again, APPROVE)
    assert api.post("sales_director", f"/tasks/{director}/read", {}).status_code == 200
    before = api.snapshot()
    late = api.post("sales_manager", f"/tasks/{again}/take-back", {})
    assert (late.status_code, late.json["code"]) == (409, "conflict")
    assert "林雪梅" in late.json["detail"]
    assert api.snapshot() == before
    assert api.get("salesperson", f"/instances/{case}").json["status"] == "running"


def test_who_was_asked_is_asked_no_more(api: Api, asked: tuple[int, int]) -> None:
    case, mine = asked
    api.post("sales_manager", f"/tasks/{mine}/opinions", {"people": ["hr"], "question": "?"})
    theirs = task_of(api, "hr", case)
    assert api.post("sales_manager", f"/tasks/{theirs}/remove", {"reason": "已电话沟通"}).status_code == 200
    assert api.get("sales_manager", f"/tasks/{mine}").json["status"] == "open"
    before = api.snapshot()
    assert api.post("sales_manager", f"/tasks/{theirs}/remove", {"reason": "再来"}).status_code == 409
    assert api.snapshot() == before
