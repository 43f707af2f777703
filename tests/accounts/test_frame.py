"""The frame around every page: languages, headers, refusals, notices."""

import datetime as dt
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from tests.application import Visitor
from webapp import i18n
from webapp.extensions import db
from workflows.notices.model import Notice
from workflows.people.model import Employee


def test_pages_speak_chinese_until_english_is_chosen_and_remember_it(demo: Flask) -> None:
    visitor = Visitor(demo).sign_in_as("salesperson")
    assert '<html lang="zh-Hans">' in visitor.get("/profile").get_data(as_text=True)
    answer = visitor.post("/language", {"language": "en", "back": "/profile/tokens?x=1&lang=zh_Hans"})
    assert answer.headers["Location"] == "/profile/tokens?x=1"
    assert "Zhang Xiaoming" in visitor.get("/profile").get_data(as_text=True)
    # The profile keeps it, so another browser speaks English too.
    assert '<html lang="en">' in Visitor(demo).sign_in_as("salesperson").get("/profile").get_data(as_text=True)


def test_a_language_in_the_address_wins_and_an_unknown_one_is_ignored(visitor: Visitor) -> None:
    assert "Sign in" in visitor.get("/login?lang=en").get_data(as_text=True)
    assert "Sign in" in visitor.get("/login").get_data(as_text=True)
    assert "登录" in Visitor(visitor.client.application).get("/login?lang=xx").get_data(as_text=True)
    assert visitor.post("/language", {"language": "xx"}).status_code == 400


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_switching_the_language_leads_to_no_other_site(visitor: Visitor, back: str) -> None:
    assert visitor.post("/language", {"language": "en", "back": back}).headers["Location"] == "/"


def test_every_answer_carries_the_security_headers(demo: Flask) -> None:
    visitor = Visitor(demo).sign_in_as("salesperson")
    for path in ("/profile", "/login", "/no-such-page", "/api/v1/me", "/people"):
        headers = visitor.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers
    secure = visitor.get("/login", base_url="https://localhost").headers
    assert secure["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(demo: Flask) -> None:
    demo.config["SESSION_COOKIE_SECURE"] = True
    cookies = Visitor(demo).get("/login").headers.getlist("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("salesflow="))
    assert {"HttpOnly", "Secure", "SameSite=Lax"} <= set(session.split("; "))


def test_a_session_ends_twelve_hours_after_it_was_opened(demo: Flask) -> None:
    assert demo.permanent_session_lifetime == dt.timedelta(hours=12)


def test_json_at_the_sign_in_gets_a_page_and_no_token(visitor: Visitor) -> None:
    answer = visitor.client.post("/login?include_auth_token", json={"email": "salesperson", "password": "x"})
    assert answer.status_code == 400
    assert answer.content_type.startswith("text/html")
    assert "authentication_token" not in answer.get_data(as_text=True)


def test_a_crash_shows_a_page_that_needs_nothing(demo: Flask) -> None:
    def crash() -> str:
        raise RuntimeError("the reason is for the log")

    demo.view_functions["frame.healthy"] = crash
    demo.config["PROPAGATE_EXCEPTIONS"] = False
    answer = demo.test_client().get("/healthy")
    assert answer.status_code == 500
    assert "系统出现故障，未作任何更改，请重试。" in answer.get_data(as_text=True)
    assert "the reason" not in answer.get_data(as_text=True)


def test_the_bell_counts_what_is_unread_and_is_emptied_by_one_click(demo: Flask, now: dt.datetime) -> None:
    with demo.app_context():
        for login, key in (("salesperson", "a"), ("salesperson", "b"), ("salesperson2", "a")):
            owner = db.session.scalars(select(Employee.id).where(Employee.login == login)).one()
            db.session.add(Notice(employee_id=owner, kind="case_completed", event_key=key, params={"title": f"<{key}>"},
                                  created_at=now - dt.timedelta(hours=3)))  # fmt: skip
        db.session.commit()
    visitor, colleague = Visitor(demo).sign_in_as("salesperson"), Visitor(demo).sign_in_as("salesperson2")
    page = visitor.get("/notices").get_data(as_text=True)
    assert "通知，2 条未读" in page
    assert "&lt;a&gt; 已完成。" in page
    assert "3小时前" in page
    assert visitor.post("/notices/read").status_code == 302
    assert "通知，0 条未读" in visitor.get("/notices").get_data(as_text=True)
    assert "通知，1 条未读" in colleague.get("/notices").get_data(as_text=True)


@pytest.mark.parametrize(
    ("amount", "written"),
    [(Decimal("12000"), "¥12,000.00"), (Decimal("-0.5"), "-¥0.50"), (Decimal("0"), "¥0.00"), (None, "—")],
)
def test_money_is_written_with_two_places_and_groups_of_three(amount: Decimal | None, written: str) -> None:
    assert i18n.money(amount) == written


@pytest.mark.parametrize("amount", [1200, 12.5, "12"])
def test_money_that_may_be_misread_is_refused(amount: object) -> None:
    with pytest.raises(TypeError):
        i18n.money(amount)  # type: ignore[arg-type]


def test_days_and_instants_are_those_of_shanghai(demo: Flask) -> None:
    late = dt.datetime(2026, 3, 4, 16, 30, tzinfo=dt.UTC)
    with demo.test_request_context("/login"):
        assert i18n.day(late) == "2026年3月5日"
        assert i18n.instant(late) == "2026年3月5日 00:30"
        assert i18n.day(dt.date(2026, 3, 4)) == "2026年3月4日"
    with demo.test_request_context("/login?lang=en"):
        assert i18n.instant(late) == "Mar 5, 2026 00:30"


@pytest.mark.parametrize(("count", "written"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (2_345_678, "2.3 MB")])
def test_sizes_of_files_are_written_without_words(count: int, written: str) -> None:
    assert i18n.size(count) == written
