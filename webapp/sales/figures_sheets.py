"""The tables of the figures of sales, as pages and files show them (``webapp.figures.tables``).

Sums are yuan as ``Decimal``, times seconds, shares parts of one.
"""

import datetime as dt
from collections.abc import Callable

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.figures.tables import FEW, Column, Row, Sheet
from webapp.i18n import localized
from webapp.sales.figures_asked import Question
from webapp.sales.words import STAGES
from workflows.kernel.money import from_fen
from workflows.sale import figures
from workflows.sale.figures import Asked
from workflows.sale.model import Stage


def sheet_of(noun: str, session: Session, question: Question, asked: Asked, *, today: dt.date) -> Sheet:
    """One of ``SHEETS``."""
    return SHEETS[noun](session, question, asked, today)


def _stages(session: Session, _question: Question, asked: Asked, today: dt.date) -> Sheet:
    rows = figures.stage_figures(session, asked, today=today)
    registered = rows[0].reached
    closed = sum(row.closed for row in rows)
    made = []
    for row in rows:
        name = _("%(number)s %(stage)s", number=row.stage, stage=STAGES[Stage(row.stage)])
        share = row.reached / registered if registered else 0.0
        cells = [name, row.reached, share, from_fen(row.expected_fen), row.lost, row.left,
                 row.median_seconds, row.p90_seconds]  # fmt: skip
        made.append(Row(name, cells, row.left))
    share = closed / registered if registered else 0.0
    made.append(Row(_("Completed"), [_("Completed"), closed, share, None, None, None, None, None], FEW))
    columns = [
        Column("stage", _("Stage"), "text"),
        Column("reached", _("Came this far"), "count"),
        Column("share", _("Of those registered"), "share"),
        Column("expected", _("Expected of them (yuan)"), "money"),
        Column("lost", _("Lost here"), "count"),
        Column("left", _("Left it in the period"), "count"),
        Column("median", _("Median time in it"), "time"),
        Column("p90", _("P90 time in it"), "time"),
    ]
    return Sheet("stages", _("Funnel"), columns, made)


def _months(session: Session, _question: Question, asked: Asked, today: dt.date) -> Sheet:
    made = []
    for row in figures.month_figures(session, asked, today=today):
        name = format_date(row.month, "yyyy-MM")
        sums = [from_fen(fen) for fen in (row.contracted_fen, row.collected_fen, row.refunded_fen)]
        made.append(Row(name, [name, row.signed, *sums], FEW))
    columns = [
        Column("month", _("Month"), "text"),
        Column("signed", _("Contracts signed"), "count"),
        Column("contracted", _("Contracted (yuan)"), "money"),
        Column("collected", _("Collected (yuan)"), "money"),
        Column("refunded", _("Refunded (yuan)"), "money"),
    ]
    return Sheet("months", _("Contracted and collected"), columns, made)


def _forecast(session: Session, _question: Question, asked: Asked, today: dt.date) -> Sheet:
    made = []
    for row in figures.forecast_figures(session, asked, today=today):
        name = format_date(row.month, "yyyy-MM")
        sums = [from_fen(fen) for fen in (row.a_fen, row.b_fen, row.c_fen, row.d_fen, row.total_fen)]
        made.append(Row(name, [name, row.count, *sums], FEW))
    grades = [Column(grade.lower(), _("Grade %(grade)s (yuan)", grade=grade), "money") for grade in "ABCD"]
    columns = [
        Column("month", _("Expected in"), "text"),
        Column("count", _("Open sales"), "count"),
        *grades,
        Column("total", _("Together (yuan)"), "money"),
    ]
    return Sheet("forecast", _("Forecast by grade"), columns, made)


def _people(session: Session, question: Question, asked: Asked, today: dt.date) -> Sheet:
    made = []
    for row in figures.person_figures(session, asked, today=today, person_id=question.person_id):
        name = localized(row.name, row.name_en)
        decided = row.won + row.lost
        cells = [
            name, row.open, from_fen(row.open_fen), row.won, from_fen(row.won_fen), row.lost,
            row.won / decided if decided else None, from_fen(row.collected_fen), row.visits, row.overdue,
        ]  # fmt: skip
        made.append(Row(name, cells, FEW))
    columns = [
        Column("person", _("Person"), "text"),
        Column("open", _("Open sales"), "count"),
        Column("open_sum", _("Expected of them (yuan)"), "money"),
        Column("won", _("Won"), "count"),
        Column("won_sum", _("Contracted (yuan)"), "money"),
        Column("lost", _("Lost"), "count"),
        Column("rate", _("Win rate"), "share"),
        Column("collected", _("Collected (yuan)"), "money"),
        Column("visits", _("Visits in 30 days"), "count"),
        Column("overdue", _("Follow-ups overdue"), "count"),
    ]
    return Sheet("people", _("People"), columns, made)


SHEETS: dict[str, Callable[[Session, Question, Asked, dt.date], Sheet]] = {
    "stages": _stages,
    "months": _months,
    "forecast": _forecast,
    "people": _people,
}
