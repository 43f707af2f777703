"""Opening what a notice is about marks it as read, however one got there.

It is done before the page is made, so that its bell shows what is left; a page that is then refused costs nobody
more than a dot. Nothing is asked of the database while the bell is empty.
"""

from flask import Flask, request

from webapp.accounts.actor import current_account
from webapp.clock import request_now
from webapp.engine import change
from workflows.notices.reading import mark_seen, unread_count

#: Endpoint -> the number in its address.
_PAGES = {"tasks.task": "task_id", "instances.instance": "instance_id", "incidents.detail": "incident_id"}


def _mark_opened() -> None:
    argument = _PAGES.get(request.endpoint or "")
    if argument is None or request.method != "GET":
        return
    account = current_account()
    if account is None or not account.unread_notices:
        return
    given = {argument: (request.view_args or {})[argument]}
    with change() as session:
        if mark_seen(session, account.id, **given, now=request_now()):
            account.unread_notices = unread_count(session, account.id)


def init_notices(app: Flask) -> None:
    """Mark notices as read when their pages are opened; to be called after the access table is in front."""
    app.before_request(_mark_opened)
