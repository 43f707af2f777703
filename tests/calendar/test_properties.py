"""Deadlines for any calendar: counting again is counting afresh, and nothing is due before it was opened."""

import datetime as dt
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.engine.test_deadlines import count_again, firm
from workflows.calendar.changes import MOST_DAYS, set_days
from workflows.calendar.overrides import overrides
from workflows.engine.model import UserTask
from workflows.kernel.errors import Invalid
from workflows.kernel.workdays import SHANGHAI, add_workdays, count_workdays, is_workday, next_workday

FIRST = dt.date(2026, 1, 1)
days = st.integers(0, 720).map(lambda number: FIRST + dt.timedelta(days=number))
instants = st.integers(0, 545 * 24 * 60).map(
    lambda n: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + n * dt.timedelta(minutes=1)
)
#: One change: a first day, how many, and what they become.
changes = st.lists(st.tuples(days, st.integers(1, 12), st.sampled_from([True, False, None])), max_size=8)
own_days = st.dictionaries(days, st.booleans(), max_size=40)


@given(instants, st.integers(0, 15), own_days)
def test_a_deadline_is_a_working_day_at_the_hour_of_the_opening_and_never_before_it(
    opened: dt.datetime, count: int, own: dict[dt.date, bool]
) -> None:
    due = add_workdays(opened, count, own)
    assert due >= opened
    assert is_workday(due.astimezone(SHANGHAI).date(), own)
    assert due.astimezone(SHANGHAI).time() == opened.astimezone(SHANGHAI).time()


@given(instants, st.integers(0, 15), own_days, days)
def test_a_further_day_off_never_brings_a_deadline_forward_and_a_further_working_day_never_puts_it_off(
    opened: dt.datetime, count: int, own: dict[dt.date, bool], day: dt.date
) -> None:
    due = add_workdays(opened, count, own)
    assert add_workdays(opened, count, {**own, day: False}) >= due
    if is_workday(opened.astimezone(SHANGHAI).date(), own):
        assert add_workdays(opened, count, {**own, day: True}) <= due


@given(days, st.integers(0, 15), own_days)
def test_counting_is_the_reverse_of_adding(day: dt.date, count: int, own: dict[dt.date, bool]) -> None:
    until = day
    for _ in range(count):
        until = next_workday(until, own)
    assert count_workdays(day, until, own) == count


def test_counting_again_is_counting_afresh_whatever_was_changed(session: Session, tmp_path: Path) -> None:
    loan = firm(session, tmp_path)
    tasks = [loan.open_task(loan.start().instance_id).id for _ in range(4)]

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(changes, st.lists(instants, min_size=4, max_size=4), st.integers(1, 3), st.booleans())
    def agrees(said: list[tuple[dt.date, int, bool | None]], opened: list[dt.datetime], batch: int, late: bool) -> None:
        for task_id, at in zip(tasks, opened, strict=True):
            session.execute(
                text(
                    "UPDATE user_task SET opened_at = :at, due_at = :at, escalate_at = :at,"
                    " remind_at = CASE WHEN :late THEN NULL ELSE CAST(:at AS timestamptz) END WHERE id = :id"
                ),
                {"at": at, "id": task_id, "late": late},
            )
        for day, count, works in said:
            try:
                run = [day + dt.timedelta(days=number) for number in range(min(count, MOST_DAYS))]
                set_days(session, run, works, note="盘点", actor_id=1, now=loan.now)
            except Invalid:
                continue
        while count_again(loan, batch):
            pass
        session.expire_all()
        own = overrides(session)
        for task_id, at in zip(tasks, opened, strict=True):
            task = session.get_one(UserTask, task_id)
            assert task.due_at == task.escalate_at == add_workdays(at, 4, own)
            assert task.remind_at == (None if late else add_workdays(at, 2, own))
            assert at <= task.due_at

    agrees()
