"""Working days in the browser: who reads, who changes, and what comes of a change."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from tests.api.company import Api
from tests.application import Visitor
from webapp.extensions import db
from webapp.work import _recount_deadlines

DAY = dt.timedelta(days=1)
SET = {"works": "off", "note": "公司团建"}


@pytest.fixture
def administrator(demo: Flask) -> Visitor:
    return Visitor(demo).sign_in_as("administrator")


def rows(app: Flask, sql: str = "SELECT day, works FROM calendar_day ORDER BY change_id, day") -> list[Any]:
    with app.app_context():
        return [tuple(row) for row in db.session.connection().exec_driver_sql(sql)]


def jobs(app: Flask) -> int:
    found = rows(app, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'recount_deadlines'")
    return int(found[0][0])


def text(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def test_everyone_reads_the_year_and_only_administrators_find_a_form(demo: Flask, administrator: Visitor) -> None:
    page = text(Visitor(demo).sign_in_as("salesperson"), "/calendar")
    assert "2026 年工作日历" in page
    assert "2026年10月1日：法定节假日，国庆节" in page
    assert "2026年10月10日：国庆节调休上班" in page
    assert 'name="first_on"' not in page
    assert 'name="first_on"' in text(administrator, "/calendar")
    assert "National Day" in text(administrator, "/calendar?lang=en")


def test_a_year_that_the_public_calendar_does_not_know_says_so(administrator: Visitor) -> None:
    assert "2050 年的法定节假日安排尚未收录" in text(administrator, "/calendar?year=2050")
    assert "尚未收录" not in text(administrator, "/calendar?year=2026")


@pytest.mark.parametrize("path", ["/calendar/2026-02-30", "/calendar/20260303", "/calendar/1999-12-31", "/calendar/x"])
def test_what_is_no_day_is_not_found(administrator: Visitor, path: str) -> None:
    assert administrator.get(path).status_code == 404
    assert administrator.post(path, SET).status_code == 404


@pytest.mark.parametrize("year", ["", "abc", "1999", "2100", "٢٠٢٦", "-1", "99999999999999"])
def test_what_is_no_year_shows_this_one(administrator: Visitor, year: str) -> None:
    assert "2026 年工作日历" in text(administrator, f"/calendar?year={year}")


def test_a_day_becomes_a_day_off_with_a_note_that_everyone_reads(demo: Flask, administrator: Visitor) -> None:
    answer = administrator.post("/calendar/2026-03-13", SET)
    assert answer.headers["Location"] == "/calendar?year=2026#month-3"
    assert rows(demo) == [(dt.date(2026, 3, 13), False)]
    assert jobs(demo) == 1
    page = text(Visitor(demo).sign_in_as("salesperson"), "/calendar")
    assert "2026年3月13日：公司规定休息（公司团建）" in page
    assert "期限将在一分钟内随之调整" in text(administrator, "/calendar/2026-03-13")


def test_sending_the_form_again_changes_nothing(demo: Flask, administrator: Visitor) -> None:
    for _ in range(2):
        assert administrator.post("/calendar/2026-03-13", SET).status_code == 303
    assert len(rows(demo)) == 1
    assert jobs(demo) == 1


def test_a_day_without_a_reason_comes_back_at_the_field(demo: Flask, administrator: Visitor) -> None:
    answer = administrator.post("/calendar/2026-03-13", {"works": "off", "note": " "})
    assert answer.status_code == 422
    assert "请填写原因" in answer.get_data(as_text=True)
    assert administrator.post("/calendar/2026-03-13", {"works": "perhaps", "note": "x"}).status_code == 422
    assert rows(demo) == []


def test_a_range_changes_only_the_days_that_become_different(demo: Flask, administrator: Visitor) -> None:
    sent = {**SET, "first_on": "2026-03-12", "last_on": "2026-03-16"}
    assert administrator.post("/calendar", sent).status_code == 303
    assert rows(demo) == [(dt.date(2026, 3, 12), False), (dt.date(2026, 3, 13), False), (dt.date(2026, 3, 16), False)]
    assert administrator.post("/calendar", sent).status_code == 303
    assert "日历原本如此" in text(administrator, "/calendar")
    assert len(rows(demo)) == 3


def test_a_range_of_work_leaves_weekends_alone_where_asked_to(demo: Flask, administrator: Visitor) -> None:
    # 1 to 7 October are holidays; the 3rd and 4th are a weekend, the 10th is worked already.
    sent = {"works": "on", "note": "赶工", "first_on": "2026-10-01", "last_on": "2026-10-11", "only_weekdays": "y"}
    assert administrator.post("/calendar", sent).status_code == 303
    assert [day.day for day, _ in rows(demo)] == [1, 2, 5, 6, 7]


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        ({"first_on": "2026-03-12", "last_on": "2026-03-11"}, "该日期早于起始日期"),
        ({"first_on": "2026-03-12", "last_on": "2028-03-12"}, "一次最多 366 天"),
        ({"first_on": "2026-03-01", "last_on": "2026-06-30"}, "连续 60 天以上没有工作日"),
        ({"first_on": "1999-03-12"}, "日历的年份范围为 2000 至 2099"),
        ({"first_on": "9999-12-31"}, "日历的年份范围为 2000 至 2099"),
        ({"first_on": "yesterday"}, "请检查标出的栏目"),
        ({"first_on": "0001-01-01", "last_on": "9999-12-31"}, "一次最多 366 天"),
    ],
)
def test_a_range_that_makes_no_sense_comes_back_filled_in(
    demo: Flask, administrator: Visitor, sent: dict[str, str], complaint: str
) -> None:
    answer = administrator.post("/calendar", {**SET, **sent})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert complaint in page
    assert "公司团建" in page
    assert rows(demo) == []


def test_a_change_is_undone_once_and_the_trail_keeps_both(demo: Flask, administrator: Visitor) -> None:
    administrator.post("/calendar/2026-03-13", SET)
    number = rows(demo, "SELECT max(id) FROM calendar_change")[0][0]
    for _ in range(2):
        assert administrator.post(f"/calendar/changes/{number}/undo?year=2026").status_code == 303
    assert rows(demo) == [(dt.date(2026, 3, 13), False), (dt.date(2026, 3, 13), None)]
    page = text(administrator, "/calendar")
    assert "恢复原样" in page
    assert "已撤回" in page
    assert administrator.post("/calendar/changes/999999999/undo").status_code == 404


def test_a_change_that_was_overtaken_is_not_undone(demo: Flask, administrator: Visitor) -> None:
    administrator.post("/calendar/2026-03-13", SET)
    number = rows(demo, "SELECT max(id) FROM calendar_change")[0][0]
    administrator.post("/calendar/2026-03-13", {"works": "on", "note": "改期"})
    before = rows(demo)
    answer = administrator.post(f"/calendar/changes/{number}/undo")
    assert answer.status_code == 409
    assert "请先撤回较晚的更改" in answer.get_data(as_text=True)
    assert rows(demo) == before


def test_only_administrators_change_anything(demo: Flask) -> None:
    visitor = Visitor(demo).sign_in_as("general_manager")
    for path in ("/calendar", "/calendar/2026-03-13", "/calendar/changes/1/undo", "/calendar/days.csv"):
        assert visitor.post(path, SET).status_code == 403, path
    assert rows(demo) == []


def test_a_note_is_text_and_not_markup(administrator: Visitor) -> None:
    administrator.post("/calendar/2026-03-13", {"works": "off", "note": '<script>alert("x")</script>'})
    for path in ("/calendar", "/calendar/2026-03-13"):
        assert "<script>alert" not in text(administrator, path)


def test_open_deadlines_follow_a_change_of_the_calendar(demo: Flask, administrator: Visitor, now: dt.datetime) -> None:
    Api(demo, now).start()
    deadlines = "SELECT due_at, remind_at, escalate_at FROM user_task WHERE status = 'open'"
    # Opened on Tuesday 10 March at 10:00: reminded after two working days, escalated after four.
    due, remind = dt.datetime(2026, 3, 16, 2, tzinfo=dt.UTC), dt.datetime(2026, 3, 12, 2, tzinfo=dt.UTC)
    assert rows(demo, deadlines) == [(due, remind, due)]
    administrator.post("/calendar/2026-03-13", SET)
    for _ in range(2):
        _recount_deadlines(demo)
        assert rows(demo, deadlines) == [(due + DAY, remind, due + DAY)]
    administrator.post("/calendar/2026-03-13", {"works": "public", "note": ""})
    _recount_deadlines(demo)
    assert rows(demo, deadlines) == [(due, remind, due)]
