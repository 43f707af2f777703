"""Whatever JSON a program sends, the API keeps its head."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.company import ADVANCE, Api

START = "/processes/expense_advance/instances"

#: Texts as JSON can carry them, halves of surrogate pairs and NUL included.
TEXTS = st.text(st.characters(codec=None, categories=None), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.sampled_from(["meals", "1.00", "2026-05-01"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXTS | st.sampled_from(["kind", "amount"]), inner, max_size=4)
    ),
    max_leaves=8,
)
AS_JSON: dict[str, Any] = {"content_type": "application/json"}
ANSWERS = {200, 201, 400, 403, 404, 409, 422}


@pytest.fixture(scope="module")
def waiting(api: Api) -> int:
    """A task of the manager's."""
    return int(api.start()["next_tasks"][0]["id"])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from([*ADVANCE, "customer", "attachments"]) | TEXTS, value=VALUES)
def test_no_value_of_a_field_breaks_a_step(api: Api, name: str, value: Any) -> None:
    answer = api.post("salesperson", START, data=json.dumps({"fields": {**ADVANCE, name: value}}), **AS_JSON)
    assert answer.status_code in ANSWERS, answer.text


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=VALUES | st.fixed_dictionaries({"revision": VALUES, "fields": VALUES}))
def test_no_body_breaks_an_answer(api: Api, waiting: int, body: Any) -> None:
    answer = api.post("sales_manager", f"/tasks/{waiting}/complete", data=json.dumps(body), **AS_JSON)
    assert answer.status_code in ANSWERS - {200}, answer.text


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=TEXTS, after=TEXTS, state=TEXTS | st.sampled_from(["open", "done"]))
def test_no_parameter_breaks_a_list(api: Api, limit: str, after: str, state: str) -> None:
    said = {"limit": limit, "after": after, "state": state}
    asked = {name: text.encode("utf-8", "replace") for name, text in said.items()}
    assert api.get("salesperson", "/tasks", query_string=asked).status_code in (200, 422)
