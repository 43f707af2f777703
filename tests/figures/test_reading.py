"""What is counted, how long it waited, and who may see it."""

import datetime as dt
import random
import statistics

import pytest
from sqlalchemy.orm import Session

from tests.figures.office import HOUR, NOW, Desks, desks
from workflows.engine.figures import (
    department_figures,
    may_see,
    month_figures,
    person_figures,
    refuse_question,
    step_figures,
    visible_departments,
)
from workflows.engine.waiting import Question
from workflows.kernel.errors import Invalid, NotAllowed

MARCH = Question(dt.date(2026, 3, 1), dt.date(2026, 3, 31))


@pytest.fixture
def office(session: Session) -> Desks:
    return desks(session)


def the_step(office: Desks, question: Question = MARCH, who: str = "ge"):  # type: ignore[no-untyped-def]
    (row,) = step_figures(office.session, office.actor(who), question, now=NOW)
    return row.waiting


def test_median_and_p90_lie_between_the_ranks_as_a_spreadsheet_has_them(office: Desks) -> None:
    for hours in (1, 2, 4, 8, 16):
        office.answered("ma", hours)
    found = the_step(office)
    assert found.answered == 5
    assert found.median == pytest.approx(4 * HOUR)
    # Rank 3.6 counted from 0: 8 + 0.6 * (16 - 8) = 12.8 hours.
    assert found.p90 == pytest.approx(12.8 * HOUR)
    office.answered("ma", 32)
    # Of six, half-way between the third and the fourth: 6 hours.
    assert the_step(office).median == pytest.approx(6 * HOUR)


def test_of_one_task_median_and_p90_are_its_wait_to_the_second(office: Desks) -> None:
    office.answered("ma", 3.7)
    found = the_step(office)
    assert (found.answered, found.median, found.p90, found.waited) == (1, 13_320.0, 13_320.0, 13_320.0)


def test_percentiles_of_many_waits_are_off_by_five_percent_at_most(office: Desks) -> None:
    chance = random.Random(7)
    waits = [chance.lognormvariate(9, 1.5) for _ in range(500)]
    for wait in waits:
        office.answered("ma", wait / HOUR)
    found = the_step(office)
    exact = statistics.quantiles(waits, n=10, method="inclusive")
    assert found.median == pytest.approx(exact[4], rel=0.05)
    assert found.p90 == pytest.approx(exact[8], rel=0.05)
    assert found.waited == pytest.approx(sum(waits))


def test_a_wait_of_nothing_and_one_that_a_clock_turned_back_count_as_none(office: Desks) -> None:
    office.answered("ma", 0)
    office.answered("ma", -1)
    found = the_step(office)
    assert (found.answered, found.median, found.waited) == (2, 0.0, 0.0)


def test_skipped_cancelled_and_waiting_work_counts_nowhere(office: Desks) -> None:
    office.answered("ma", 5, status="skipped")
    office.answered("ma", 5, status="cancelled")
    office.open("ma", 5, status="waiting")
    assert step_figures(office.session, office.actor("ge"), MARCH, now=NOW) == []
    assert person_figures(office.session, office.actor("ge"), MARCH, now=NOW) == []


def test_overdue_is_open_past_its_deadline_and_late_was_answered_past_it(office: Desks) -> None:
    second = dt.timedelta(seconds=1)
    office.open("ma", 5, due_at=NOW - second)
    office.open("ma", 5, due_at=NOW)
    office.open("ma", 5)
    office.answered("ma", 5, due_at=NOW - second)
    office.answered("ma", 5, due_at=NOW)
    found = the_step(office)
    assert (found.open, found.overdue, found.answered, found.late) == (3, 1, 2, 1)


def test_a_period_begins_and_ends_at_midnight_in_shanghai(office: Desks) -> None:
    second = dt.timedelta(seconds=1)
    first = dt.datetime(2026, 2, 28, 16, 0, tzinfo=dt.UTC)  # 1 March, 0:00 in Shanghai
    after = dt.datetime(2026, 3, 31, 16, 0, tzinfo=dt.UTC)  # 1 April, 0:00 in Shanghai
    for closed, hours in ((first - second, 1), (first, 2), (after - second, 3), (after, 4)):
        office.answered("ma", hours, closed=closed)
    found = the_step(office)
    assert (found.answered, found.waited) == (2, 5 * HOUR)
    february = the_step(office, Question(dt.date(2026, 2, 1), dt.date(2026, 2, 28)))
    assert (february.answered, february.waited) == (1, 1 * HOUR)


def test_open_work_counts_as_of_now_and_its_waiting_only_while_the_period_reaches_today(office: Desks) -> None:
    office.open("ma", 10)
    office.answered("ma", 30, closed=NOW - dt.timedelta(days=30))
    assert (the_step(office).open, the_step(office).waited) == (1, 10 * HOUR)
    february = the_step(office, Question(dt.date(2026, 2, 1), dt.date(2026, 2, 28)))
    assert (february.open, february.waited) == (1, 30 * HOUR)


def test_the_bottleneck_stands_first_with_its_share_of_all_waiting(office: Desks) -> None:
    office.answered("ma", 1)
    office.answered("ma", 2)
    office.answered("di", 5, element_id="director_opinion")
    office.open("ge", 12, element_id="general_manager_approval")
    rows = step_figures(office.session, office.actor("ge"), MARCH, now=NOW)
    assert [(row.element_id, row.waiting.share) for row in rows] == [
        ("general_manager_approval", pytest.approx(0.6)),  # 12 of 20 hours
        ("director_opinion", pytest.approx(0.25)),
        ("manager_approval", pytest.approx(0.15)),
    ]


def test_work_is_of_the_desk_on_which_it_lay_and_of_who_answered_it_on_a_groups(office: Desks) -> None:
    office.answered("ma", 1, by="di")  # Di stood in for Ma.
    office.answered(None, 2, by="ad")  # Ad took it from the accountants' desk without claiming it.
    office.open(None, 3)
    rows = person_figures(office.session, office.actor("ge"), MARCH, now=NOW)
    assert [(row.name, row.department, row.waiting.answered, row.waiting.open) for row in rows] == [
        ("", "", 0, 1),
        ("AD", "finance", 1, 0),
        ("MA", "sales", 1, 0),
    ]


def test_departments_count_their_own_people_as_of_today(office: Desks) -> None:
    office.answered("ma", 1)
    office.answered("di", 2)
    office.move("di", "finance")
    office.open(None, 4)
    rows = department_figures(office.session, office.actor("ge"), MARCH, now=NOW)
    assert [(row.name, row.waiting.waited / HOUR) for row in rows] == [("", 4), ("finance", 2), ("sales", 1)]


def test_asking_for_a_department_takes_in_all_that_belongs_to_it(office: Desks) -> None:
    for who in ("ma", "di", "fd"):
        office.answered(who, 1)
    office.open(None, 1)
    for name, seen in (("division", {"MA", "DI"}), ("sales", {"MA"}), ("company", {"MA", "DI", "FD"})):
        question = Question(MARCH.first_on, MARCH.last_on, department_id=office.department(name))
        rows = person_figures(office.session, office.actor("ge"), question, now=NOW)
        assert {row.name for row in rows} == seen, name


def test_a_process_is_counted_without_the_others(office: Desks) -> None:
    office.answered("ma", 1)
    office.answered("ma", 8, process_key="contract")
    assert the_step(office, Question(MARCH.first_on, MARCH.last_on, "contract")).waited == 8 * HOUR
    assert step_figures(office.session, office.actor("ge"), Question(*march(), "none"), now=NOW) == []


def march() -> tuple[dt.date, dt.date]:
    return MARCH.first_on, MARCH.last_on


def test_the_trend_has_twelve_months_of_shanghai_with_empty_ones_in_between(office: Desks) -> None:
    office.answered("ma", 1, closed=dt.datetime(2026, 1, 31, 15, 59, 59, tzinfo=dt.UTC))  # still January in Shanghai
    office.answered("ma", 3, closed=dt.datetime(2026, 1, 31, 16, 0, tzinfo=dt.UTC))  # already February
    office.answered("ma", 5, closed=dt.datetime(2025, 3, 31, 15, 59, 59, tzinfo=dt.UTC))  # before the twelve
    rows = month_figures(office.session, office.actor("ge"), MARCH, now=NOW)
    assert [f"{row.month:%Y-%m}" for row in rows][:2] == ["2025-04", "2025-05"]
    assert len(rows) == 12
    assert [(row.month.month, row.waiting.answered, row.waiting.median) for row in rows[-3:]] == [
        (1, 1, HOUR),
        (2, 1, 3 * HOUR),
        (3, 0, None),
    ]
    longer = month_figures(office.session, office.actor("ge"), Question(dt.date(2025, 1, 15), MARCH.last_on), now=NOW)
    assert (len(longer), sum(row.waiting.answered for row in longer)) == (15, 3)


def test_a_manager_sees_what_they_lead_and_never_another_departments_people(office: Desks) -> None:
    for who in ("sa", "ma", "di", "fd", "ac", "ge"):
        office.answered(who, 1)
        office.open(who, 1)
    office.open(None, 1)  # On the accountants' desk: nobody's, so no department's.
    seen = {}
    for reader in ("ma", "di", "fd", "ge"):
        actor = office.actor(reader, "salesperson") if reader == "fd" else office.actor(reader)
        people = person_figures(office.session, actor, MARCH, now=NOW)
        seen[reader] = {row.name for row in people}
        steps = step_figures(office.session, actor, MARCH, now=NOW)
        assert sum(row.waiting.open for row in steps) == sum(row.waiting.open for row in people)
        departments = department_figures(office.session, actor, MARCH, now=NOW)
        assert sum(row.waiting.answered for row in departments) == sum(row.waiting.answered for row in people)
        months = month_figures(office.session, actor, MARCH, now=NOW)
        assert months[-1].waiting.answered == sum(row.waiting.answered for row in people)
    assert seen == {
        "ma": {"SA", "MA"},
        "di": {"SA", "MA", "DI"},
        "fd": {"FD", "AC"},
        "ge": {"SA", "MA", "DI", "FD", "AC", "GE", ""},
    }


def test_asking_for_a_department_that_one_does_not_lead_is_refused_and_shows_nothing(office: Desks) -> None:
    office.answered("ac", 1)
    question = Question(*march(), department_id=office.department("finance"))
    with pytest.raises(Invalid, match="There is no such department") as refused:
        refuse_question(office.session, office.actor("ma"), question)
    assert list(refused.value.fields) == ["department"]
    # Also past the refusal the statement itself shows none of it.
    assert person_figures(office.session, office.actor("ma"), question, now=NOW) == []
    assert step_figures(office.session, office.actor("ma"), question, now=NOW) == []


def test_figures_are_for_leaders_and_for_who_looks_after_the_whole_company(office: Desks) -> None:
    sees = {name: may_see(office.session, office.actor(name)) for name in office.ids}
    assert {name for name, may in sees.items() if may} == {"ma", "di", "ge", "fd", "admin"}
    assert may_see(office.session, office.actor("sb", "hr"))
    assert len(visible_departments(office.session, office.actor("sb", "hr"))) == 4
    assert visible_departments(office.session, office.actor("di")) == {
        office.department("division"), office.department("sales"),
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        visible_departments(office.session, office.actor("sa"))
    with pytest.raises(NotAllowed):
        refuse_question(office.session, office.actor("ac"), MARCH)


def test_periods_that_end_before_they_begin_or_last_longer_than_three_years_are_refused(office: Desks) -> None:
    day = dt.date(2026, 3, 10)
    refuse_question(office.session, office.actor("ge"), Question(day, day))
    refuse_question(office.session, office.actor("ge"), Question(day, day + dt.timedelta(days=1097)))
    for last, field in ((day - dt.timedelta(days=1), "to"), (day + dt.timedelta(days=1098), "from")):
        with pytest.raises(Invalid) as refused:
            refuse_question(office.session, office.actor("ge"), Question(day, last))
        assert list(refused.value.fields) == [field]
