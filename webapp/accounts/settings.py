"""Flask-Security, set up: session sign-in only, argon2, an authenticator app as second factor, nothing by mail."""

import base64
import datetime as dt
import hashlib
import hmac
from typing import Any

from flask import Flask, current_app

from webapp.accounts import forms
from webapp.accounts.account import AccountDatastore
from webapp.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from webapp.extensions import security

#: A session ends this long after it was opened, used or not.
SESSION_LIFETIME = dt.timedelta(hours=12)

_SETTINGS: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_LENGTH_MIN": 10,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_CHANGE_URL": "/profile/password",
    "SECURITY_POST_CHANGE_VIEW": "/profile",
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/login",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    # Only a session in a browser counts here; bearer tokens are ours (webapp.accounts.actor).
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_DEFAULT_HTTP_AUTH_REALM": "salesflow",
    # What grave pages ask for: the password, at most this long ago.
    "SECURITY_FRESHNESS": dt.timedelta(minutes=30),
    "SECURITY_FRESHNESS_GRACE_PERIOD": dt.timedelta(minutes=10),
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
    "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
    "SECURITY_TWO_FACTOR_SETUP_URL": "/profile/second-factor",
    "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/profile",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/profile/recovery-codes",
    "SECURITY_TOTP_ISSUER": "salesflow",
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [
        {"login": {"mapper": lambda typed: typed}},
        {"email": {"mapper": lambda typed: typed}},
    ],
    "SECURITY_RETURN_GENERIC_RESPONSES": False,
    # One catalogue translates everything: Flask-Security's message ids stand in ours.
    "SECURITY_I18N_DOMAIN": "messages",
    "SECURITY_STATIC_FOLDER": None,
    # Said once for all pages in webapp.headers.
    "SECURITY_CACHE_CONTROL": {},
    # A form stays good as long as the session that opened it.
    "WTF_CSRF_TIME_LIMIT": None,
    "TWO_FACTOR_ROLES": (),
}


def _derived_key(secret: str, purpose: str) -> str:
    """A key for one purpose, made from the app's secret, so that one leaked use does not open another."""
    return base64.urlsafe_b64encode(hmac.digest(secret.encode(), purpose.encode(), hashlib.sha256)).decode()


def _demo() -> dict[str, Any]:
    """What the sign-in page of the demo offers besides the form."""
    if not current_app.config["DEMO"]:
        return {"demo_people": ()}
    return {"demo_people": DEMO_PEOPLE, "demo_password": DEMO_PASSWORD}


def init_security(app: Flask) -> None:
    """Bind Flask-Security to the app with the settings above, which the app's own configuration overrides."""
    for name, value in _SETTINGS.items():
        app.config.setdefault(name, value)
    # Flask has a default of its own for this one, so there is no telling whether it was configured.
    app.config["PERMANENT_SESSION_LIFETIME"] = SESSION_LIFETIME
    app.config.setdefault("SECURITY_I18N_DIRNAME", [f"{app.root_path}/translations"])
    secret = app.config["SECRET_KEY"]
    app.config.setdefault("SECURITY_TOTP_SECRETS", {"1": _derived_key(secret, "second factor")})
    app.config.setdefault("SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS", [_derived_key(secret, "recovery codes")])
    security.init_app(
        app,
        AccountDatastore(),
        login_form=forms.SignInForm,
        two_factor_verify_code_form=forms.CountedCodeForm,
        mf_recovery_form=forms.CountedRecoveryForm,
        verify_form=forms.CountedVerifyForm,
    )
    security.principal.skip_static = True
    security.login_context_processor(_demo)
    # No second way in: neither Flask-Security's own tokens nor its JSON answers.
    security.login_manager.request_loader(lambda request: None)
    security.want_json(lambda request: False)
