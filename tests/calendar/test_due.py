"""How soon something is due, in working days, in the inbox, on the task's page, and in the order of deadlines."""

import datetime as dt

import pytest
from flask import Flask

from tests.pages.office import Office
from webapp.calendar.due import due
from webapp.extensions import db
from workflows.calendar.changes import set_days

#: It is Tuesday 10 March 2026, 10:00 in Shanghai.
FRIDAY = dt.date(2026, 3, 13)


def shanghai(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour - 8, tzinfo=dt.UTC)


@pytest.fixture
def office(demo: Flask, now: dt.datetime) -> Office:
    return Office(demo, now)


@pytest.mark.parametrize(
    ("at", "days", "is_late"),
    [
        (shanghai(10, 11), 0, False),
        (shanghai(11, 9), 1, False),
        (shanghai(16, 10), 4, False),
        (shanghai(10, 9), 0, True),
        # Friday evening: Monday and Tuesday have gone since.
        (shanghai(6, 18), 2, True),
        # On a Sunday nothing was late yet that Monday would not count.
        (shanghai(8, 18), 2, True),
    ],
)
def test_days_are_counted_in_working_days(demo: Flask, at: dt.datetime, days: int, is_late: bool) -> None:
    with demo.test_request_context():
        found = due(at)
        assert found
        assert (found.days, found.is_late) == (days, is_late)
        assert due(None) is None


def test_the_inbox_and_the_task_say_how_many_working_days_are_left(office: Office) -> None:
    case = office.start()
    task = office.open_task(case)
    assert "剩 4 个工作日" in office.listed("sales_manager", "/inbox")
    with office.app.app_context():
        set_days(db.session(), [FRIDAY], False, note="盘点", actor_id=1, now=office.now)
        db.session.commit()
    assert "剩 3 个工作日" in office.listed("sales_manager", "/inbox")
    office.sql("UPDATE user_task SET due_at = '2026-03-06 10:00+08'")
    assert "逾期 2 个工作日" in office.listed("sales_manager", "/inbox")
    assert "逾期 2 个工作日" in office.page("sales_manager", f"/tasks/{task}")
    office.sql("UPDATE user_task SET due_at = '2026-03-10 17:00+08'")
    assert "今日到期" in office.listed("sales_manager", "/inbox")
    office.sql("UPDATE user_task SET due_at = '2026-03-10 09:00+08'")
    assert "今日已逾期" in office.listed("sales_manager", "/inbox")


def test_the_inbox_can_be_read_in_the_order_of_deadlines_page_by_page(office: Office) -> None:
    for number in range(22):
        office.start(purpose=f"出差第{number:02}次")
    # The last one asked for is due first; the first one never, and comes last.
    office.sql("UPDATE user_task SET due_at = opened_at + interval '30 days' - id * interval '1 minute'")
    office.sql("UPDATE user_task SET due_at = NULL WHERE id = (SELECT min(id) FROM user_task)")

    def order(page: str) -> list[int]:
        return [int(part[:2]) for part in page.split("出差第")[1:] if part[2:3] == "次"]

    first = office.listed("sales_manager", "/inbox?sort=due")
    assert list(dict.fromkeys(order(first))) == list(range(21, 1, -1))
    following = first.split('rel="next" href="')[1].split('"')[0]
    assert "sort=due" in following
    assert list(dict.fromkeys(order(office.listed("sales_manager", following)))) == [1, 0]
    assert list(dict.fromkeys(order(office.listed("sales_manager", "/inbox"))))[:3] == [0, 1, 2]
