"""The tables of the figures as pages and files show them: headings, and rows of words and numbers.

Times are seconds and shares parts of one until they are written; ``span`` writes a time for people.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.engine import engine
from webapp.i18n import current_language, localized
from webapp.processes import process_names
from workflows.engine import figures
from workflows.engine.process import Actor
from workflows.engine.waiting import Question, Waiting

#: A percentile of fewer than this many says little, and is shown with their number.
FEW = 10
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Column:
    """``kind`` is text, count, time (seconds, or None), share (part of one) or money (yuan as ``Decimal``)."""

    key: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """The cells in the order of the columns; ``label`` names the row in a chart."""

    label: str
    cells: list[Any]
    answered: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: which one it is, its heading, what it holds."""

    noun: str
    title: str
    columns: list[Column]
    rows: list[Row]


def sheet_of(noun: str, session: Session, actor: Actor, question: Question, *, now: dt.datetime) -> Sheet:
    """One of ``SHEETS``. The caller has had the question refused."""
    return SHEETS[noun](session, actor, question, now)


def span(seconds: float | None) -> str:
    """12 min, 5.3 h, 3.2 d: elapsed time; from 48 hours on in days of 24 hours, a dash for none."""
    if seconds is None:
        return "—"
    if seconds < _HOUR:
        return _("%(count)s min", count=round(seconds / _MINUTE))
    if seconds < 2 * _DAY:
        return _("%(count)s h", count=f"{seconds / _HOUR:.1f}")
    return _("%(count)s d", count=f"{seconds / _DAY:.1f}")


def step_name(session: Session, row: figures.StepRow) -> str:
    """The step's name in the diagram on which there was work last."""
    diagram = engine().diagram(session, row.definition_id)
    known = diagram.has_element(row.element_id)
    return diagram.element(row.element_id).name(current_language()) if known else row.element_id


def _steps(session: Session, actor: Actor, question: Question, now: dt.datetime) -> Sheet:
    rows = figures.step_figures(session, actor, question, now=now)
    names = process_names(session, current_language())
    has_many = len({row.process_key for row in rows}) > 1
    made = []
    for row in rows:
        step, process = step_name(session, row), names.get(row.process_key, row.process_key)
        label = _("%(process)s: %(step)s", process=process, step=step) if has_many else step
        made.append(Row(label, [step, process, *_cells(row.waiting)], row.waiting.answered))
    columns = [Column("step", _("Step"), "text"), Column("process", _("Process"), "text"), *_columns()]
    return Sheet("steps", _("Steps"), columns, made)


def _departments(session: Session, actor: Actor, question: Question, now: dt.datetime) -> Sheet:
    made = []
    for row in figures.department_figures(session, actor, question, now=now):
        name = localized(row.name, row.name_en) if row.department_id else _("On a group's desk, not claimed")
        made.append(Row(name, [name, *_cells(row.waiting)], row.waiting.answered))
    return Sheet("departments", _("Departments"), [Column("department", _("Department"), "text"), *_columns()], made)


def _people(session: Session, actor: Actor, question: Question, now: dt.datetime) -> Sheet:
    made = []
    for row in figures.person_figures(session, actor, question, now=now):
        name = localized(row.name, row.name_en) if row.person_id else _("On a group's desk, not claimed")
        made.append(
            Row(name, [name, localized(row.department, row.department_en), *_cells(row.waiting)], row.waiting.answered)
        )
    columns = [Column("person", _("Person"), "text"), Column("department", _("Department"), "text"), *_columns()]
    return Sheet("people", _("People"), columns, made)


def _months(session: Session, actor: Actor, question: Question, now: dt.datetime) -> Sheet:
    made = []
    for row in figures.month_figures(session, actor, question, now=now):
        name, waiting = format_date(row.month, "yyyy-MM"), row.waiting
        cells = [name, waiting.answered, waiting.late, waiting.median, waiting.p90]
        made.append(Row(name, cells, waiting.answered))
    columns = [Column("month", _("Month"), "text"), *(each for each in _columns() if each.key in _OF_MONTHS)]
    return Sheet("months", _("Trend by month"), columns, made)


_OF_MONTHS = ("answered", "late", "median", "p90")


def _columns() -> list[Column]:
    return [
        Column("open", _("Open"), "count"),
        Column("overdue", _("Overdue"), "count"),
        Column("answered", _("Answered"), "count"),
        Column("late", _("Answered late"), "count"),
        Column("median", _("Median wait"), "time"),
        Column("p90", _("P90 wait"), "time"),
        Column("share", _("Share of all waiting"), "share"),
    ]


def _cells(waiting: Waiting) -> list[Any]:
    return [
        waiting.open, waiting.overdue, waiting.answered, waiting.late, waiting.median, waiting.p90, waiting.share,
    ]  # fmt: skip


SHEETS: dict[str, Callable[[Session, Actor, Question, dt.datetime], Sheet]] = {
    "steps": _steps,
    "departments": _departments,
    "people": _people,
    "months": _months,
}
