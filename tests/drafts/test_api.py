"""Drafts, copies and approving together, for programs."""

import datetime as dt
import io
import uuid
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from tests.api.company import ADVANCE, STROKES, Api
from tests.drafts.signing import have_the_general_manager_sign
from tests.pages.office import Office


@pytest.fixture
def api(demo: Flask, now: dt.datetime) -> Api:
    """Programs that speak for the people of the demo company."""
    return Api(demo, now)


def put(api: Api, key: str, fields: Any, login: str = "salesperson", **more: Any) -> Any:
    body = {"process": "expense_advance", "fields": fields, **more}
    return api.call(login, "PUT", f"/drafts/{key}", json=body)


def approve(api: Api, tasks: list[int], login: str = "sales_manager", opinion: str = "", **more: Any) -> Any:
    body = {"tasks": [{"id": task, "revision": 1} for task in tasks], "opinion": opinion}
    return api.post(login, "/tasks/approve", body, **more)


def checked(api: Api, name: str, value: Any) -> Any:
    """A value that is as the description says."""
    described = api.get(None, "/openapi.json").json
    schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
    Draft202012Validator(schema).validate(value)
    return value


def test_a_draft_is_kept_listed_read_replaced_and_thrown_away(api: Api) -> None:
    key = str(uuid.uuid4())
    assert put(api, key, {"purpose": "广州"}).json["fields"]["purpose"] == "广州"
    kept = checked(api, "Draft", put(api, key, {"amount": "1.00", "attachments": []}).json)
    assert (kept["key"], kept["title"], kept["fields"]["amount"]) == (key, "¥1.00", "1.00")
    assert [each["key"] for each in checked(api, "DraftList", api.get("salesperson", "/drafts").json)["items"]] == [key]
    assert api.get("salesperson2", f"/drafts/{key}").status_code == 404
    assert api.call("salesperson2", "DELETE", f"/drafts/{key}").json == {"discarded": False}
    assert api.call("salesperson", "DELETE", f"/drafts/{key}").json == {"discarded": True}
    assert api.call("salesperson", "DELETE", f"/drafts/{key}").json == {"discarded": False}
    assert api.get("salesperson", f"/drafts/{key}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "at"),
    [({"amount": 12}, "amount"), ({"nothing": 1}, "nothing"), ({"spend": {}}, "spend"), ("x", "fields")],
)
def test_what_has_the_wrong_type_is_refused(api: Api, fields: Any, at: str) -> None:
    answer = put(api, str(uuid.uuid4()), fields)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, at)
    assert api.get("salesperson", "/drafts").json["items"] == []


def test_odd_drafts_are_refused(api: Api) -> None:
    key = str(uuid.uuid4())
    assert put(api, "nonsense", {}).status_code == 404
    assert put(api, key, {}, "hr").status_code == 403
    assert (
        api.call("salesperson", "PUT", f"/drafts/{key}", json={"process": "nothing", "fields": {}}).status_code == 404
    )
    assert api.call("salesperson", "PUT", f"/drafts/{key}", json=[]).status_code == 422
    assert api.call("salesperson", "PUT", f"/drafts/{key}", json={"process": 1, "fields": {}}).status_code == 422
    assert put(api, key, {}, more=1).status_code == 422
    assert api.get("salesperson", "/drafts").json["items"] == []


def test_a_case_that_names_its_draft_takes_it_away(api: Api) -> None:
    key = str(uuid.uuid4())
    put(api, key, ADVANCE)
    start = "/processes/expense_advance/instances"
    assert api.post("salesperson", start, {"fields": ADVANCE, "draft": "x"}).status_code == 422
    assert api.post("salesperson", start, {"fields": ADVANCE, "draft": key}).status_code == 201
    assert api.get("salesperson", f"/drafts/{key}").status_code == 404


def test_a_case_is_copied_with_its_documents(api: Api) -> None:
    file = {"file": (io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(64)), "行程.png")}
    old = api.call("salesperson", "POST", "/documents", data=file, content_type="multipart/form-data").json["id"]
    case = api.start("salesperson", attachments=[old])["instance"]["id"]
    values = checked(api, "CopiedValues", api.get("salesperson", f"/instances/{case}/copy").json)
    assert values == {
        "process": "expense_advance",
        "emptied": [],
        "fields": {
            **ADVANCE,
            "attachments": [old],
            "spend": [*ADVANCE["spend"], {"kind": "meals"}, {"kind": "entertainment"}, {"kind": "other"}],
        },
    }
    key = str(uuid.uuid4())
    copies = [api.post("salesperson", f"/instances/{case}/copy", {"draft": key}).json for _ in range(2)]
    assert copies[0] == checked(api, "Draft", copies[1])
    assert copies[0]["copied_from"] == case
    assert copies[0]["fields"]["attachments"] not in ([], [old])
    assert api.post("sales_manager", f"/instances/{case}/copy", {"draft": key}).status_code == 404
    assert api.post("salesperson", f"/instances/{case}/copy", {"draft": 1}).status_code == 422
    body = {"fields": copies[0]["fields"], "draft": key, "copied_from": case}
    started = api.post("salesperson", "/processes/expense_advance/instances", body)
    assert started.status_code == 201, started.text
    assert api.get("salesperson", "/drafts").json["items"] == []
    for wrong in ("1", True, 0, 2**63):
        body["copied_from"] = wrong
        assert api.post("salesperson", "/processes/expense_advance/instances", body).status_code == 422


def test_tasks_are_approved_together_with_a_result_for_each(api: Api) -> None:
    first, second = (api.start(login)["next_tasks"][0]["id"] for login in ("salesperson", "salesperson2"))
    key = uuid.uuid4().hex
    answer = approve(api, [first, 999999, second], key=key)
    items = checked(api, "ApprovedList", answer.json)["items"]
    assert [(each["task_id"], each["is_approved"]) for each in items] == [
        (first, True),
        (999999, False),
        (second, True),
    ]
    assert items[1]["problem"]["code"] == "not_found"
    assert items[0]["result"]["next_tasks"][0]["element"] == "director_opinion"
    before = api.snapshot()
    assert approve(api, [first, 999999, second], key=key).json == answer.json
    assert api.snapshot() == before
    assert (
        approve(api, [first], opinion="另一份", key=key).json["items"][0]["problem"]["code"] == "idempotency_key_reused"
    )


def test_a_required_opinion_is_named_at_its_field(api: Api) -> None:
    task = api.next_task("sales_manager", api.start()["next_tasks"][0]["id"])
    before = api.snapshot()
    [item] = approve(api, [task], "sales_director").json["items"]
    assert (item["problem"]["status"], item["problem"]["errors"][0]["field"]) == (422, "opinion")
    assert api.snapshot() == before


@pytest.mark.parametrize(
    "body",
    [
        {}, [], {"tasks": []}, {"tasks": 1}, {"tasks": [1]}, {"tasks": [{"id": 1}]},
        {"tasks": [{"id": 1, "revision": True}]},
        {"tasks": [{"id": -1, "revision": 1}]}, {"tasks": [{"id": 10**30, "revision": 1}]},
        {"tasks": [{"id": 1, "revision": 1}], "decision": "reject"},
        {"tasks": [{"id": 1, "revision": 1}], "opinion": 1},
        {"tasks": [{"id": each, "revision": 1} for each in range(1, 102)]},
    ],
)  # fmt: skip
def test_odd_batches_are_refused(api: Api, body: Any) -> None:
    assert api.post("sales_manager", "/tasks/approve", body).status_code == 422
    assert (
        api.post("sales_manager", "/tasks/approve", {"tasks": [{"id": 1, "revision": 1}]}, key=None).status_code == 400
    )


def test_a_program_signs_with_the_same_strokes(demo: Flask, api: Api, now: dt.datetime, tmp_path: Any) -> None:
    have_the_general_manager_sign(Office(demo, now), tmp_path / "signed")
    task = api.next_task("sales_manager", api.start()["next_tasks"][0]["id"])
    task = api.next_task("sales_director", task)
    approval = {"decision": "approve", "opinion": "同意"}
    for wrong in (None, [], [[[1, 1]]], [[[1, 2], [601, 2]]], "x", [[[[[]]]]]):
        answer = api.complete("general_manager", task, {**approval, "signature": wrong})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "signature"), wrong
    assert api.complete("general_manager", task, approval).status_code == 422
    assert api.complete("general_manager", task, {**approval, "signature": STROKES}).status_code == 200
