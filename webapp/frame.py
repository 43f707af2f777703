"""The frame around every page: what the bar on top offers whom, the start page, and a sign of life."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import text
from werkzeug.wrappers import Response

from forms.people import ROLE_NAMES
from webapp.access import may_open
from webapp.accounts.actor import current_account
from webapp.extensions import db
from webapp.figures.readers import has_figures
from webapp.i18n import current_language
from webapp.processes import startable_by
from webapp.static_files import icon

blueprint = Blueprint("frame", __name__)
#: The route that shows a start form.
START = "processes.start"
#: Whose page depends on what one leads, and not on roles alone.
FIGURES = "figures.overview"
#: A settlement is started from its advance and a complaint from its customer, which their forms need to know.
STARTED_ELSEWHERE = frozenset({"advance_settlement", "complaint"})


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the bar."""

    url: str
    label: str
    icon: Markup | str = ""
    is_current: bool = False


def _links() -> Iterator[Link]:
    # Words, addresses and icons change with the language and with the root of the site, and with nothing else.
    kept = current_app.extensions.setdefault("salesflow_links", {})
    key = (current_language(), request.root_path)
    if key not in kept:
        kept[key] = list(_entries())
    for endpoint, link in kept[key]:
        if may_open(endpoint) and (endpoint != FIGURES or _has_figures()):
            # Departments stand below people in the address, and the link to people is theirs, too.
            yield replace(link, is_current=f"{request.path}/".startswith(f"{link.url}/"))


def _entries() -> Iterator[tuple[str, Link]]:
    entries = [
        ("inbox.pending", _("Inbox"), icon("inbox")),
        ("customers.overview", _("Customers"), icon("address-book")),
        ("sales.overview", _("Sales"), icon("target-arrow")),
        ("sales_money.overview", _("Collections"), icon("receipt")),
        ("advances.overview", _("Advances"), icon("cash")),
        (FIGURES, _("Figures"), icon("chart-bar")),
        ("products.overview", _("Products"), icon("package")),
        ("people.employees", _("People"), icon("users")),
        ("administration.cases", _("All cases"), icon("adjustments")),
        ("incidents.overview", _("Incidents"), icon("alert-triangle")),
    ]
    for endpoint, label, picture in entries:
        if endpoint in current_app.view_functions:
            yield endpoint, Link(url_for(endpoint), label, picture)


def _has_figures() -> bool:
    account = current_account()
    return account is not None and has_figures(db.session(), account.actor)


def _startable() -> list[Link]:
    """The requests that this person may start, without those that begin on a page of their own."""
    account = current_account()
    if account is None or START not in current_app.view_functions:
        return []
    offers = startable_by(db.session(), account.actor, current_language())
    return [Link(url_for(START, process_key=key), name) for key, name in offers if key not in STARTED_ELSEWHERE]


def _frame() -> dict[str, Any]:
    account = current_account()
    if account is None:
        return {"account": None}
    return {"account": account, "navigation": list(_links()), "startable": _startable}


@blueprint.get("/")
def home() -> Response | str:
    """Lead to the inbox, where the day begins."""
    if "inbox.pending" in current_app.view_functions:
        return redirect(url_for("inbox.pending"))
    return render_template("home.html")


@blueprint.get("/healthy")
def healthy() -> dict[str, str]:
    """Whether this process answers and reaches its database; for load balancers, tells nothing else."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}


def init_frame(app: Flask) -> None:
    """Put the frame around the app's pages."""
    app.register_blueprint(blueprint)
    app.context_processor(_frame)
    app.jinja_env.filters["role_name"] = lambda role: ROLE_NAMES.get(role, role)
