"""Flask-Security's forms, with our login field, our limits, and one answer for every wrong pair."""

from typing import Any

from flask import request
from flask_babel import format_timedelta, gettext, lazy_gettext
from flask_security.forms import LoginForm, TwoFactorVerifyCodeForm, VerifyForm
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.utils import validate_redirect_url
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from forms.page import stripped
from webapp.accounts import throttle
from webapp.accounts.account import account_by_name
from webapp.clock import request_now, request_today
from webapp.extensions import db


def _blocked(counters: list[throttle.Counter]) -> str | None:
    """Count an attempt; the message to show when it comes too early."""
    until = throttle.count_attempt(db.session(), counters, now=request_now())
    db.session.commit()
    if until is None:
        return None
    wait = format_timedelta(until - request_now(), granularity="second", threshold=1)
    return gettext("Too many failed attempts. Please try again in %(wait)s.", wait=wait)


def _succeeded(counters: list[throttle.Counter]) -> bool:
    throttle.take_back(db.session(), counters, now=request_now())
    db.session.commit()
    return True


class SignInForm(LoginForm):  # type: ignore[misc]
    """Login name or e-mail, and the password."""

    login = StringField(
        lazy_gettext("Login name or e-mail"),
        validators=[InputRequired(lazy_gettext("Please enter your login name.")), Length(max=254)],
        filters=[stripped],
    )
    email = None
    remember = None

    def validate(self, **kwargs: Any) -> bool:
        """Count, look up, verify; unknown logins and wrong passwords read alike."""
        if not validate_redirect_url(self.next.data or ""):
            self.next.data = ""
        if not FlaskForm.validate(self, **kwargs):
            return False
        counters = [throttle.login_counter(self.login.data), throttle.address_counter(request.remote_addr)]
        if message := _blocked(counters):
            self.form_errors.append(message)
            return False
        self.ifield = self.login
        self.user = account_by_name(db.session(), self.login.data, today=request_today())
        if super().validate(**kwargs):
            return _succeeded(counters)
        if not self.user_authenticated:
            self.login.errors, self.password.errors = [], []
            self.form_errors.append(gettext("The login name or the password is wrong."))
        return False


class _CountedCode:
    """Counts the attempts at a person's code or password."""

    user: Any

    def validate(self, **kwargs: Any) -> bool:
        counters = [throttle.code_counter(self.user.id)] if self.user else []
        if message := _blocked(counters):
            self.form_errors.append(message)  # type: ignore[attr-defined]
            return False
        return super().validate(**kwargs) and _succeeded(counters)  # type: ignore[misc]


class CountedCodeForm(_CountedCode, TwoFactorVerifyCodeForm):  # type: ignore[misc]
    """The code of the second factor."""


class CountedRecoveryForm(_CountedCode, MfRecoveryForm):  # type: ignore[misc]
    """A recovery code in place of the second factor."""


class CountedVerifyForm(_CountedCode, VerifyForm):  # type: ignore[misc]
    """The password once more, before something grave."""
