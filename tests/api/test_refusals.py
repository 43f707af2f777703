import datetime as dt
import json
from typing import Any

import pytest
from sqlalchemy import Update, update
from werkzeug.test import TestResponse

from tests.api.company import ADVANCE, Api
from webapp.extensions import db
from workflows.people.model import ApiToken, Employee
from workflows.people.tokens import token_digest

START = "/processes/expense_advance/instances"


def problem_of(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Every problem is whole."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    body = answer.json
    assert {"type", "title", "status", "detail", "instance", "code"} <= set(body)
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"].endswith(f"/{code}")
    assert body["title"] and body["detail"]
    return body


def test_a_token_opens_the_api_and_nothing_else_does(api: Api) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer sft_nobody"},
        {"Authorization": f"Basic {api.token('salesperson')}"},
        {"Authorization": f"Bearer {api.token('salesperson')}x"},
        {"Authorization": "Bearer " + "x" * 100_000},
        {"Authorization": "Bearer \xff\xfe"},
        {"Authorization": "Bearer a b"},
    ):
        for path in ("/me", "/tasks", "/tasks/1", "/processes", "/instances/1", "/instances/1/history"):
            answer = api.get(None, path, headers=headers)
            problem_of(answer, 401, "unauthorized")
            expected = 'Bearer realm="salesflow", error="invalid_token"' if headers else 'Bearer realm="salesflow"'
            assert answer.headers["WWW-Authenticate"] == expected


def test_a_browsers_session_opens_no_api(api: Api) -> None:
    client = api.app.test_client()
    with client.session_transaction() as session, api.app.app_context():
        person = db.session.get_one(Employee, api.employee_id("salesperson"))
        session.update(_user_id=person.fs_uniquifier, _fresh=True, fs_cc="set", fs_paa=1.0)
    assert client.get("/api/v1/me").status_code == 401
    assert client.post(f"/api/v1{START}", json={"fields": ADVANCE}).status_code == 401


def test_a_revoked_an_expired_and_a_disabled_persons_token_are_refused_at_once(api: Api) -> None:
    revoked, other = api.new_token("hr"), api.new_token("hr")
    expired = api.new_token("hr", valid_for=dt.timedelta(seconds=-1))
    _change(api, update(ApiToken).where(ApiToken.digest == token_digest(revoked)).values(revoked_at=api.now))
    for token, status in ((revoked, 401), (expired, 401), (other, 200)):
        assert api.get(None, "/me", headers={"Authorization": f"Bearer {token}"}).status_code == status
    _change(api, update(Employee).where(Employee.login == "hr").values(active=False))
    assert api.get(None, "/me", headers={"Authorization": f"Bearer {other}"}).status_code == 401
    _change(api, update(Employee).where(Employee.login == "hr").values(active=True))
    assert api.get(None, "/me", headers={"Authorization": f"Bearer {other}"}).status_code == 200


def test_a_task_on_another_desk_is_not_mine(api: Api) -> None:
    task_id = api.start()["next_tasks"][0]["id"]
    before = api.snapshot()
    for login in ("salesperson", "sales_manager2", "sales_director", "accountant", "administrator"):
        problem_of(api.complete(login, task_id), 403, "not_allowed")
        problem_of(api.post(login, f"/tasks/{task_id}/claim", key=None), 403, "not_allowed")
        problem_of(api.post(login, f"/tasks/{task_id}/release", key=None), 403, "not_allowed")
    assert api.snapshot() == before


def test_a_task_that_does_not_exist_is_not_found(api: Api) -> None:
    before = api.snapshot()
    for task_id in (999_999_999, 2**63 - 1, 2**63, 10**30, 0):
        problem_of(api.complete("sales_manager", task_id), 404, "not_found")
        problem_of(api.get("sales_manager", f"/tasks/{task_id}"), 404, "not_found")
        problem_of(api.post("sales_manager", f"/tasks/{task_id}/claim", key=None), 404, "not_found")
        problem_of(api.post("sales_manager", f"/instances/{task_id}/withdraw", {}), 404, "not_found")
    assert api.snapshot() == before


def test_a_decided_task_names_who_decided_and_when(api: Api) -> None:
    task_id = api.start()["next_tasks"][0]["id"]
    api.next_task("sales_manager", task_id)
    before = api.snapshot()
    refused = problem_of(api.complete("sales_manager", task_id, headers={"Accept-Language": "en"}), 409, "conflict")
    assert "王志远" in refused["detail"]
    assert "2026" in refused["detail"]
    assert api.snapshot() == before


def test_a_stale_revision_is_refused(api: Api) -> None:
    task_id = api.start()["next_tasks"][0]["id"]
    before = api.snapshot()
    for revision in (0, 2, 2**31 - 1):
        problem_of(api.complete("sales_manager", task_id, revision=revision), 409, "stale_revision")
    assert api.snapshot() == before


def test_a_key_with_another_body_is_refused(api: Api) -> None:
    first = api.post("salesperson", START, {"fields": ADVANCE}, key="same")
    assert first.status_code == 201
    before = api.snapshot()
    changed = {"fields": {**ADVANCE, "purpose": "另一个目的"}}
    problem_of(api.post("salesperson", START, changed, key="same"), 422, "idempotency_key_reused")
    assert api.snapshot() == before


def test_a_refused_submission_does_not_use_its_key_up(api: Api) -> None:
    task_id = api.start()["next_tasks"][0]["id"]
    problem_of(api.complete("sales_manager", task_id, {"decision": "perhaps"}, key="second-try"), 422, "invalid")
    assert api.complete("sales_manager", task_id, key="second-try").status_code == 200


def test_every_change_needs_a_key(api: Api) -> None:
    started = api.start()
    task_id, instance_id = started["next_tasks"][0]["id"], started["instance"]["id"]
    before = api.snapshot()
    for key in (None, " ", "x" * 121, "with blank", "a,\tb", "schlüssel"):
        problem_of(api.complete("sales_manager", task_id, key=key), 400, "idempotency_key_required")
        problem_of(api.post("salesperson", START, {"fields": ADVANCE}, key=key), 400, "idempotency_key_required")
        problem_of(
            api.post("salesperson", f"/instances/{instance_id}/withdraw", {}, key=key), 400, "idempotency_key_required"
        )
    assert api.snapshot() == before
    assert api.complete("sales_manager", task_id, key="x" * 120).status_code == 200


def test_fields_that_do_not_fit_are_named(api: Api) -> None:
    before = api.snapshot()
    for changed, field in (
        ({"amount": 12000}, "amount"),
        ({"amount": 12000.0}, "amount"),
        ({"amount": "12000.001"}, "amount"),
        ({"amount": "1e4"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": None}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "9" * 400}, "amount"),
        ({"amount": "１２０００"}, "amount"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": "   "}, "purpose"),
        ({"purpose": ["a"]}, "purpose"),
        ({"purpose": "x" * 501}, "purpose"),
        ({"purpose": "a\x00b"}, "purpose"),
        ({"purpose": "a\ud800b"}, "purpose"),
        ({"return_on": "2026-02-30"}, "return_on"),
        ({"return_on": "tomorrow"}, "return_on"),
        ({"return_on": "2026-03-09"}, "return_on"),
        ({"return_on": "0000-00-00"}, "return_on"),
        ({"return_on": 20260430}, "return_on"),
        ({"spend": {}}, "spend"),
        ({"spend": []}, "spend"),
        ({"spend": [{"kind": "transport", "amount": "11999.99"}]}, "spend"),
        ({"spend": [{"kind": "yacht", "amount": "12000.00"}]}, "spend.0.kind"),
        ({"spend": [{"kind": "meals", "amount": 12000}]}, "spend.0.amount"),
        ({"spend": [{"kind": "meals", "amount": "12000.00", "tip": "1"}]}, "spend.0.tip"),
        ({"spend": [["meals", "12000.00"]]}, "spend.0"),
        ({"spend": [{"kind": "meals", "amount": "12000.00"}] * 1000}, "spend"),
        ({"attachments": [2**63]}, "attachments"),
        ({"attachments": [-1]}, "attachments"),
        ({"attachments": ["1"]}, "attachments"),
        ({"attachments": [999999]}, "attachments"),
        ({"attachments": "1"}, "attachments"),
        ({"approved": True}, "approved"),
        ({"csrf_token": "x"}, "csrf_token"),
        ({"__class__": "x"}, "__class__"),
        ({"spend-0-amount": "1"}, "spend.0.amount"),
        ({"\x00": "x"}, ""),
        ({"validate": "x"}, "validate"),
    ):
        body = problem_of(api.post("salesperson", START, {"fields": {**ADVANCE, **changed}}), 422, "invalid")
        assert body["errors"][0]["field"] == field, (changed, body)
        assert all(error["message"] for error in body["errors"])
    assert api.snapshot() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "fields"),
        ({"fields": {}}, "amount"),
        ({"fields": None}, "fields"),
        ({"fields": []}, "fields"),
        ({"fields": ADVANCE, "revision": 1}, "revision"),
        ({"fields": ADVANCE, "actor": 1}, "actor"),
        ([], ""),
        ("fields", ""),
        (7, ""),
        (None, ""),
    ],
)
def test_an_envelope_that_does_not_fit_is_named(api: Api, body: object, field: str) -> None:
    before = api.snapshot()
    answer = api.post("salesperson", START, data=_json(body), content_type="application/json")
    assert problem_of(answer, 422, "invalid")["errors"][0]["field"] == field
    assert api.snapshot() == before


@pytest.mark.parametrize("revision", [None, "1", 1.0, True, -1, 2**31, 10**30, [], {}])
def test_a_revision_is_a_whole_number(api: Api, revision: object) -> None:
    before = api.snapshot()
    body = problem_of(api.complete("sales_manager", 1, revision=revision), 422, "invalid")
    assert body["errors"][0]["field"] == "revision"
    assert api.snapshot() == before


def test_messages_come_in_the_language_that_the_request_accepts(api: Api) -> None:
    wrong = {"fields": {**ADVANCE, "amount": 1}}
    english = api.post("salesperson", START, wrong, headers={"Accept-Language": "en-GB,en;q=0.9"}).json
    chinese = api.post("salesperson", START, wrong, headers={"Accept-Language": "zh-CN,zh;q=0.9"}).json
    assert english["errors"][0]["message"] == "This must be a text in quotation marks."
    assert (english["title"], chinese["title"]) == ("Some fields are wrong", "部分字段有误")
    assert not chinese["errors"][0]["message"].isascii()
    assert english["code"] == chinese["code"] == "invalid"
    assert english["status"] == chinese["status"] == 422


def test_places_in_a_list_are_checked(api: Api) -> None:
    for query, field in (
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("limit=", "limit"),
        ("limit=%00", "limit"),
        ("limit=1e1", "limit"),
        ("limit=%EF%BC%91", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("after=x", "after"),
        ("after=2026-01-01T00:00:00%2B00:00", "after"),
        ("after=2026-01-01T00:00:00%2B00:00~" + "9" * 40, "after"),
        ("after=2026-01-01T00:00:00%2B00:00~-1", "after"),
        ("after=2026-99-01T00:00:00%2B00:00~1", "after"),
        ("after=2026-01-01T00:00:00%2B99:99~1", "after"),
        ("after=0001-01-01T00:00:00%2B14:00~1", "after"),
        ("after=%00~1", "after"),
        ("state=all", "state"),
        ("state=", "state"),
        ("state=open%00", "state"),
    ):
        for state in ("", "&state=done") if "state" not in query else ("",):
            answer = api.get("sales_manager", f"/tasks?{query}{state}")
            assert problem_of(answer, 422, "invalid")["errors"][0]["field"] == field, query


def test_unknown_addresses_and_methods_are_problems_too(api: Api) -> None:
    for path in ("/nothing", "/tasks/-1", "/tasks/abc", "/tasks/1/eat", "/processes/%00/x", "/../me", "/tasks/1%002"):
        problem_of(api.get("salesperson", path), 404, "not_found")
    problem_of(api.get("salesperson", "/api/nothing"), 404, "not_found")
    problem_of(api.get(None, "/api/nothing"), 404, "not_found")
    problem_of(api.post("salesperson", "/processes/%00/instances", {"fields": {}}), 404, "not_found")
    problem_of(api.post("salesperson", "/processes/nothing/instances", {"fields": {}}), 404, "not_found")
    refused = api.call("salesperson", "DELETE", "/tasks/1")
    problem_of(refused, 405, "method_not_allowed")
    assert "GET" in refused.headers["Allow"]
    problem_of(api.call("salesperson", "PUT", "/tasks/1/complete", json={}), 405, "method_not_allowed")
    problem_of(api.call("salesperson", "BREW", "/tasks/1"), 405, "method_not_allowed")


def _change(api: Api, statement: Update) -> None:
    with api.app.app_context():
        db.session.execute(statement)
        db.session.commit()


def _json(body: object) -> bytes:
    return json.dumps(body).encode()
