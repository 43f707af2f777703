"""The page of the figures of sales: funnel, months, forecast and people, as charts, tables and files."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext as _

from forms.figures import CUSTOM
from webapp.accounts.actor import current_actor
from webapp.clock import request_now, request_today
from webapp.extensions import db
from webapp.figures.files import csv_of, workbook_of
from webapp.figures.tables import FEW, Sheet
from webapp.headers import allow_style_attributes
from webapp.i18n import instant
from webapp.sales.figures_asked import Question, described, question_here
from webapp.sales.figures_sheets import SHEETS, sheet_of
from workflows.kernel.errors import Invalid
from workflows.kernel.money import from_fen
from workflows.sale.figures import Asked, Outcome, outcome

blueprint = Blueprint("sale_figures", __name__, url_prefix="/sales/figures")

#: A page shows this many rows of a table; files hold all of them.
MOST_ROWS = 50
_CSV = "text/csv; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
def overview() -> str | tuple[str, int]:
    """The figures of a period, or the filters with what is wrong with them."""
    question = question_here(db.session(), current_actor())
    # The library that draws the charts writes style attributes.
    allow_style_attributes()
    if question.asked is None:
        return render_template("sales/figures.html", form=question.form, sheets=[], CUSTOM=CUSTOM), 422
    came = outcome(db.session(), question.asked, today=request_today())
    return render_template(
        "sales/figures.html", form=question.form, sheets=_sheets(question, question.asked), CUSTOM=CUSTOM, FEW=FEW,
        MOST_ROWS=MOST_ROWS, outcome=came, won=from_fen(came.won_fen), rate=_rate(came), kept=_kept(question),
        about=_about(question, question.asked),
    )  # fmt: skip


@blueprint.get("/<noun>.csv")
def table(noun: str) -> Response:
    """One table, all of its rows."""
    if noun not in SHEETS:
        abort(404)
    question, asked = _asked()
    found = sheet_of(noun, db.session(), question, asked, today=request_today())
    return _file(csv_of(found), _CSV, f"sales-{noun}-{asked.first_on}-{asked.last_on}.csv")


@blueprint.get("/figures.xlsx")
def workbook() -> Response:
    """All tables in one workbook."""
    question, asked = _asked()
    content = workbook_of(_sheets(question, asked), _about(question, asked))
    return _file(content, _XLSX, f"sales-{asked.first_on}-{asked.last_on}.xlsx")


def _asked() -> tuple[Question, Asked]:
    question = question_here(db.session(), current_actor())
    if question.asked is None:
        raise Invalid(
            {field.name: [(str(text), {}) for text in field.errors] for field in question.form if field.errors}
        )
    return question, question.asked


def _sheets(question: Question, asked: Asked) -> list[Sheet]:
    session, today = db.session(), request_today()
    return [sheet_of(noun, session, question, asked, today=today) for noun in SHEETS]


def _rate(came: Outcome) -> str:
    return "—" if came.win_rate is None else f"{came.win_rate:.1%}"


def _about(question: Question, asked: Asked) -> list[str]:
    """What the figures are about and what is counted, a sentence a line."""
    return [
        described(question.form, asked),
        _("As of %(now)s (Beijing time).", now=instant(request_now())),
        _("Funnel: of the sales that were registered in the period, how many have come to a stage by now, in whatever "
          "way they went on."),
        _("Time in a stage: of the sales that went on from it in the period, from coming to it, or back to it, until "
          "then. Median: half were faster. P90: nine of ten were."),
        _("Won: a contract was signed in the period. Lost: lost in the period and not taken up again. Win rate: won of "
          "won and lost."),
        _("Collected: receipts less what was reversed, on the day on which the money came in; refunds stand beside "
          "them."),
        _("Forecast: what open sales without a signed contract are expected to bring, by the grade of their customer, "
          "as of now, whatever the period."),
        _("Sales belong to the person and the department that have them today. Visits are those of the last 30 days."),
    ]  # fmt: skip


def _kept(question: Question) -> dict[str, Any]:
    """The filters, to be carried on into the links to files."""
    names = ("period", "department", *(("from", "to") if question.form.period.data == CUSTOM else ()))
    return {name: request.args[name] for name in names if request.args.get(name)}


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=media_type, headers=headers)
