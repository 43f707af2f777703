"""What became of everybody's messages, for administrators."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.addresses import ident, said_here
from webapp.clock import request_now
from webapp.engine import change
from webapp.extensions import db
from webapp.notices.blueprint import blueprint, settings
from webapp.notices.words import (
    CHANNEL_NAMES,
    KIND_NAMES,
    STATUS_NAMES,
    problem_text,
)
from workflows.notices.deliveries import DeliveryFilter, deliveries_page, try_again

_SHOWN = 50
_LONGEST_SEARCH = 80
_FILTERS = ("status", "channel", "q")


@blueprint.get("/deliveries")
def deliveries() -> str:
    """The deliveries, the newest first, narrowed by what became of them, channel and person."""
    status, channel = request.args.get("status", ""), request.args.get("channel", "")
    search = request.args.get("q", "").replace("\0", "").strip()[:_LONGEST_SEARCH]
    narrowed = DeliveryFilter(
        statuses=(status,) if status in STATUS_NAMES else (), channel=channel if channel in CHANNEL_NAMES else None,
        search=search,
    )  # fmt: skip
    rows, following = deliveries_page(
        db.session(), narrowed, limit=_SHOWN, before=request.args.get("before", type=ident)
    )
    more = url_for("notices.deliveries", **said_here(*_FILTERS), before=following) if following else ""
    return render_template(
        "notices/deliveries.html", rows=rows, more=more, narrowed=narrowed, problem_text=problem_text,
        CHANNEL_NAMES=CHANNEL_NAMES, KIND_NAMES=KIND_NAMES, STATUS_NAMES=STATUS_NAMES, channels=settings().channels,
        here=said_here(*_FILTERS),
    )  # fmt: skip


@blueprint.post("/deliveries/<int:delivery_id>/retry")
def retry(delivery_id: int) -> Response:
    """Send a failed message again."""
    with change() as session:
        try_again(session, delivery_id, employee_id=None, now=request_now())
    flash(_("It will be sent again within a minute."), "success")
    return redirect(url_for("notices.deliveries", **said_here(*_FILTERS)))
