"""The bell for programs."""

from typing import Any

import pytest

from tests.api.company import Api
from tests.notices.conftest import Office
from webapp.extensions import db
from workflows.notices.model import NoticePreference


@pytest.fixture
def api(office: Office) -> Api:
    return Api(office.app, office.now)


def sent(api: Api, method: str, path: str, body: Any) -> Any:
    return api.call("salesperson", method, path, json=body)


def test_notices_are_listed_by_pages_and_marked_as_read(office: Office, api: Api) -> None:
    for number in range(3):
        office.tell("salesperson", key=str(number), title=f"JK-{number}", instance_id=7)
    office.tell("salesperson2", key="hers")
    first = api.get("salesperson", "/me/notices?limit=2").json
    assert [item["text"] for item in first["items"]] == ["JK-2 is completed.", "JK-1 is completed."]
    assert first["items"][0]["url"] == "/instances/7"
    second = api.get("salesperson", f"/me/notices?limit=2&before={first['next']}").json
    assert ([item["text"] for item in second["items"]], second["next"]) == (["JK-0 is completed."], None)
    ids = [item["id"] for item in first["items"]]
    assert sent(api, "POST", "/me/notices/read", {"ids": [ids[0]]}).json == {"unread": 2}
    assert sent(api, "POST", "/me/notices/read", {"ids": [ids[0]]}).json == {"unread": 2}
    assert [item["id"] for item in api.get("salesperson", "/me/notices?state=read&limit=1").json["items"]] == [ids[0]]
    assert sent(api, "POST", "/me/notices/read", {}).json == {"unread": 0}
    assert len(api.get("salesperson2", "/me/notices").json["items"]) == 1, "hers are hers"


def test_wishes_are_read_and_kept(office: Office, api: Api) -> None:
    before = api.get("salesperson", "/me/notices/preferences").json
    assert before["channels"] == ["mail"]
    assert before["preferences"]["copied"]["mail"] == "digest"
    body = {"preferences": {"copied": {"mail": "now", "feishu": "off"}}}
    after = sent(api, "PUT", "/me/notices/preferences", body)
    copied = {"mail": "now", "dingtalk": "digest", "feishu": "off", "wecom": "digest"}
    assert after.json["preferences"]["copied"] == copied
    assert sent(api, "PUT", "/me/notices/preferences", body).json == after.json
    assert {**after.json["preferences"], "copied": None} == {**before["preferences"], "copied": None}


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "/me/notices/preferences", {"preferences": {"copied": {"mail": "hourly"}}}, "copied.mail"),
        ("PUT", "/me/notices/preferences", {"preferences": {"copied": {"pigeon": "now"}}}, "copied.pigeon"),
        ("PUT", "/me/notices/preferences", {"preferences": {"copied": {"mail": ["now"]}}}, "copied.mail"),
        ("PUT", "/me/notices/preferences", {"preferences": {"channel_tested": {"mail": "now"}}}, "channel_tested"),
        ("PUT", "/me/notices/preferences", {"preferences": {"daily_digest": {"mail": "digest"}}}, "daily_digest"),
        ("PUT", "/me/notices/preferences", {"preferences": {"copied": "off"}}, "copied"),
        ("PUT", "/me/notices/preferences", {"preferences": []}, "preferences"),
        ("PUT", "/me/notices/preferences", {}, "preferences"),
        ("PUT", "/me/notices/preferences", [], ""),
        ("POST", "/me/notices/read", {"ids": ["1"]}, "ids"),
        ("POST", "/me/notices/read", {"ids": [2**63]}, "ids"),
        ("POST", "/me/notices/read", {"up_to": True}, "up_to"),
        ("POST", "/me/notices/read", {"all": True}, "all"),
        ("GET", "/me/notices?before=x", None, "before"),
        ("GET", "/me/notices?state=open", None, "state"),
        ("GET", "/me/notices?limit=101", None, "limit"),
    ],
)
def test_what_does_not_fit_is_a_422_at_its_member(
    office: Office, api: Api, method: str, path: str, body: Any, field: str
) -> None:
    office.tell("salesperson")
    answer = sent(api, method, path, body) if body is not None else api.get("salesperson", path)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    assert api.get("salesperson", "/me/notices").json["items"][0]["read_at"] is None
    with office.app.app_context():
        assert db.session.query(NoticePreference).count() == 0
