"""A person's stock phrases: the page on which they are kept, and the chips beside every opinion."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from forms.conversation import PhraseForm
from webapp.accounts.actor import current_actor
from webapp.engine import change
from webapp.errors import status_of, told
from webapp.extensions import db
from workflows.conversation.phrases import (
    MOST_PHRASES,
    add_phrase,
    edit_phrase,
    move_phrase,
    phrases_of,
    remove_phrase,
)
from workflows.kernel.errors import Invalid, NotFound, Refusal

blueprint = Blueprint("phrases", __name__, url_prefix="/profile/phrases")

#: What is offered to whoever has no phrases of their own.
USUAL = (
    lazy_gettext("Agreed."),
    lazy_gettext("Agreed. Please proceed within the budget."),
    lazy_gettext("Please give more details."),
    lazy_gettext("Please correct this and send it again."),
    lazy_gettext("Not agreed."),
)


@blueprint.get("")
def overview() -> str:
    """One's own phrases, and those that one could take over."""
    return _page(PhraseForm())


@blueprint.post("")
def add() -> Response | tuple[str, int]:
    """Keep a phrase."""
    form = PhraseForm(request.form)
    try:
        _check(form)
        with change() as session:
            add_phrase(session, current_actor().id, form.text.data)
    except Refusal as refusal:
        _show(form, refusal)
        return _page(form), status_of(refusal)
    flash(_("The phrase is kept."), "success")
    return redirect(url_for("phrases.overview"), 303)


@blueprint.post("/<int:phrase_id>")
def edit(phrase_id: int) -> Response | tuple[str, int]:
    """Change the words of a phrase."""
    form = PhraseForm(request.form)
    try:
        _check(form)
        with change() as session:
            edit_phrase(session, current_actor().id, phrase_id, form.text.data)
    except NotFound:
        raise
    except Refusal as refusal:
        _show(form, refusal)
        return _page(PhraseForm(), edited=phrase_id, edit_form=form), status_of(refusal)
    flash(_("The phrase is kept."), "success")
    return redirect(url_for("phrases.overview"), 303)


@blueprint.post("/<int:phrase_id>/remove")
def remove(phrase_id: int) -> Response:
    """Delete a phrase."""
    with change() as session:
        remove_phrase(session, current_actor().id, phrase_id)
    flash(_("The phrase was deleted."), "success")
    return redirect(url_for("phrases.overview"), 303)


@blueprint.post("/<int:phrase_id>/move")
def move(phrase_id: int) -> Response:
    """Move a phrase up or down by one place."""
    with change() as session:
        move_phrase(session, current_actor().id, phrase_id, up=request.form.get("way") != "down")
    return redirect(url_for("phrases.overview"), 303)


@blueprint.app_template_global()
def stock_phrases() -> list[str]:
    """What the reader is offered beside an opinion: their own phrases, or the usual ones."""
    if "stock_phrases" not in g:
        own = [each.text for each in phrases_of(db.session(), current_actor().id)]
        g.stock_phrases = own or [str(each) for each in USUAL]
    phrases: list[str] = g.stock_phrases
    return phrases


def _check(form: PhraseForm) -> None:
    if not form.validate():
        raise form.refusal()


def _show(form: PhraseForm, refusal: Refusal) -> None:
    """Put a refusal at the field, or above it; what the form found itself stands there already."""
    if isinstance(refusal, Invalid) and not form.errors:
        form.show(refusal, told)
    elif not form.errors:
        form.form_errors = [*form.form_errors, told(refusal.message, refusal.params)]


def _page(form: PhraseForm, *, edited: int | None = None, edit_form: PhraseForm | None = None) -> str:
    phrases = phrases_of(db.session(), current_actor().id)
    own = {each.text for each in phrases}
    return render_template(
        "conversation/phrases.html",
        phrases=phrases,
        form=form,
        edited=edited,
        edit_form=edit_form,
        offered=[str(each) for each in USUAL if str(each) not in own],
        most=MOST_PHRASES,
    )
