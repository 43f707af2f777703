"""Limits on failed sign-ins that hold across any number of web processes.

An attempt is counted before the password is looked at, so that many at once cannot slip through; a success takes the
count back. After ``limit`` failures every further one has to wait: 1 minute, then 2, 4, 8 and at most 15. Once the
wait is over one attempt is let through. Counted are what was typed as login (whether or not it exists: the answer must
not tell) and the address, which has a wide limit because a whole office may share one.
"""

import datetime as dt
import ipaddress
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflows.people.model import LoginThrottle

#: Failures are forgotten this long after the first of them, unless a wait is still running.
WINDOW = dt.timedelta(hours=1)
_FIRST_WAIT = dt.timedelta(minutes=1)
_LONGEST_WAIT = dt.timedelta(minutes=15)
_KEY_LENGTH = 100


@dataclass(frozen=True, slots=True, order=True)
class Counter:
    """What is counted, and how many failures are free."""

    key: str
    limit: int


def login_counter(login: str) -> Counter:
    """Failures on one login, typed in any case."""
    return Counter(f"login:{login.strip().lower()}"[:_KEY_LENGTH], 5)


def code_counter(employee_id: int) -> Counter:
    """Failures of one person's second factor, once the password was right."""
    return Counter(f"code:{employee_id}", 5)


def address_counter(address: str | None) -> Counter:
    """Failures from one address; an IPv6 host commands its whole /64, so that is what counts."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return Counter("address:unknown", 50)
    if parsed.version == 6:  # noqa: PLR2004
        return Counter(f"address:{ipaddress.ip_network((parsed, 64), strict=False)}", 50)
    return Counter(f"address:{parsed}", 50)


def count_attempt(session: Session, counters: list[Counter], *, now: dt.datetime) -> dt.datetime | None:
    """Count one attempt, as if it failed; the caller commits at once.

    :return: until when to wait, if one of the counters is blocked: nothing is counted then
    """
    rows = [(counter, _locked_row(session, counter.key, now)) for counter in sorted(counters)]
    blocked = [row.blocked_until for _, row in rows if row.blocked_until and row.blocked_until > now]
    if blocked:
        return max(blocked)
    for counter, row in rows:
        if row.window_started_at <= now - WINDOW:
            row.failures, row.window_started_at = 0, now
        row.failures += 1
        row.blocked_until = now + _wait(row.failures - counter.limit) if row.failures >= counter.limit else None
    return None


def take_back(session: Session, counters: list[Counter], *, now: dt.datetime) -> None:
    """The attempt succeeded: its own counters start anew, the address has one failure less, old rows go."""
    own = [counter.key for counter in counters if not counter.key.startswith("address:")]
    session.execute(delete(LoginThrottle).where(LoginThrottle.key.in_(own)))
    for counter in counters:
        if counter.key not in own:
            row = _locked_row(session, counter.key, now)
            row.failures = max(row.failures - 1, 0)
            if row.failures < counter.limit:
                row.blocked_until = None
    session.execute(delete(LoginThrottle).where(LoginThrottle.window_started_at < now - 24 * WINDOW))


def _wait(beyond: int) -> dt.timedelta:
    return min(_FIRST_WAIT * 2 ** min(beyond, 10), _LONGEST_WAIT)


def _locked_row(session: Session, key: str, now: dt.datetime) -> LoginThrottle:
    session.execute(
        insert(LoginThrottle).values(key=key, failures=0, window_started_at=now).on_conflict_do_nothing()
    )
    row = select(LoginThrottle).where(LoginThrottle.key == key).with_for_update()
    return session.scalars(row.execution_options(populate_existing=True)).one()
