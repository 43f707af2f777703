"""The application for tests: a configuration that needs no environment, and signing in without a password.

Putting an application together and compiling its templates takes longer than most tests, so that one which a test is
done with serves the next one: on another database, with everything as it was before its first request.
"""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine
from werkzeug.test import TestResponse

from webapp import create_app
from webapp.config import load_config
from webapp.engine import init_engine
from webapp.extensions import db
from workflows.kernel.crypto import Keyring

#: One key for the run, so that an application opens what another one has sealed in the same template.
KEYS = Keyring.new_key("test")
#: Hashing passwords is slow on purpose, and people of tests sign in all the time.
QUICK_HASHING = {"argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}


def config_for(url: str, now: dt.datetime) -> dict[str, Any]:
    """The demo's own configuration on one database, in which it is always ``now``."""
    environ = {
        "DATABASE_URL": url,
        "SALESFLOW_SECRET_KEY": "a secret for tests only, long enough",
        "SALESFLOW_PASSWORD_SALT": "a salt for tests only, long enough",
        "SALESFLOW_TOTP_SECRET": "a second secret for tests only, long enough",
        "SALESFLOW_KEYS": KEYS,
        "SALESFLOW_AUDIT_KEY": "a key for tests only, long enough",
    }
    quick = {"SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": QUICK_HASHING}
    return {**load_config(environ), **quick, "CLOCK": lambda: now}


@dataclass(frozen=True, slots=True)
class Kept:
    """An application, and how it was before its first request."""

    app: Flask
    config: dict[str, Any]
    extensions: dict[str, Any]
    view_functions: dict[str, Any]

    def move(self, url: str, now: dt.datetime) -> None:
        """Forget what tests have changed or made it remember, and stand on another database."""
        for held, first in (
            (self.app.config, {**self.config, **config_for(url, now)}),
            (self.app.extensions, self.extensions),
            (self.app.view_functions, self.view_functions),
        ):
            held.clear()
            held.update(first)
        init_engine(self.app)
        with self.app.app_context():
            db.engines[None] = create_engine(url, **self.app.config["SQLALCHEMY_ENGINE_OPTIONS"])  # type: ignore[index]


#: Applications that no test stands on at the moment.
IDLE: list[Kept] = []


@contextmanager
def application(url: str, now: dt.datetime) -> Iterator[Flask]:
    """An application that lets go of its database at the end."""
    if IDLE:
        kept = IDLE.pop()
        kept.move(url, now)
    else:
        app = create_app(config_for(url, now))
        kept = Kept(app, dict(app.config), dict(app.extensions), dict(app.view_functions))
    try:
        yield kept.app
    finally:
        _let_go(kept.app)
        IDLE.append(kept)


@contextmanager
def new_application(url: str, now: dt.datetime) -> Iterator[Flask]:
    """An application that has answered nothing yet, and that no other test gets: for one that adds to it."""
    app = create_app(config_for(url, now))
    try:
        yield app
    finally:
        _let_go(app)


def _let_go(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


class Visitor:
    """A browser without a screen: one person's session, with the hidden token that forms carry."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **more: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form, with a token as its page would carry."""
        return self.client.post(path, data={**(data or {}), "csrf_token": self.token()}, **more)

    def token(self) -> str:
        """The hidden token of this session's forms."""
        # The page for what does not exist has one, for the language button, and changes nothing in the session.
        page = self.client.get("/no-such-page").get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, "a page without a token"
        return found[1]

    def sign_in_as(self, login: str) -> "Visitor":
        """Sign in with the demo's one click."""
        answer = self.post(f"/demo/sign-in/{login}")
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return self

    def sign_in(self, login: str, password: str) -> TestResponse:
        """Sign in with the form."""
        return self.post("/login", {"login": login, "password": password})
