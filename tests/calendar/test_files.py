"""Working days as files: what goes out comes back, and a file that is none changes nothing."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.application import Visitor
from tests.calendar.test_pages import rows, text
from webapp.calendar.files import as_csv, as_ics, read_csv
from workflows.calendar.year import DayInfo, Source, year_days

NOW = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)
FRIDAY, SATURDAY = dt.date(2026, 3, 13), dt.date(2026, 3, 14)


@pytest.fixture
def administrator(demo: Flask) -> Visitor:
    return Visitor(demo).sign_in_as("administrator")


def hand_in(visitor: Visitor, content: bytes | None) -> TestResponse:
    sent: dict[str, Any] = {} if content is None else {"file": (io.BytesIO(content), "days.csv")}
    return visitor.post("/calendar/days.csv", sent, content_type="multipart/form-data")


def test_the_table_names_what_is_not_as_the_weekday_makes_one_expect() -> None:
    lines = list(csv.reader(io.StringIO(as_csv(year_days(2026, {FRIDAY: False}, {FRIDAY: "团建"})).lstrip("\ufeff"))))
    assert lines[0] == ["day", "works", "note", "source"]
    assert ["2026-03-13", "0", "团建", "company"] in lines
    assert ["2026-10-01", "0", "国庆节", "public"] in lines
    assert ["2026-10-10", "1", "国庆节", "public"] in lines
    assert not [line for line in lines if line[0] in ("2026-03-14", "2026-03-12")]


def test_a_note_that_a_spreadsheet_would_take_for_a_formula_is_quoted_and_comes_back() -> None:
    written = as_csv(year_days(2026, {FRIDAY: False}, {FRIDAY: "=1+1"}))
    assert "2026-03-13,0,'=1+1,company" in written
    assert read_csv(written.encode()) == {FRIDAY: (False, "=1+1")}


def test_a_table_is_taken_over_and_the_second_time_nothing_changes(demo: Flask, administrator: Visitor) -> None:
    content = "day,works,note\r\n2026-03-13,0,团建\r\n2026-03-14,上班,赶工\r\n\r\n2026-03-15,1,赶工\r\n".encode()
    assert hand_in(administrator, content).headers["Location"] == "/calendar?year=2026"
    assert "已更改 3 天" in text(administrator, "/calendar")
    expected = [(FRIDAY, False), (SATURDAY, True), (dt.date(2026, 3, 15), True)]
    assert rows(demo) == expected
    assert hand_in(administrator, content).status_code == 303
    assert rows(demo) == expected


def test_what_went_out_changes_nothing_when_it_comes_back(demo: Flask, administrator: Visitor) -> None:
    administrator.post("/calendar/2026-03-13", {"works": "off", "note": "团建"})
    answer = administrator.get("/calendar/days.csv?year=2026")
    assert (answer.mimetype, answer.headers["Content-Disposition"]) == (
        "text/csv", "attachment; filename=workdays-2026.csv",
    )  # fmt: skip
    hand_in(administrator, answer.data)
    assert rows(demo) == [(FRIDAY, False)]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "请选择文件"),
        (b"", "请选择文件"),
        (b"\xff\xfe\x00", "不是 UTF-8 编码的 CSV 文件"),
        (b'2026-03-13,0,"x', "不是 UTF-8 编码的 CSV 文件"),
        (b"2026-03-13,0,x\r\n13.3.2026,0,x", "第 2 行：日期应写作 2026-10-01"),
        (b"2026-03-13,maybe,x", "第 1 行：works 一列应为 1、0 或留空"),
        (b"2026-03-13,0,x\r\n2026-03-14,1,", "请填写原因"),
        (b"2026-03-13,0," + b"x" * 201, "最多 200 个字"),
        (b"1999-03-13,0,x", "日历的年份范围为 2000 至 2099"),
        (b"2026-03-13,0,x\r\n" * 1001, "文件过大"),
        (b"x" * (256 * 1024 + 1), "文件过大"),
    ],
)
def test_a_file_that_makes_no_sense_changes_nothing(
    demo: Flask, administrator: Visitor, content: bytes | None, complaint: str
) -> None:
    answer = hand_in(administrator, content)
    assert answer.status_code == 422
    assert complaint in answer.get_data(as_text=True)
    assert rows(demo) == []


def test_a_calendar_program_gets_whole_days_in_short_lines(administrator: Visitor) -> None:
    administrator.post("/calendar/2026-03-13", {"works": "off", "note": "团建，去南京；自愿参加, 请报名" * 3})
    answer = administrator.get("/calendar/days.ics?year=2026")
    assert answer.mimetype == "text/calendar"
    lines = answer.data.split(b"\r\n")
    assert (lines[0], lines[-2], lines[-1]) == (b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"")
    assert max(map(len, lines)) <= 75
    assert b"DTSTART;VALUE=DATE:20261001" in lines
    unfolded = answer.data.replace(b"\r\n ", b"").decode()
    assert "SUMMARY:法定节假日，国庆节\r\n" in unfolded
    assert "自愿参加\\, 请报名" in unfolded


def test_line_ends_in_a_note_do_not_break_the_calendar() -> None:
    info = DayInfo(FRIDAY, False, Source.COMPANY, True, note="x")
    assert "SUMMARY:a\\nb\r\n" in as_ics([info], lambda _: "a\nb", NOW)
