"""Who acts in this request: the person behind the session on pages, behind the bearer token below ``/api/``.

The two ways in never mix: a browser's cookie opens no API, so the API needs no CSRF token, and a bearer token opens
no page.
"""

from flask import g, request
from flask_login import current_user

from webapp.accounts.account import Account, account_by_token_digest
from webapp.clock import request_now, request_today
from webapp.extensions import db
from workflows.engine.process import Actor
from workflows.kernel.errors import NotAllowed
from workflows.people.tokens import token_digest

_LONGEST_TOKEN = 200


def account_from_token(token: str) -> Account | None:
    """The active account that a live token speaks for, in one statement."""
    if not token or len(token) > _LONGEST_TOKEN:
        return None
    return account_by_token_digest(db.session(), token_digest(token), now=request_now(), today=request_today())


def current_account() -> Account | None:
    """The account of this request, or none when nobody is signed in."""
    if not request.path.startswith("/api/"):
        # The account itself and not the proxy, which looks itself up at each of a template's many questions.
        user: Account = current_user._get_current_object()
        return user if user.is_authenticated else None
    if "api_account" not in g:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        g.api_account = account_from_token(token.strip()) if scheme.lower() == "bearer" else None
    account: Account | None = g.api_account
    return account


def current_actor() -> Actor:
    """The actor of this request.

    :raises NotAllowed: nobody is signed in; the access table lets that happen on public pages only
    """
    account = current_account()
    if account is None:
        raise NotAllowed("Please sign in first.")
    return account.actor
