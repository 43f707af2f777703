"""The description and the API, held against each other from both sides."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api.company import ADVANCE, APPROVE, Api
from webapp.api.openapi import OPERATIONS
from webapp.api.problems import TITLES


@pytest.fixture(scope="module")
def described(api: Api) -> dict[str, Any]:
    answer = api.get(None, "/openapi.json")
    assert answer.status_code == 200
    return answer.json


def test_the_description_is_open_to_all_and_valid(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(described).validate()


def test_every_route_is_described_and_every_description_has_its_route(api: Api) -> None:
    rules = {
        (re.sub(r"<(?:[^:>]*:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1")), method.lower())
        for rule in api.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(operation.path, operation.method) for operation in OPERATIONS} | {("/openapi.json", "get")}
    assert described == rules


def test_everything_but_the_description_asks_for_a_token(api: Api, described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            is_open = operation.get("security") == []
            address = re.sub(r"{\w+}", "1", path)
            assert (api.call(None, method.upper(), address).status_code == 401) is not is_open, path


#: What changes a case for ever.
_ON_CASES = ("acts/{act}", "withdraw", "comments", "urge", "suspend", "resume", "jump", "terminate")


def test_every_change_that_is_kept_for_ever_asks_for_a_key(described: dict[str, Any]) -> None:
    keyed = {
        path
        for path, methods in described["paths"].items()
        if "post" in methods and {"$ref": "#/components/parameters/idempotency_key"} in methods["post"]["parameters"]
    }
    of_case = {f"/instances/{{instance_id}}/{what}" for what in _ON_CASES}
    actions = ("complete", "hand-over", "signers", "opinions", "remove", "take-back", "reassign")
    of_task = {f"/tasks/{{task_id}}/{what}" for what in actions}
    assert keyed == {"/tasks/approve", "/processes/{key}/instances", *of_task, *of_case}


def test_what_the_api_answers_is_what_the_description_says(api: Api, described: dict[str, Any]) -> None:
    started = api.start()
    task_id, case = started["next_tasks"][0]["id"], f"/instances/{started['instance']['id']}"
    answers = {
        "Me": api.get("sales_manager", "/me"),
        "TaskList": api.get("sales_manager", "/tasks"),
        "TaskWithForm": api.get("sales_manager", f"/tasks/{task_id}"),
        "ProcessList": api.get("sales_manager", "/processes"),
        "Instance": api.get("sales_manager", case),
        "History": api.get("sales_manager", f"{case}/history"),
        "Result": api.complete("sales_manager", task_id),
    }
    for name, answer in answers.items():
        assert answer.status_code == 200
        _check(described, name, answer.json)
        assert set(answer.json) <= set(_members(described, name)), name


def test_every_problem_is_what_the_description_says(api: Api, described: dict[str, Any]) -> None:
    start = "/processes/expense_advance/instances"
    for answer in (
        api.get(None, "/me"),
        api.get("hr", "/tasks/1"),
        api.get("hr", "/nothing"),
        api.post("hr", start, {"fields": ADVANCE}),
        api.post("salesperson", start, {"fields": {}}),
        api.post("salesperson", start, data=b"{", content_type="application/json"),
    ):
        assert answer.status_code >= 400
        _check(described, "Problem", answer.json)
        assert answer.json["code"] in TITLES


def test_the_examples_fit_the_forms(described: dict[str, Any]) -> None:
    _check(described, "expense_advance.request_advance", ADVANCE)
    _check(described, "expense_advance.director_opinion", APPROVE)
    for path, name in (
        ("/processes/{key}/instances", "StartFields"),
        ("/tasks/{task_id}/complete", "TaskFields"),
    ):
        example = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
        _check(described, name, example["fields"])


def _check(described: dict[str, Any], name: str, value: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
    Draft202012Validator(schema).validate(value)


def _members(described: dict[str, Any], name: str) -> dict[str, Any]:
    schema = described["components"]["schemas"][name]
    if "$ref" in schema:
        return _members(described, schema["$ref"].rsplit("/", 1)[1])
    members = dict(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        members |= _members(described, part["$ref"].rsplit("/", 1)[1]) if "$ref" in part else part["properties"]
    return members
