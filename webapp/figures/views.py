"""The pages of the figures: charts with their tables, and the same tables as files."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext as _

from forms.figures import CUSTOM, FiguresForm
from webapp.accounts.actor import current_actor
from webapp.clock import request_now
from webapp.extensions import db
from webapp.figures.asked import described, form_here, question_of, question_or_errors
from webapp.figures.files import csv_of, workbook_of
from webapp.figures.tables import FEW, SHEETS, Sheet, sheet_of, span
from webapp.headers import allow_style_attributes
from webapp.i18n import instant
from workflows.engine.waiting import Question

blueprint = Blueprint("figures", __name__, url_prefix="/figures")
blueprint.add_app_template_filter(span)

#: A page shows this many rows of a table; files hold all of them.
MOST_ROWS = 50
_CSV = "text/csv; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
def overview() -> str | tuple[str, int]:
    """The figures of a period, or the filters with what is wrong with them."""
    session, actor = db.session(), current_actor()
    form = form_here(session, actor)
    question = question_or_errors(session, actor, form)
    # The library that draws the charts writes style attributes.
    allow_style_attributes()
    if question is None:
        return render_template("figures/overview.html", form=form, sheets=[], CUSTOM=CUSTOM), 422
    sheets = _sheets(question)
    return render_template(
        "figures/overview.html", form=form, sheets=sheets, totals=_totals(sheets[0]), kept=_kept(form), CUSTOM=CUSTOM,
        FEW=FEW, MOST_ROWS=MOST_ROWS, about=_about(form),
    )  # fmt: skip


@blueprint.get("/<noun>.csv")
def table(noun: str) -> Response:
    """One table, all of its rows."""
    if noun not in SHEETS:
        abort(404)
    session, actor = db.session(), current_actor()
    question = question_of(session, actor, form_here(session, actor))
    found = sheet_of(noun, session, actor, question, now=request_now())
    return _file(csv_of(found), _CSV, f"figures-{noun}-{question.first_on}-{question.last_on}.csv")


@blueprint.get("/figures.xlsx")
def workbook() -> Response:
    """All tables in one workbook."""
    session, actor = db.session(), current_actor()
    form = form_here(session, actor)
    question = question_of(session, actor, form)
    content = workbook_of(_sheets(question), _about(form))
    return _file(content, _XLSX, f"figures-{question.first_on}-{question.last_on}.xlsx")


def _sheets(question: Question) -> list[Sheet]:
    session, actor, now = db.session(), current_actor(), request_now()
    return [sheet_of(noun, session, actor, question, now=now) for noun in SHEETS]


def _totals(steps: Sheet) -> dict[str, Any]:
    """What stands above the charts: sums over all steps, and the step on which most time is waited."""
    at = {column.key: number for number, column in enumerate(steps.columns)}
    sums = {key: sum(row.cells[at[key]] for row in steps.rows) for key in ("open", "overdue", "answered", "late")}
    first = steps.rows[0] if steps.rows else None
    has_bottleneck = first is not None and first.cells[at["share"]] > 0
    return {**sums, "bottleneck": first.label if first and has_bottleneck else None,
            "share": first.cells[at["share"]] if first else 0}  # fmt: skip


def _about(form: FiguresForm) -> list[str]:
    """What the figures are about and what is counted, a sentence a line."""
    return [
        described(form),
        _("As of %(now)s (Beijing time).", now=instant(request_now())),
        _("Waiting time is elapsed time by the clock, nights and weekends included, from when the work came onto the "
          "desk until it was answered."),
        _("Answered: completed within the period. Skipped, cancelled and not yet due work counts nowhere."),
        _("Open and overdue: as of now, whatever the period."),
        _("Share of all waiting: of what was answered in the period and, while the period reaches today, of what is "
          "open until now."),
        _("Median: half were answered faster. P90: nine of ten were. Both are off by 5% at most."),
        _("Work belongs to the person on whose desk it lay last, people to the department of today."),
    ]  # fmt: skip


def _kept(form: FiguresForm) -> dict[str, str]:
    """The filters, to be carried on into the links to files."""
    names = ("process", "period", "department", *(("from", "to") if form.period.data == CUSTOM else ()))
    return {name: request.args[name] for name in names if request.args.get(name)}


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=media_type, headers=headers)
