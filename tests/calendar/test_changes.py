"""The company's calendar: what is set, handed back, undone and refused, and what is read of it."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from workflows.calendar.changes import changes, notes, set_days, undo_change
from workflows.calendar.overrides import VERSION, overrides
from workflows.calendar.year import Source, day_info, year_days
from workflows.kernel.errors import Conflict, Invalid, NotFound
from workflows.kernel.workdays import count_workdays

NOW = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)
FRIDAY, SATURDAY = dt.date(2026, 3, 13), dt.date(2026, 3, 14)
ADMINISTRATOR = 7


def change(session: Session, *days: dt.date, works: bool | None = False, note: str = "盘点") -> int | None:
    return set_days(session, days, works, note=note, actor_id=ADMINISTRATOR, now=NOW)


def rows(session: Session) -> list[Any]:
    return session.connection().exec_driver_sql("SELECT * FROM calendar_day ORDER BY change_id, day").all()


def test_a_company_without_a_calendar_has_no_days_of_its_own(session: Session) -> None:
    assert overrides(session) == {}


def test_the_newest_word_on_a_day_counts(session: Session) -> None:
    change(session, FRIDAY)
    change(session, FRIDAY, SATURDAY, works=True, note="赶工")
    assert overrides(session) == {FRIDAY: True, SATURDAY: True}
    change(session, FRIDAY, works=None, note="")
    assert overrides(session) == {SATURDAY: True}
    assert notes(session, 2026) == {SATURDAY: "赶工"}
    assert notes(session, 2025) == {}


def test_saying_the_same_again_changes_nothing(session: Session) -> None:
    first = change(session, FRIDAY)
    assert change(session, FRIDAY) is None
    assert change(session, SATURDAY, works=None, note="") is None
    assert len(rows(session)) == 1
    assert [each.id for each in changes(session)] == [first]


def test_only_days_that_become_different_are_written(session: Session) -> None:
    change(session, FRIDAY)
    change(session, FRIDAY, SATURDAY)
    assert [row.day for row in rows(session)] == [FRIDAY, SATURDAY]


def test_undoing_puts_every_day_back_to_what_it_was(session: Session) -> None:
    change(session, FRIDAY)
    second = change(session, FRIDAY, SATURDAY, works=True, note="赶工")
    assert second
    assert undo_change(session, second, actor_id=ADMINISTRATOR, now=NOW)
    assert overrides(session) == {FRIDAY: False}
    newest, undone, _ = changes(session)
    assert (newest.undoes_id, undone.undone, newest.days) == (second, True, {FRIDAY: False, SATURDAY: None})


def test_undoing_twice_is_undoing_once(session: Session) -> None:
    first = change(session, FRIDAY)
    assert first
    assert undo_change(session, first, actor_id=ADMINISTRATOR, now=NOW)
    before = rows(session)
    assert undo_change(session, first, actor_id=ADMINISTRATOR, now=NOW) is None
    assert rows(session) == before


def test_an_undone_change_can_be_brought_back(session: Session) -> None:
    first = change(session, FRIDAY)
    assert first
    undoing = undo_change(session, first, actor_id=ADMINISTRATOR, now=NOW)
    assert undoing
    assert undo_change(session, undoing, actor_id=ADMINISTRATOR, now=NOW)
    assert overrides(session) == {FRIDAY: False}


def test_a_change_that_another_has_overtaken_is_not_undone(session: Session) -> None:
    first = change(session, FRIDAY, SATURDAY)
    change(session, SATURDAY, works=True, note="赶工")
    before = rows(session)
    assert first
    with pytest.raises(Conflict, match="2026-03-14 was changed again since"):
        undo_change(session, first, actor_id=ADMINISTRATOR, now=NOW)
    with pytest.raises(NotFound):
        undo_change(session, 999_999_999, actor_id=ADMINISTRATOR, now=NOW)
    assert rows(session) == before


@pytest.mark.parametrize(
    ("days", "works", "note", "field", "complaint"),
    [
        ([], False, "盘点", "days", "no day"),
        ([FRIDAY + dt.timedelta(days=n) for n in range(367)], True, "赶工", "days", "At most 366 days"),
        ([dt.date(1999, 12, 31)], False, "盘点", "days", "2000 to 2099"),
        ([dt.date(2100, 1, 1)], False, "盘点", "days", "2000 to 2099"),
        ([FRIDAY], False, " \n\0 ", "note", "say why"),
        ([FRIDAY], False, "很" * 201, "note", "At most 200"),
        ([FRIDAY + dt.timedelta(days=n) for n in range(61)], False, "盘点", "days", "More than 60 days in a row"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    session: Session, days: list[dt.date], works: bool, note: str, field: str, complaint: str
) -> None:
    with pytest.raises(Invalid, match=complaint) as refused:
        set_days(session, days, works, note=note, actor_id=ADMINISTRATOR, now=NOW)
    assert list(refused.value.fields) == [field]
    assert rows(session) == []


def test_a_long_rest_may_not_be_pieced_together_either(session: Session) -> None:
    # Saturday 28 February is worked; 1 to 29 March and 30 March to 29 April are 29 and 31 days.
    first = [dt.date(2026, 3, 2) + dt.timedelta(days=n) for n in range(28)]
    second = [dt.date(2026, 3, 30) + dt.timedelta(days=n) for n in range(31)]
    change(session, *first)
    change(session, *second)
    before = rows(session)
    with pytest.raises(Invalid, match="More than 60 days in a row"):
        change(session, dt.date(2026, 4, 30))
    assert rows(session) == before


def test_the_version_that_another_statement_brought_along_is_believed(session: Session) -> None:
    change(session, FRIDAY)
    version = session.connection().exec_driver_sql(f"SELECT {VERSION}").scalar_one()
    known = overrides(session)
    assert overrides(session, version) is known
    change(session, SATURDAY, works=True, note="赶工")
    assert overrides(session, version) is known
    assert overrides(session) == {FRIDAY: False, SATURDAY: True}


def test_what_was_rolled_back_is_not_believed(session: Session) -> None:
    change(session, FRIDAY)
    with session.begin_nested() as savepoint:
        change(session, SATURDAY, works=True, note="赶工")
        assert len(overrides(session)) == 2
        savepoint.rollback()
    assert overrides(session) == {FRIDAY: False}


def test_each_day_says_who_says_so() -> None:
    def said(day: dt.date, own: dict[dt.date, bool] | None = None) -> tuple[bool, Source, str]:
        info = day_info(day, own or {})
        return info.works, info.source, info.name_zh

    assert said(FRIDAY) == (True, Source.WEEK, "")
    assert said(SATURDAY) == (False, Source.WEEK, "")
    assert said(dt.date(2026, 10, 1)) == (False, Source.PUBLIC, "国庆节")
    # Saturday 10 October is worked instead.
    assert said(dt.date(2026, 10, 10)) == (True, Source.PUBLIC, "国庆节")
    assert said(dt.date(2026, 10, 1), {dt.date(2026, 10, 1): True}) == (True, Source.COMPANY, "国庆节")
    # Nobody has announced the holidays of 2050.
    assert said(dt.date(2050, 10, 3)) == (True, Source.WEEK, "")


def test_a_year_has_all_its_days_and_2026_has_248_working_days() -> None:
    days = year_days(2026, {})
    assert (len(days), days[0].day, days[-1].day) == (365, dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert len(year_days(2028, {})) == 366
    assert sum(day.works for day in days) == 248


def test_working_days_are_counted_after_the_first_day_and_up_to_the_last() -> None:
    tuesday = dt.date(2026, 3, 17)
    assert count_workdays(FRIDAY, tuesday, {}) == 2
    assert count_workdays(FRIDAY, tuesday, {SATURDAY: True}) == 3
    assert count_workdays(FRIDAY, FRIDAY, {}) == 0
    assert count_workdays(tuesday, FRIDAY, {}) == 0
