"""A year as people look at it: which days are worked, and whether the week, the law or the company says so."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass

from chinese_calendar import get_holiday_detail
from chinese_calendar.constants import Holiday

from workflows.kernel.workdays import SATURDAY, Overrides, is_workday, knows_year

#: English name of a public holiday -> its Chinese one.
_CHINESE = {holiday.value: holiday.chinese for holiday in Holiday}


class Source(enum.StrEnum):
    """Who says whether a day is worked."""

    #: Monday to Friday are, Saturday and Sunday are not.
    WEEK = "week"
    #: A public holiday, or a weekend day that is worked instead of one.
    PUBLIC = "public"
    #: The company says so itself.
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class DayInfo:
    """One day. ``name_zh`` and ``name_en`` name the public holiday that it is, or for which it is worked; ``note`` is
    the company's. ``public_works`` is what holds without the company's word."""

    day: dt.date
    works: bool
    source: Source
    public_works: bool
    name_zh: str = ""
    name_en: str = ""
    note: str = ""


def day_info(day: dt.date, overrides: Overrides, note: str = "") -> DayInfo:
    """Say what a day is."""
    name_en = get_holiday_detail(day)[1] or "" if knows_year(day.year) else ""
    public_works = is_workday(day, {})
    is_public = public_works != (day.weekday() < SATURDAY) or bool(name_en)
    source = Source.COMPANY if day in overrides else Source.PUBLIC if is_public else Source.WEEK
    works = is_workday(day, overrides)
    return DayInfo(day, works, source, public_works, _CHINESE.get(name_en, name_en), name_en, note)


def year_days(year: int, overrides: Overrides, notes: Mapping[dt.date, str] | None = None) -> list[DayInfo]:
    """Give all days of a year, in order."""
    first = dt.date(year, 1, 1)
    count = (dt.date(year, 12, 31) - first).days + 1
    days = (first + dt.timedelta(days=number) for number in range(count))
    return [day_info(day, overrides, (notes or {}).get(day, "")) for day in days]
