"""A year as the page shows it: twelve months of weeks, each day with its mark, its words and its colours."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from babel.dates import get_day_names, get_month_names
from flask import Flask
from flask_babel import gettext as _

from webapp.i18n import current_language, day, localized
from workflows.calendar.year import DayInfo, Source
from workflows.kernel.workdays import SATURDAY


@dataclass(frozen=True, slots=True)
class Month:
    """A month. ``weeks`` have seven places from Monday to Sunday, None outside the month."""

    number: int
    weeks: list[list[DayInfo | None]]
    workdays: int


def months(days: Sequence[DayInfo]) -> list[Month]:
    """Arrange the days of a year."""
    found = []
    for number in range(1, 13):
        of_month = [info for info in days if info.day.month == number]
        places: list[DayInfo | None] = [None] * of_month[0].day.weekday()
        places += of_month
        places += [None] * (-len(places) % 7)
        weeks = [places[start : start + 7] for start in range(0, len(places), 7)]
        found.append(Month(number, weeks, sum(info.works for info in of_month)))
    return found


def look(info: DayInfo, today: dt.date) -> str:
    """The style classes of a day."""
    classes = ["day", "day-on" if info.works else "day-off", f"day-{info.source}"]
    return " ".join(classes + (["day-today"] if info.day == today else []))


def mark(info: DayInfo) -> str:
    """The one sign that says that a day is not what its weekday makes one expect; empty for what is as usual."""
    if info.source == Source.WEEK:
        return ""
    return _("W") if info.works else _("O")


def words(info: DayInfo) -> str:
    """What a day is, for a pointer that rests on it and for those who listen."""
    return _("%(day)s: %(kind)s", day=day(info.day), kind=kind(info))


def kind(info: DayInfo) -> str:
    """What a day is and who says so."""
    name = localized(info.name_zh, info.name_en)
    if info.source == Source.COMPANY:
        said = _("working day of the company") if info.works else _("day off of the company")
        return f"{said} ({info.note})" if info.note and current_language() == "en" else said + _note(info)
    if info.source == Source.PUBLIC:
        return _("worked instead of %(name)s", name=name) if info.works else _("public holiday, %(name)s", name=name)
    if info.works:
        return _("working day")
    return _("weekend") if info.day.weekday() >= SATURDAY else _("day off")


def _note(info: DayInfo) -> str:
    return f"（{info.note}）" if info.note else ""


def month_name(number: int) -> str:
    """十月; October."""
    return str(get_month_names("wide", "stand-alone", locale=current_language())[number])


def weekday_names() -> list[tuple[str, str]]:
    """The short and the whole names of the days from Monday to Sunday."""
    short, whole = (get_day_names(width, "stand-alone", locale=current_language()) for width in ("narrow", "wide"))
    return [(str(short[number]), str(whole[number])) for number in range(7)]


def init_year(app: Flask) -> None:
    """What the templates of the calendar ask for."""
    app.jinja_env.filters["month_name"] = month_name
    app.jinja_env.globals.update(
        day_look=look, day_mark=mark, day_words=words, day_kind=kind, weekday_names=weekday_names
    )
