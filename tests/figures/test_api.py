"""The figures for programs."""

import datetime as dt

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from tests.api.company import Api


@pytest.fixture
def api(demo: Flask, now: dt.datetime) -> Api:
    return Api(demo, now)


def test_a_program_reads_the_same_figures_in_seconds(api: Api) -> None:
    task = api.start()["next_tasks"][0]["id"]
    api.next_task("sales_manager", task)
    answer = api.get("sales_director", "/figures?from=2026-03-01&process=expense_advance")
    assert answer.status_code == 200
    body = answer.json
    assert (body["from"], body["to"], body["process"], body["department_id"]) == (
        "2026-03-01", "2026-03-10", "expense_advance", None,
    )  # fmt: skip
    assert {row["element"]: (row["open"], row["answered"]) for row in body["steps"]} == {
        "manager_approval": (0, 1),
        "director_opinion": (1, 0),
    }
    assert [row["month"] for row in body["months"]][-1] == "2026-03"
    described = api.get(None, "/openapi.json").json
    schema = {"$ref": "#/components/schemas/Figures", "components": described["components"]}
    Draft202012Validator(schema).validate(body)


def test_a_stranger_is_refused_and_a_manager_gets_their_own_people_only(api: Api) -> None:
    api.next_task("sales_manager", api.start()["next_tasks"][0]["id"])
    before = api.snapshot()
    refused = api.get("salesperson", "/figures")
    assert (refused.status_code, refused.json["code"]) == (403, "not_allowed")
    assert {row["name"] for row in api.get("sales_manager", "/figures").json["people"]} == {"王志远"}
    assert api.get("sales_manager2", "/figures").json["people"] == []
    assert api.snapshot() == before


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("to=2026-03-01", "from"),
        ("from=2026-03-02&to=2026-03-01", "to"),
        ("from=2020-03-02&to=2026-03-01", "from"),
        ("department=1e3", "department"),
        ("department=9223372036854775808", "department"),
        ("process=%00", "process"),
    ],
)
def test_what_does_not_fit_is_named(api: Api, query: str, field: str) -> None:
    answer = api.get("general_manager", f"/figures?{query}")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]
