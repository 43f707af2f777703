"""Working days in China: weekdays without the public holidays, with the weekend days that are worked instead of them.

Days are calendar days in Shanghai. ``overrides`` is the company's own calendar and goes before the public one: a date
-> True where the company works, False where it does not. For a year that the public calendar does not know yet (it is
announced each November) weekdays are working days, and the log says so once.
"""

import datetime as dt
import logging
from collections.abc import Mapping
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
SATURDAY = 5

Overrides = Mapping[dt.date, bool]

_log = logging.getLogger(__name__)


def is_workday(day: dt.date, overrides: Overrides) -> bool:
    """Say whether people work on a day."""
    if day in overrides:
        return overrides[day]
    if knows_year(day.year):
        return _is_public_workday(day)
    return day.weekday() < SATURDAY


def next_workday(day: dt.date, overrides: Overrides) -> dt.date:
    """Give the first working day after a day."""
    return _walk(day, 1, overrides)


def previous_workday(day: dt.date, overrides: Overrides) -> dt.date:
    """Give the last working day before a day."""
    return _walk(day, -1, overrides)


def workday_on_or_before(day: dt.date, overrides: Overrides) -> dt.date:
    """Give the day itself if people work on it, otherwise the last working day before it."""
    return day if is_workday(day, overrides) else previous_workday(day, overrides)


def add_workdays(start: dt.datetime, n: int, overrides: Overrides) -> dt.datetime:
    """Give the instant that is ``n`` working days later, at the same time of day, in the time zone of ``start``.

    What starts on a day off counts as if it started on the next working day: two working days from Saturday or from
    Monday are both Wednesday. ``n`` is not negative and ``start`` has a time zone; otherwise ``ValueError``.
    """
    if n < 0:
        raise ValueError("Working days are counted forwards")
    if start.tzinfo is None:
        raise ValueError("An instant needs a time zone")
    local = start.astimezone(SHANGHAI)
    day = local.date() if is_workday(local.date(), overrides) else next_workday(local.date(), overrides)
    for _ in range(n):
        day = next_workday(day, overrides)
    return dt.datetime.combine(day, local.time(), SHANGHAI).astimezone(start.tzinfo)


def count_workdays(after: dt.date, until: dt.date, overrides: Overrides) -> int:
    """Count the working days after one day up to and including another; 0 when that is not later.

    From a Friday to the Tuesday that follows, with nothing special between them, there are two.
    """
    days = (after + dt.timedelta(days=number) for number in range(1, (until - after).days + 1))
    return sum(is_workday(day, overrides) for day in days)


def _walk(day: dt.date, step: int, overrides: Overrides) -> dt.date:
    """Go to the nearest working day in one direction; a company closed for a whole year is a mistake."""
    for _ in range(366):
        day += dt.timedelta(days=step)
        if is_workday(day, overrides):
            return day
    raise ValueError("The calendar has a whole year without a working day")


@lru_cache(maxsize=4096)
def _is_public_workday(day: dt.date) -> bool:
    """Ask the public calendar, which goes through all of its years for each answer."""
    return bool(chinese_calendar.is_workday(day))


@cache
def knows_year(year: int) -> bool:
    """Say whether the public calendar knows a year, and warn the first time when it does not."""
    try:
        chinese_calendar.is_workday(dt.date(year, 1, 1))
    except NotImplementedError:
        _log.warning("The public holidays of %s are not known: weekdays count as working days", year)
        return False
    return True
