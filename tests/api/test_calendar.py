"""Working days for programs: read by everyone, changed by administrators, and repeated without harm."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.company import Api
from tests.api.test_openapi import _check, described  # noqa: F401 (a fixture)
from webapp.extensions import db

OFF = {"works": False, "note": "公司团建"}


def put(api: Api, day: str, body: Any = None, login: str = "administrator", **more: Any) -> TestResponse:
    return api.call(login, "PUT", f"/calendar/{day}", **({"json": body} | more))


def changes(api: Api) -> int:
    with api.app.app_context():
        return int(db.session.connection().exec_driver_sql("SELECT count(*) FROM calendar_change").scalar_one())


def test_a_year_has_all_its_days_with_who_says_so(api: Api, described: dict[str, Any]) -> None:  # noqa: F811
    answer = api.get("salesperson", "/calendar?year=2026")
    _check(described, "Calendar", answer.json)
    assert (answer.json["is_known"], len(answer.json["days"])) == (True, 365)
    assert answer.json["days"][273] == {
        "day": "2026-10-01", "works": False, "source": "public", "public_works": False,
        "name": "National Day", "note": "",
    }  # fmt: skip
    assert api.get("salesperson", "/calendar").json["year"] == 2026
    assert api.get("salesperson", "/calendar?year=2050").json["is_known"] is False


@pytest.mark.parametrize("year", ["", "26", "1999", "2100", "20267", "x", "٢٠٢٦"])
def test_a_year_that_the_calendar_does_not_hold_is_refused(api: Api, year: str) -> None:
    answer = api.get("salesperson", f"/calendar?year={year}")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "year")


def test_a_day_is_changed_and_handed_back_and_repeating_either_is_harmless(
    api: Api,
    described: dict[str, Any],  # noqa: F811
) -> None:
    before = changes(api)
    for _ in range(2):
        answer = put(api, "2026-03-13", OFF)
        assert answer.status_code == 200
        _check(described, "CalendarDay", answer.json)
        assert (answer.json["works"], answer.json["source"], answer.json["note"]) == (False, "company", "公司团建")
    assert changes(api) == before + 1
    for _ in range(2):
        answer = put(api, "2026-03-13", {"works": None})
        assert (answer.json["works"], answer.json["source"], answer.json["note"]) == (True, "week", "")
    assert changes(api) == before + 2


@pytest.mark.parametrize(
    ("day", "body", "status", "field"),
    [
        ("2026-03-13", {"works": False}, 422, "note"),
        ("2026-03-13", {"works": False, "note": "\u0000"}, 422, "note"),
        ("2026-03-13", {"works": False, "note": "x" * 201}, 422, "note"),
        ("2026-03-13", {"works": False, "note": 1}, 422, "note"),
        ("2026-03-13", {"works": "no", "note": "x"}, 422, "works"),
        ("2026-03-13", {"works": 0, "note": "x"}, 422, "works"),
        ("2026-03-13", {}, 422, "works"),
        ("2026-03-13", {"works": True, "note": "x", "day": "2026-03-14"}, 422, "day"),
        ("2026-03-13", [], 422, ""),
        ("2026-02-30", OFF, 404, None),
        ("1999-12-31", OFF, 404, None),
        ("2026-W10-1", OFF, 404, None),
        ("20260313", OFF, 404, None),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    api: Api, day: str, body: Any, status: int, field: str | None
) -> None:
    before = changes(api)
    answer = put(api, day, body)
    assert answer.status_code == status, answer.text
    assert answer.json.get("errors", [{"field": None}])[0]["field"] == field
    assert changes(api) == before


def test_half_of_a_surrogate_pair_in_a_note_is_no_error_of_ours(api: Api) -> None:
    answer = put(api, "2026-03-13", data=b'{"works": false, "note": "a\\ud800b"}', content_type="application/json")
    assert answer.status_code in (200, 422)


def test_only_administrators_change_the_calendar(api: Api) -> None:
    before = changes(api)
    assert put(api, "2026-03-13", OFF, login="general_manager").status_code == 403
    assert changes(api) == before
