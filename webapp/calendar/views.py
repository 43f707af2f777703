"""The pages on working days. Everyone may read them; administrators change days, and deadlines follow."""

import datetime as dt
import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from forms.calendar import DayForm, ImportForm, RangeForm
from forms.page import PageForm
from webapp.access import may_open
from webapp.calendar.due import init_due, own_days
from webapp.calendar.files import as_csv, as_ics, read_csv
from webapp.calendar.year import init_year, kind, months
from webapp.clock import request_now, request_today
from webapp.engine import change, saved
from webapp.extensions import db
from webapp.i18n import current_language
from webapp.jobs import defer
from workflows.calendar import changes as operations
from workflows.calendar.changes import YEARS
from workflows.calendar.year import DayInfo, Source, day_info, year_days
from workflows.kernel.errors import NotFound
from workflows.kernel.workdays import is_workday, knows_year
from workflows.people.directory import names_of

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")
blueprint.record_once(lambda state: init_due(state.app))
blueprint.record_once(lambda state: init_year(state.app))

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@blueprint.get("")
def overview() -> str:
    """A year."""
    return _year_page(_year(), RangeForm(data={"works": "off", "only_weekdays": True}))


@blueprint.post("")
def change_days() -> Response | tuple[str, int]:
    """Change a range of days; days that are so already stay as they are."""
    form = RangeForm(request.form)
    if form.validate():
        days = [day for day in form.days() if _becomes_different(day, form.said())]
        if not days:
            flash(_("The calendar says so already; nothing was changed."), "info")
            return redirect(url_for("calendar.overview", year=form.first_on.data.year), 303)
        if _change(form, days, form.said(), form.note.data or ""):
            return redirect(url_for("calendar.overview", year=days[0].year), 303)
    meant = form.first_on.data.year if form.first_on.data else None
    return _year_page(meant if meant in YEARS else _year(), form), 422


@blueprint.get("/<day>")
def day(day: str) -> str:
    """One day: what it is, who said so, and what it may become."""
    on = _day(day)
    is_worked = is_workday(on, own_days())
    return _day_page(on, DayForm(data={"works": "off" if is_worked else "on"}))


@blueprint.post("/<day>")
def change_day(day: str) -> Response | tuple[str, int]:
    """Change one day."""
    on, form = _day(day), DayForm(request.form)
    if form.validate() and _change(form, [on], form.said(), form.note.data or ""):
        return redirect(url_for("calendar.overview", year=on.year, _anchor=f"month-{on.month}"), 303)
    return _day_page(on, form), 422


@blueprint.post("/changes/<int:change_id>/undo")
def undo(change_id: int) -> Response:
    """Take a change back."""
    with change() as session:
        if operations.undo_change(session, change_id, actor_id=current_user.id, now=request_now()):
            defer(session, [("recount_deadlines", {})])
    flash(_("The change is undone. Deadlines of open tasks follow within a minute."), "success")
    return redirect(url_for("calendar.overview", year=_year()), 303)


@blueprint.get("/days.csv")
def table() -> Response:
    """The days of a year that are not what their weekday makes one expect, as a table."""
    year = _year()
    return _file(as_csv(_days(year)), "text/csv", f"workdays-{year}.csv")


@blueprint.get("/days.ics")
def feed() -> Response:
    """The same for calendars."""
    year = _year()
    return _file(as_ics(_days(year), kind, request_now()), "text/calendar", f"workdays-{year}.ics")


@blueprint.post("/days.csv")
def read_table() -> Response | tuple[str, int]:
    """Take days over from a table; all of it, or, when a line is wrong, nothing."""
    form = ImportForm(request.form)
    file = request.files.get("file")
    given: list[dt.date] = []

    def take(session: Session) -> None:
        wanted = read_csv(file.read() if file else b"")
        given.extend(operations.set_table(session, wanted, actor_id=current_user.id, now=request_now()))
        defer(session, [("recount_deadlines", {})] if given else [])

    if saved(form, take):
        flash(ngettext("%(num)s day was changed.", "%(num)s days were changed.", len(given)), "success")
        return redirect(url_for("calendar.overview", year=given[0].year if given else _year()), 303)
    return _year_page(_year(), RangeForm(data={"works": "off", "only_weekdays": True}), form), 422


def _change(form: PageForm, days: list[dt.date], works: bool | None, note: str) -> bool:
    """Write a change and have open deadlines counted again; a refusal stands at the form's fields."""
    numbers: list[int | None] = []
    who, now = current_user.id, request_now()
    done = saved(
        form,
        lambda session: (
            numbers.append(operations.set_days(session, days, works, note=note, actor_id=who, now=now)),
            defer(session, [("recount_deadlines", {})] if numbers[0] else []),
        ),
    )
    if done:
        flash(_("The calendar is changed. Deadlines of open tasks follow within a minute."), "success")
    return done


def _becomes_different(day: dt.date, works: bool | None) -> bool:
    return day in own_days() if works is None else is_workday(day, own_days()) != works


def _year_page(year: int, form: RangeForm, import_form: ImportForm | None = None) -> str:
    trail = operations.changes(db.session(), year=year)
    days = _days(year)
    return render_template(
        "calendar/year.html",
        year=year,
        years=YEARS,
        months=months(days),
        own=[info for info in days if info.source == Source.COMPANY],
        workdays=sum(info.works for info in days),
        is_known=knows_year(year),
        form=form if may_open("calendar.change_days") else None,
        import_form=import_form or ImportForm(),
        trail=trail,
        people=_names(trail),
        today=request_today(),
    )


def _day_page(on: dt.date, form: DayForm) -> str:
    note = operations.notes(db.session(), on.year).get(on, "")
    trail = operations.changes(db.session(), day=on)
    return render_template(
        "calendar/day.html",
        info=day_info(on, own_days(), note),
        form=form if may_open("calendar.change_day") else None,
        trail=trail,
        people=_names(trail),
        is_known=knows_year(on.year),
    )


def _names(trail: list[operations.ChangeRow]) -> dict[int, str]:
    return names_of(db.session(), {row.changed_by_id for row in trail}, in_english=current_language() == "en")


def _days(year: int) -> list[DayInfo]:
    return year_days(year, own_days(), operations.notes(db.session(), year))


def _year() -> int:
    said = request.args.get("year", "")
    return int(said) if re.fullmatch(r"[0-9]{4}", said, re.ASCII) and int(said) in YEARS else request_today().year


def _day(text: str) -> dt.date:
    """The day of an address; what is none is the address of nothing."""
    try:
        found = dt.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise NotFound("There is no such page, or none that you may see.")
    return found


def _file(text: str, media_type: str, name: str) -> Response:
    answer = Response(text.encode(), content_type=f"{media_type}; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
