"""Decision tables in the browser: everyone who works by them reads and tries them, who sets the limits changes them."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.accounts.actor import current_actor
from webapp.clock import request_now
from webapp.decisions.differences import RowChange, differences
from webapp.decisions.editing import REMARKS, Draft, draft_of, draft_sent
from webapp.decisions.sheets import Shown, decided_in_words, shown
from webapp.decisions.trying import Outcome, Trial, example, outcome, trial
from webapp.engine import change
from webapp.extensions import db
from webapp.i18n import current_language
from webapp.processes import process_names
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.language.decisions import Table
from workflows.engine.language.sheets import Row
from workflows.engine.safe_xml import BadDiagram
from workflows.engine.tables import (
    DecisionVersion,
    Unsound,
    change_table,
    newest_versions,
    rows_of,
    versions,
    with_rows,
)
from workflows.kernel.errors import Invalid, StaleRevision
from workflows.people.directory import names_of

blueprint = Blueprint("decisions", __name__, url_prefix="/decisions")
_HISTORY_PAGE = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One version in the history, beside the one before it."""

    version: DecisionVersion
    after: Shown
    before: Shown | None
    changes: list[RowChange]


@blueprint.get("")
def overview() -> str:
    """The tables that may be changed."""
    session = db.session()
    rows = newest_versions(session)
    return render_template(
        "decisions/overview.html",
        tables=[(version, shown(version)) for version in rows],
        processes=process_names(session, current_language()),
        names=_names(session, rows),
    )


@blueprint.get("/<process_key>/<decision_id>")
def table(process_key: str, decision_id: str) -> str:
    """One table as it is in force, and what it says of the facts that somebody tries."""
    session = db.session()
    version = _newest(session, process_key, decision_id)
    one = shown(version)
    tried = trial(one, request.args, is_asked="try" in request.args)
    said = outcome(one, one.table, tried.facts) if tried.facts is not None else None
    return render_template(
        "decisions/table.html",
        shown=one,
        version=version,
        process_name=_process_name(session, process_key),
        names=_names(session, [version]),
        trial=tried,
        outcome=said,
    )


@blueprint.get("/<process_key>/<decision_id>/history")
def history(process_key: str, decision_id: str) -> str:
    """Every version: who made it, when, why, and what changed."""
    session = db.session()
    _newest(session, process_key, decision_id)
    said = request.args.get("before", "")
    before = int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None  # noqa: PLR2004 (a column)
    found = versions(session, process_key, decision_id, before=before, limit=_HISTORY_PAGE + 1)
    steps = []
    for index, version in enumerate(found[:_HISTORY_PAGE]):
        earlier = shown(found[index + 1]) if index + 1 < len(found) else None
        later = shown(version)
        steps.append(Step(version, later, earlier, differences(earlier.rows, later.rows) if earlier else []))
    more = None
    if len(found) > _HISTORY_PAGE:
        last = found[_HISTORY_PAGE - 1].version
        more = url_for("decisions.history", process_key=process_key, decision_id=decision_id, before=last)
    return render_template("decisions/history.html", steps=steps, names=_names(session, found), more=more)


@blueprint.route("/<process_key>/<decision_id>/edit", methods=["GET", "POST"])
def edit(process_key: str, decision_id: str) -> Response | str | tuple[str, int]:
    """The rows of a table in a form; every button but the one that saves only changes the form."""
    version = _newest(db.session(), process_key, decision_id)
    one = shown(version)
    if request.method == "GET":
        return _form(draft_of(one), Trial({}))
    draft = draft_sent(one, request.form)
    act, _sign, number = request.form.get("act", "check").partition("-")
    if act == "save":
        return _save(draft, version)
    note = ""
    if act == "add":
        draft.add()
    elif act in ("copy", "remove") and number.isascii() and number.isdecimal() and len(number) < 5:  # noqa: PLR2004 (a row)
        (draft.add if act == "copy" else draft.remove)(int(number))
    elif act == "replace":
        count = draft.replace()
        note = _("The limit was replaced in %(count)s cells. Nothing is saved yet.", count=count) if count else ""
    elif act == "rebase":
        draft.version = one.version
    tried = trial(one, request.form, is_asked=act == "try")
    return _form(draft, tried, note=note, is_checked=act in ("check", "try", "replace", "rebase"))


def _save(draft: Draft, version: DecisionVersion) -> Response | tuple[str, int]:
    """Put the rows into force; whatever keeps them from it, the form comes back as it was."""
    one = draft.shown
    tried = trial(one, request.form, is_asked=False)
    rows: tuple[Row, ...] = ()
    try:
        rows = draft.read()
        with change() as session:
            change_table(
                session, one.process_key, one.id, rows,
                expected=draft.version, reason=draft.reason, actor_id=current_actor().id, now=request_now(),
            )  # fmt: skip
    except StaleRevision as refusal:
        newest = _newest(db.session(), one.process_key, one.id)
        if not _is_same(newest, draft, rows):
            draft.shown = shown(newest)
            return _form(draft, tried, note=_(refusal.message), is_stale=True), 409
    except Invalid as refusal:
        draft.show(refusal)
        # Rows that overlap are named at once, and not only when a reason has been given.
        return _form(draft, tried, is_checked=set(draft.errors) == {"reason"}), 422
    except (Unsound, BadDiagram):
        return _form(draft, tried, is_checked=True), 422
    flash(_("The table is changed. The new limits hold from the next decision on."), "success")
    return redirect(url_for("decisions.table", process_key=one.process_key, decision_id=one.id), 303)


def _is_same(newest: DecisionVersion, draft: Draft, rows: tuple[Row, ...]) -> bool:
    """Whether the newest version is this very form, which was sent twice."""
    return (
        newest.version == draft.version + 1
        and newest.changed_by_id == current_actor().id
        and newest.reason == " ".join(draft.reason.split())
        and rows_of(newest) == rows
    )


def _form(draft: Draft, tried: Trial, *, note: str = "", is_checked: bool = False, is_stale: bool = False) -> str:
    """The form, with what its rows would do where they can be read."""
    session, one = db.session(), draft.shown
    stale: list[RowChange] = []
    seen: Shown | None = None
    if is_stale:
        seen = _seen(session, draft)
        stale = differences(seen.rows, one.rows) if seen else []
    edited, changes = _edited(draft) if is_checked else (None, [])
    if draft.fault is not None and tried.facts is None and not any(tried.typed.values()):
        tried = example(one, draft.fault.example)
    outcomes: list[Outcome | None] = [None, None]
    if tried.facts is not None:
        outcomes = [outcome(one, one.table, tried.facts), outcome(one, edited, tried.facts) if edited else None]
    return render_template(
        "decisions/edit.html",
        draft=draft,
        shown=one,
        process_name=_process_name(session, one.process_key),
        trial=tried,
        outcomes=outcomes,
        note=note,
        is_checked=is_checked,
        is_stale=is_stale,
        seen=seen,
        stale=stale,
        changes=changes,
        remarks=REMARKS,
    )


def _edited(draft: Draft) -> tuple[Table | None, list[RowChange]]:
    """The table that the form would save and what it changes; what is wrong with it is kept in the form."""
    one = draft.shown
    try:
        rows = draft.read()
        changes = differences(one.rows, rows)
        return with_rows(one.text, one.id, rows)[1], changes
    except Invalid as refusal:
        draft.show(refusal)
    except Unsound as refusal:
        draft.fault = refusal.fault
        return refusal.table, changes
    except BadDiagram:
        draft.errors["rows"] = [_("There are too many rows to prove that none of them overlap: write fewer.")]
    return None, []


def _seen(session: Session, draft: Draft) -> Shown | None:
    """The version that the person saw when they began."""
    one = draft.shown
    if not 0 < draft.version < one.version:
        return None
    return shown(versions(session, one.process_key, one.id, before=draft.version + 1, limit=1)[0])


def _newest(session: Session, process_key: str, decision_id: str) -> DecisionVersion:
    return versions(session, process_key.replace("\0", ""), decision_id.replace("\0", ""), limit=1)[0]


def _process_name(session: Session, process_key: str) -> str:
    return process_names(session, current_language()).get(process_key, process_key)


def _names(session: Session, rows: list[DecisionVersion]) -> dict[int, str]:
    ids = [row.changed_by_id for row in rows if row.changed_by_id is not None]
    return names_of(session, ids, in_english=current_language() == "en")


@blueprint.app_template_filter("decided_in_words")
def decided(details: dict[str, Any], diagram: Diagram) -> str:
    """What a case's history keeps of a decision; the diagram's own file knows what facts and answers are called."""
    name = str(details.get("table", ""))
    name = str(details.get("table", ""))
    text = diagram.files.get(f"{name}.dmn")
    return decided_in_words(text, name, details.get("facts", {}), details.get("answers", {})) if text else ""
