"""How soon something is due, or how late it is, counted in working days as the company's calendar has them."""

import datetime as dt
from dataclasses import dataclass

from flask import Flask, g

from webapp.accounts.actor import current_account
from webapp.clock import SHANGHAI, request_now
from webapp.extensions import db
from workflows.calendar.overrides import overrides
from workflows.kernel.workdays import Overrides, count_workdays


@dataclass(frozen=True, slots=True)
class Due:
    """``days`` are working days: left until a deadline, or gone since it when ``is_late``; 0 is today."""

    at: dt.datetime
    days: int
    is_late: bool


def due(at: dt.datetime | None) -> Due | None:
    """Say how a deadline stands now; None for no deadline."""
    if at is None:
        return None
    now = request_now()
    today, on = now.astimezone(SHANGHAI).date(), at.astimezone(SHANGHAI).date()
    if at < now:
        return Due(at, count_workdays(on, today, own_days()), True)
    return Due(at, count_workdays(today, on, own_days()), False)


def own_days() -> Overrides:
    """The company's own days, taken once in a request; the account has brought their version along."""
    if "own_days" not in g:
        account = current_account()
        g.own_days = overrides(db.session(), account.calendar_version if account else None)
    days: Overrides = g.own_days
    return days


def init_due(app: Flask) -> None:
    """Let templates write ``row.due_at | due``."""
    app.jinja_env.filters["due"] = due
