"""Working days around the holidays of 2025 and 2026, whose weekends are worked in exchange."""

import datetime as dt
import logging

import pytest

from workflows.kernel import workdays
from workflows.kernel.workdays import (
    add_workdays,
    is_workday,
    next_workday,
    previous_workday,
    workday_on_or_before,
)

SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def at(month, day, hour=10, year=2025):
    return dt.datetime(year, month, day, hour, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2025-09-26", True),  # A Friday.
        ("2025-09-27", False),  # A Saturday.
        ("2025-09-28", True),  # A Sunday that is worked for the National Day week.
        ("2025-09-30", True),
        ("2025-10-01", False),  # National Day to Mid-Autumn Festival.
        ("2025-10-08", False),
        ("2025-10-09", True),
        ("2025-10-11", True),  # A Saturday that is worked.
        ("2026-02-14", True),  # A Saturday that is worked before Spring Festival.
        ("2026-02-16", False),  # New Year's Eve, a Monday.
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),  # A Saturday that is worked after Spring Festival.
        ("2026-03-01", False),
    ],
)
def test_days_off_and_days_worked_in_exchange_are_known(day, works):
    assert is_workday(dt.date.fromisoformat(day), {}) is works


def test_the_company_calendar_goes_before_the_public_one():
    overrides = {dt.date(2025, 10, 2): True, dt.date(2025, 9, 30): False}
    assert is_workday(dt.date(2025, 10, 2), overrides)
    assert not is_workday(dt.date(2025, 9, 30), overrides)


def test_two_working_days_from_a_monday_are_wednesday_at_the_same_hour():
    assert add_workdays(at(9, 15), 2, {}) == at(9, 17)


def test_a_weekend_is_passed_over():
    assert add_workdays(at(9, 19), 1, {}) == at(9, 22)


def test_the_national_day_week_is_passed_over_and_its_worked_weekend_counts():
    # Tuesday 30 September, then Thursday 9, Friday 10, Saturday 11 (worked), Monday 13 October.
    assert add_workdays(at(9, 30), 1, {}) == at(10, 9)
    assert add_workdays(at(9, 30), 3, {}) == at(10, 11)
    assert add_workdays(at(9, 30), 4, {}) == at(10, 13)
    # Friday 26 September, then Sunday 28 (worked).
    assert add_workdays(at(9, 26), 1, {}) == at(9, 28)


def test_spring_festival_is_passed_over():
    # Saturday 14 February 2026 is worked; the next working day is Tuesday the 24th.
    assert add_workdays(at(2, 14, year=2026), 1, {}) == at(2, 24, year=2026)


def test_what_starts_on_a_day_off_counts_from_the_next_working_day():
    assert add_workdays(at(9, 20), 2, {}) == add_workdays(at(9, 22), 2, {}) == at(9, 24)
    assert add_workdays(at(10, 3), 0, {}) == at(10, 9)
    assert add_workdays(at(9, 22), 0, {}) == at(9, 22)


def test_the_day_is_that_of_shanghai():
    # 17:00 in UTC on Friday is one o'clock on Saturday in Shanghai.
    friday_evening = dt.datetime(2025, 9, 19, 17, tzinfo=dt.UTC)
    due = add_workdays(friday_evening, 1, {})
    assert due == at(9, 23, 1)
    assert due.tzinfo is dt.UTC


def test_previous_next_and_on_or_before():
    holiday = dt.date(2025, 10, 5)
    assert previous_workday(holiday, {}) == dt.date(2025, 9, 30)
    assert next_workday(holiday, {}) == dt.date(2025, 10, 9)
    assert workday_on_or_before(holiday, {}) == dt.date(2025, 9, 30)
    assert workday_on_or_before(dt.date(2025, 10, 11), {}) == dt.date(2025, 10, 11)
    assert previous_workday(dt.date(2025, 10, 11), {}) == dt.date(2025, 10, 10)


def test_a_year_that_nobody_knows_yet_has_plain_weekdays_and_one_warning(caplog):
    workdays.knows_year.cache_clear()
    with caplog.at_level(logging.WARNING):
        # 30 September 2090 is a Saturday: it counts from Monday the 2nd, which would be a holiday if it were known.
        assert add_workdays(at(9, 30, year=2090), 2, {}) == at(10, 4, year=2090)
        assert not is_workday(dt.date(2090, 10, 1), {})
    assert [record.getMessage() for record in caplog.records] == [
        "The public holidays of 2090 are not known: weekdays count as working days"
    ]


def test_counting_backwards_or_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="forwards"):
        add_workdays(at(9, 15), -1, {})
    with pytest.raises(ValueError, match="time zone"):
        add_workdays(dt.datetime(2025, 9, 15, 10), 1, {})  # noqa: DTZ001 (this is what is refused)


def test_a_calendar_without_working_days_is_refused_instead_of_searched_for_ever():
    closed = {dt.date(2025, 9, 15) + dt.timedelta(days=number): False for number in range(400)}
    with pytest.raises(ValueError, match="whole year"):
        add_workdays(at(9, 15), 1, closed)
