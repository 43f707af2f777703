"""API tokens: made, shown once, kept as a digest, revoked.

A token is 256 random bits behind a prefix by which a leaked one can be found in logs and repositories; a fast digest
is enough for so much randomness, and lets the API find the employee with one indexed SELECT.
"""

import datetime as dt
import hashlib
import secrets

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows.kernel.errors import Invalid, NotFound
from workflows.people.model import ApiToken

PREFIX = "sft_"
#: More live tokens than this on one person means that nobody knows any more what they are for.
MOST_TOKENS = 20


def token_digest(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def issue_token(
    session: Session, employee_id: int, name: str, *, now: dt.datetime, valid_for: dt.timedelta | None = None
) -> str:
    """Make a token for an employee and give its text, which cannot be had again.

    :raises Invalid: at ``name``, when the employee has as many live tokens as anyone may have
    """
    if len(live_tokens(session, employee_id, now=now)) >= MOST_TOKENS:
        raise Invalid.at("name", "You have %(count)s tokens already. Please revoke one first.", count=MOST_TOKENS)
    token = PREFIX + secrets.token_urlsafe(32)
    session.add(
        ApiToken(
            employee_id=employee_id, name=name, digest=token_digest(token), created_at=now,
            expires_at=now + valid_for if valid_for is not None else None,
        )
    )
    session.flush()
    return token


def revoke_token(session: Session, token_id: int, *, employee_id: int, now: dt.datetime) -> None:
    """Make an employee's own token worthless from now on; one revoked before stays as it is."""
    token = session.get(ApiToken, token_id)
    if token is None or token.employee_id != employee_id:
        raise NotFound("There is no such token.")
    if token.revoked_at is None:
        token.revoked_at = now


def revoke_tokens(session: Session, employee_id: int, *, now: dt.datetime) -> None:
    """Make every token of an employee worthless, as when the account may be in wrong hands."""
    live = ApiToken.employee_id == employee_id, ApiToken.revoked_at.is_(None)
    session.execute(update(ApiToken).where(*live).values(revoked_at=now))


def live_tokens(session: Session, employee_id: int, *, now: dt.datetime) -> list[ApiToken]:
    """The employee's tokens that still open the API, newest first."""
    return list(
        session.scalars(
            select(ApiToken)
            .where(
                ApiToken.employee_id == employee_id,
                ApiToken.revoked_at.is_(None),
                ApiToken.expires_at.is_(None) | (ApiToken.expires_at > now),
            )
            .order_by(ApiToken.id.desc())
        )
    )
