"""The bell on every page, and the list behind it."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts.actor import current_account
from webapp.addresses import ident
from webapp.clock import request_now
from webapp.engine import change
from webapp.extensions import db
from webapp.notices.blueprint import blueprint
from webapp.notices.words import actor_names, notice_text, notice_url
from workflows.notices.model import Notice
from workflows.notices.reading import mark_read, notice_of, notices_page

_SHOWN = 50


@blueprint.get("/notices")
def overview() -> str:
    """What happened to one's cases and desk: what is unread first, then what was read, each the newest first."""
    before, is_read = request.args.get("before", type=ident), request.args.get("read") == "1"
    rows, following = _rows(is_read, before, _SHOWN)
    if not is_read and following is None and len(rows) < _SHOWN:
        more, following = _rows(True, None, _SHOWN - len(rows))
        rows, is_read = rows + more, True
    further = url_for("notices.overview", read="1" if is_read else None, before=following) if following else ""
    return render_template(
        "notices/bell_list.html", notices=rows, more=further, names=actor_names(db.session(), rows),
        notice_text=notice_text, notice_url=notice_url, newest=max((row.id for row in rows), default=0),
    )  # fmt: skip


@blueprint.post("/notices/read")
def read() -> Response:
    """Mark one notice as read, or all that the page has shown and those before them."""
    one, up_to = request.form.get("notice", type=ident), request.form.get("up_to", type=ident)
    with change() as session:
        mark_read(session, current_user.id, ids=None if one is None else [one], up_to=up_to, now=request_now())
    return redirect(url_for("notices.overview"))


@blueprint.get("/notices/<int:notice_id>")
def follow(notice_id: int) -> Response:
    """Lead to what a notice is about, and mark it as read; links of mails and chats lead here."""
    with change() as session:
        notice = notice_of(session, notice_id, employee_id=current_user.id)
        mark_read(session, current_user.id, ids=[notice_id], now=request_now())
        target = notice_url(notice) or url_for("notices.overview")
    return redirect(target)


@blueprint.get("/notices/bell")
def bell() -> Response | str | tuple[str, int]:
    """The bell by itself, asked for from time to time by every open page; 204 while the number is the same.

    The number has been read with the account, so that this is the cheapest page of all. Who is not signed in any more
    gets 204 too: a page that is open with half a form in it is not led away by its bell.
    """
    account = current_account()
    if account is None or request.args.get("seen") == str(account.unread_notices):
        return "", 204
    return render_template("notices/bell.html")


def _rows(is_read: bool, before: int | None, limit: int) -> tuple[list[Notice], int | None]:
    return notices_page(db.session(), current_user.id, is_unread=not is_read, limit=limit, before=before)
