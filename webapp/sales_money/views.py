"""What is due and what came in, for finance over all sales, for who sells over those that they see."""

import datetime as dt
import re
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext

from webapp.accounts.actor import current_actor
from webapp.clock import request_today
from webapp.extensions import db
from webapp.sales_money import words
from webapp.sales_money.export import due_rows, received_rows
from webapp.spreadsheets import refuse_other_ending, table_file
from workflows.customers.scope import Sight, sight_of
from workflows.sale.due import MOST_EXPORTED, Asked, open_instalments, sums_of
from workflows.sale.received import entries_page, totals_of

blueprint = Blueprint("sales_money", __name__, url_prefix="/receipts")

_LONGEST_SEARCH = 80
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)


@blueprint.get("")
def overview() -> str:
    """The instalments that are not covered, the earliest first."""
    session, sight, asked, today = db.session(), _sight(), _asked(), request_today()
    rows, following = open_instalments(session, asked, sight=sight, today=today, after=request.args.get("after"))
    return render_template(
        "sales_money/due.html", rows=rows, sums=sums_of(session, asked, sight=sight, today=today),
        more=url_for("sales_money.overview", **_kept(asked), after=following) if following else None,
        **_around(sight, asked),
    )  # fmt: skip


@blueprint.get("/received")
def received() -> str:
    """The entries by day, the latest first."""
    session, sight, asked = db.session(), _sight(), _asked()
    rows, following = entries_page(
        session, sight=sight, month=asked.month, owner=asked.owner, search=asked.search,
        after=request.args.get("after"),
    )  # fmt: skip
    return render_template(
        "sales_money/received.html", rows=rows,
        more=url_for("sales_money.received", **_kept(asked), after=following) if following else None,
        **_around(sight, asked),
    )  # fmt: skip


@blueprint.get("/<what>.<kind>")
def export(what: str, kind: str) -> Response:
    """What a list shows, as a file for spreadsheets."""
    session, sight, asked, today = db.session(), _sight(), _asked(), request_today()
    refuse_other_ending(kind)
    if what not in ("due", "received"):
        abort(404)
    if what == "due":
        dues, _ = open_instalments(session, asked, sight=sight, today=today, limit=MOST_EXPORTED)
        rows = due_rows(dues)
    else:
        entries, _ = entries_page(
            session, sight=sight, month=asked.month, owner=asked.owner, search=asked.search, limit=MOST_EXPORTED
        )
        rows = received_rows(entries)
    return table_file(rows, f"{what}-{today.isoformat()}.{kind}", title=gettext("Money in"))


def _sight() -> Sight:
    sight = sight_of(db.session(), current_actor())
    if not sight.slices:
        abort(403)
    return sight


def _asked() -> Asked:
    """What the address asks for; what it asks wrongly is left out."""
    given = request.args
    month = given.get("month", "")
    return Asked(
        overdue=given.get("overdue") == "1",
        month=dt.date.fromisoformat(f"{month}-01") if _MONTH.fullmatch(month) else None,
        owner=given.get("owner", "").replace("\0", "").strip()[:64],
        search=given.get("q", "").replace("\0", "").strip()[:_LONGEST_SEARCH],
    )


def _kept(asked: Asked) -> dict[str, Any]:
    return {
        "overdue": "1" if asked.overdue else None, "month": asked.month.isoformat()[:7] if asked.month else None,
        "owner": asked.owner or None, "q": asked.search or None,
    }  # fmt: skip


def _around(sight: Sight, asked: Asked) -> dict[str, Any]:
    today = request_today()
    return {
        "asked": asked, "today": today, "sight": sight, "money_words": words,
        "kept": {name: value for name, value in _kept(asked).items() if value},
        "totals": totals_of(db.session(), sight=sight, today=today),
    }  # fmt: skip
