"""Customers for programs."""

import pytest
from flask import Flask

from tests.api.company import Api

VISIT = {"kind": "phone", "visited_on": "2026-03-10", "visitors": "张小明", "content": "谈了年卡", "result": "要报价"}


@pytest.fixture
def api(demo: Flask, now: object) -> Api:
    return Api(demo, now)  # type: ignore[arg-type]


def ident(api: Api) -> int:
    return int(api.get("salesperson", "/customers?q=nbkf").json["items"][0]["id"])


def test_the_list_is_paged_and_narrowed(api: Api) -> None:
    first = api.get("salesperson", "/customers?part=mine&limit=3").json
    rest = api.get("salesperson", f"/customers?part=mine&limit=3&after={first['next']}").json
    assert [row["name"] for row in [*first["items"], *rest["items"]]] == [
        "苏州博爱体检中心", "绍兴口腔医院", "宁波康复中心", "杭州仁和医院",
    ]  # fmt: skip
    assert rest["next"] is None
    for wrong in ("grade=E", "standing=x", "part=none", "after=x", "limit=0"):
        assert api.get("salesperson", f"/customers?{wrong}").status_code == 422


def test_contacts_stay_masked_and_finance_gets_none(api: Api) -> None:
    mine = ident(api)
    found = api.get("salesperson", f"/customers/{mine}").json
    assert [one["phone"] for one in found["contacts"]] == ["138****0100", "138****0101"]
    assert len(found["visits"]) == 2
    theirs = api.get("accountant", f"/customers/{mine}").json
    assert (theirs["contacts"], theirs["visits"]) == ([], [])
    assert api.get("accountant", "/customers?q=nbkf").json["items"][0]["phone"] is None
    assert api.get("salesperson3", f"/customers/{mine}").status_code == 404


def test_a_visit_is_recorded_once_and_a_wrong_one_is_refused_at_its_field(api: Api) -> None:
    mine = ident(api)
    first, second = (api.call("salesperson", "POST", f"/customers/{mine}/visits", json=VISIT) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    for field, value in {"visited_on": "2026-03-11", "kind": "letter", "content": " ", "instance_id": "x"}.items():
        answer = api.call("salesperson", "POST", f"/customers/{mine}/visits", json={**VISIT, field: value})
        assert answer.status_code == 422, field
        assert [error["field"] for error in answer.json["errors"]] == [field]
    assert len(api.get("salesperson", f"/customers/{mine}").json["visits"]) == 3
