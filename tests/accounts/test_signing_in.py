"""Signing in: who gets in, how, and what keeps others out."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.application import Visitor
from webapp.clock import request_now
from webapp.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from webapp.extensions import db, security
from workflows.people import operations
from workflows.people.model import Employee, LoginThrottle


def employee(app: Flask, login: str) -> Employee:
    with app.app_context():
        return db.session.scalars(select(Employee).where(Employee.login == login)).one()


@pytest.mark.parametrize("typed", ["salesperson", "  SalesPerson ", "Salesperson@Example.com"])
def test_login_name_and_e_mail_open_the_same_account(visitor: Visitor, typed: str) -> None:
    assert visitor.sign_in(typed, DEMO_PASSWORD).status_code == 302
    assert "张小明" in visitor.get("/profile").get_data(as_text=True)


def test_a_wrong_password_and_an_unknown_login_read_alike(visitor: Visitor) -> None:
    wrong = visitor.sign_in("salesperson", "not the password").get_data(as_text=True)
    unknown = visitor.sign_in("nobody.at.all", "not the password").get_data(as_text=True)
    assert "登录名或密码不正确。" in wrong
    assert "登录名或密码不正确。" in unknown
    assert visitor.get("/profile").status_code == 302


def test_one_click_signs_in_as_every_demo_person(demo: Flask) -> None:
    for person in DEMO_PEOPLE:
        page = Visitor(demo).sign_in_as(person.login).get("/profile").get_data(as_text=True)
        assert person.name in page


def test_outside_the_demo_there_is_no_one_click(demo: Flask) -> None:
    demo.config["DEMO"] = False
    visitor = Visitor(demo)
    assert visitor.post("/demo/sign-in/salesperson").status_code == 404
    assert DEMO_PASSWORD not in visitor.get("/login").get_data(as_text=True)


def test_the_page_asked_for_opens_after_signing_in(visitor: Visitor) -> None:
    asked = visitor.get("/profile/tokens")
    assert asked.headers["Location"] == "/login?next=/profile/tokens"
    token = visitor.token()
    answer = visitor.client.post(
        asked.headers["Location"],
        data={"login": "salesperson", "password": DEMO_PASSWORD, "next": "/profile/tokens", "csrf_token": token},
    )
    assert answer.headers["Location"] == "/profile/tokens"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_signing_in_leads_to_no_other_site(visitor: Visitor, target: str) -> None:
    answer = visitor.post("/login", {"login": "salesperson", "password": DEMO_PASSWORD, "next": target})
    assert answer.status_code == 302
    location = answer.headers["Location"]
    assert location.startswith("/") and not location.startswith(("//", "/\\"))


def test_a_post_without_the_hidden_token_is_refused(visitor: Visitor) -> None:
    visitor.sign_in_as("salesperson")
    answer = visitor.client.post("/profile", data={"locale": "en"})
    assert answer.status_code == 400
    assert employee(visitor.client.application, "salesperson").locale == "zh_Hans"


def test_the_fifth_failure_makes_the_next_attempt_wait_though_the_password_is_right(
    demo: Flask, now: dt.datetime
) -> None:
    visitor = Visitor(demo)
    for _attempt in range(5):
        visitor.sign_in("salesperson", "wrong")
    refused = visitor.sign_in("SALESPERSON ", DEMO_PASSWORD)
    assert "失败次数过多，请在1分钟后重试。" in refused.get_data(as_text=True)
    assert Visitor(demo).sign_in("salesperson2", DEMO_PASSWORD).status_code == 302
    demo.config["CLOCK"] = lambda: now + dt.timedelta(minutes=1)
    assert visitor.sign_in("salesperson", DEMO_PASSWORD).status_code == 302


def test_each_failure_after_the_wait_doubles_it_up_to_a_quarter_of_an_hour(demo: Flask, now: dt.datetime) -> None:
    visitor, at = Visitor(demo), now
    for _attempt in range(5):
        visitor.sign_in("salesperson", "wrong")
    # After the waits of 1, 2, 4 and 8 minutes comes the longest one.
    for minutes in (1, 2, 4, 8, 15):
        with demo.app_context():
            row = db.session.get_one(LoginThrottle, "login:salesperson")
            assert row.blocked_until == at + dt.timedelta(minutes=minutes)
        at += dt.timedelta(minutes=minutes)
        demo.config["CLOCK"] = lambda at=at: at
        assert "登录名或密码不正确" in visitor.sign_in("salesperson", "wrong").get_data(as_text=True)


def test_a_success_forgets_the_failures_before_it(demo: Flask) -> None:
    for _round in range(2):
        visitor = Visitor(demo)
        for _attempt in range(4):
            visitor.sign_in("salesperson", "wrong")
        assert visitor.sign_in("salesperson", DEMO_PASSWORD).status_code == 302


def test_a_disabled_person_is_out_at_the_next_request_and_stays_out(demo: Flask) -> None:
    visitor = Visitor(demo).sign_in_as("salesperson")
    assert visitor.get("/profile").status_code == 200
    with demo.app_context():
        person = db.session.scalars(select(Employee).where(Employee.login == "salesperson")).one()
        operations.disable_employee(db.session(), person.id, actor_id=0, now=request_now())
        db.session.commit()
    assert visitor.get("/profile").status_code == 302
    assert visitor.sign_in("salesperson", DEMO_PASSWORD).status_code == 200
    assert visitor.get("/profile").status_code == 302


def test_changing_the_password_ends_the_other_sessions(demo: Flask) -> None:
    here, there = Visitor(demo).sign_in_as("salesperson"), Visitor(demo).sign_in_as("salesperson")
    changed = here.post(
        "/profile/password",
        {"password": DEMO_PASSWORD, "new_password": "a better one 2", "new_password_confirm": "a better one 2"},
    )
    assert changed.status_code == 302
    assert here.get("/profile").status_code == 200
    assert there.get("/profile").status_code == 302
    assert employee(demo, "salesperson").password.startswith("$argon2")


def test_signing_out_ends_the_session(visitor: Visitor) -> None:
    visitor.sign_in_as("salesperson")
    assert visitor.post("/logout").status_code == 302
    assert visitor.get("/profile").status_code == 302


def test_a_required_role_sets_its_second_factor_up_before_it_is_in(demo: Flask) -> None:
    demo.config["TWO_FACTOR_ROLES"] = ("finance_director",)
    visitor = Visitor(demo)
    assert visitor.sign_in("finance_director", DEMO_PASSWORD).headers["Location"] == "/profile/second-factor"
    assert visitor.get("/profile").status_code == 302
    assert visitor.post("/profile/second-factor", {"setup": "authenticator"}).status_code == 200
    with visitor.client.session_transaction() as kept, demo.app_context():
        code = security.totp_factory.generate_totp_password(kept["tf_totp_secret"])
    assert visitor.post("/tf-validate", {"code": code}).status_code == 302
    assert visitor.get("/profile").status_code == 200
    assert employee(demo, "finance_director").tf_primary_method == "authenticator"
    again = Visitor(demo)
    assert again.sign_in("finance_director", DEMO_PASSWORD).headers["Location"].startswith("/tf-validate")
    assert again.get("/profile").status_code == 302
    assert Visitor(demo).sign_in("salesperson", DEMO_PASSWORD).headers["Location"] == "/"


def test_codes_of_the_second_factor_cannot_be_guessed_through(demo: Flask) -> None:
    demo.config["TWO_FACTOR_ROLES"] = ("finance_director",)
    visitor = Visitor(demo)
    visitor.sign_in("finance_director", DEMO_PASSWORD)
    visitor.post("/profile/second-factor", {"setup": "authenticator"})
    for _attempt in range(5):
        visitor.post("/tf-validate", {"code": "000000"})
    with visitor.client.session_transaction() as kept, demo.app_context():
        code = security.totp_factory.generate_totp_password(kept["tf_totp_secret"])
    assert "失败次数过多" in visitor.post("/tf-validate", {"code": code}).get_data(as_text=True)
    assert visitor.get("/profile").status_code == 302


def test_who_is_signed_in_costs_one_statement(demo: Flask) -> None:
    visitor = Visitor(demo).sign_in_as("salesperson")
    visitor.get("/people/pick?q=x")  # who leads a department is kept for a minute
    statements: list[str] = []
    with demo.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    visitor.get("/people/pick?q=x")
    assert len(statements) == 2, statements  # the account, then the people whose names fit
