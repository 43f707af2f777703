"""The overviews of advances, the page of one advance, and its printed form."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from webapp.accounts.actor import current_actor
from webapp.addresses import ident
from webapp.advances import words
from webapp.clock import request_now, request_today
from webapp.documents.reading import may_read_case
from webapp.extensions import db
from workflows.advance.model import EntryKind
from workflows.advance.record import decisions_on, entries_of, settlements_of, spend_of, versions_of
from workflows.advance.standing import (
    AdvanceRow,
    Scope,
    State,
    advance_of,
    advances_page,
    may_see,
    scopes_of,
    totals_of,
)
from workflows.documents.files import documents_of
from workflows.kernel.errors import NotFound

blueprint = Blueprint("advances", __name__, url_prefix="/advances")
blueprint.add_app_template_global(words, "advance_words")

_LONGEST_SEARCH = 80


@blueprint.get("")
def overview() -> str:
    """The reader's own advances; a manager's team; for finance all, with the sums of what is not finished."""
    session, actor, today = db.session(), current_actor(), request_today()
    scopes = scopes_of(session, actor)
    scope = _scope(scopes)
    state, search = _state(), request.args.get("q", "").replace("\0", "").strip()[:_LONGEST_SEARCH]
    rows, following = advances_page(
        session, actor, scope, today=today, state=state, search=search, after=request.args.get("after", type=ident)
    )
    kept = {"scope": scope.value, "state": state, "q": search}
    return render_template(
        "advances/overview.html",
        rows=rows,
        scopes=scopes,
        scope=scope,
        state=state,
        search=search,
        totals=totals_of(session, actor, scope, today=today),
        more=url_for("advances.overview", **kept, after=following) if following else None,
    )


@blueprint.get("/<int(max=9223372036854775807):advance_id>")
def advance(advance_id: int) -> str:
    """One advance: the request, its figures, its ledger, what was handed in, and what can be done next."""
    found = _found(advance_id)
    session = db.session()
    settlements = settlements_of(session, advance_id=found.id)
    return render_template(
        "advances/advance.html",
        entries=entries_of(session, found.id),
        settlements=settlements,
        versions=versions_of(session, found.id),
        documents=documents_of(session, [found.instance_id, *(each.instance_id for each in settlements)]),
        is_own=found.borrower_id == current_actor().id,
        **_record(found),
    )


@blueprint.get("/<int(max=9223372036854775807):advance_id>/print")
def printed(advance_id: int) -> str:
    """The approval form on one A4 page."""
    found = _found(advance_id)
    payments = [entry for entry in entries_of(db.session(), found.id) if entry.kind == EntryKind.PAID]
    return render_template("advances/print.html", payments=payments, now=request_now(), **_record(found))


def _record(found: AdvanceRow) -> dict[str, Any]:
    session = db.session()
    return {
        "advance": found,
        "spend": spend_of(session, found.id),
        "decisions": decisions_on(session, found.instance_id),
    }


def _found(advance_id: int) -> AdvanceRow:
    """An advance that the reader may see; any other does not exist for them."""
    actor = current_actor()
    found = advance_of(db.session(), advance_id=advance_id, today=request_today())
    if found is None or not (may_see(db.session(), actor, found) or may_read_case(actor, found.instance_id)):
        raise NotFound("There is no such advance.")
    return found


def _scope(scopes: list[Scope]) -> Scope:
    """The list that was asked for, or the one that serves the reader best: finance looks after all of them."""
    asked = request.args.get("scope", "")
    return next((scope for scope in scopes if scope.value == asked), Scope.ALL if Scope.ALL in scopes else scopes[-1])


def _state() -> str:
    asked = request.args.get("state", "")
    return asked if asked in set(State) else ""
