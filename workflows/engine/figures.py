"""How long work waits, where, with whom: the read side of the figures. One statement for each table, no state.

**What is counted.** A piece of work is one row of ``user_task``, whatever is asked for in it. *Answered* are those that
were completed on a day of the period; what was skipped or cancelled, and what waits for its turn, counts nowhere.
*Open* and *overdue* are as of now, whatever the period. Waiting time is elapsed time by the clock, nights and weekends
included, from when the work came onto the desk until it was answered. Of all waiting time (``waited``), that of the
open work until now is a part while the period reaches today.

**Whose it is.** Work belongs to the person on whose desk it lay last, also where somebody stood in; of a group's desk,
to who answered it; to nobody while no one has claimed it. A person belongs to the department of today.

**Percentiles** are off by 5 % at most (``workflows.engine.waiting``).
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from workflows.engine.process import Actor
from workflows.engine.waiting import (
    DEPARTMENTS,
    MONTHS,
    PEOPLE,
    STEPS,
    Question,
    Table,
    Waiting,
    departments_seen,
    read_waiting,
)
from workflows.kernel.errors import Invalid, NotAllowed
from workflows.people.model import Role

#: Who sees the whole company. Everybody else sees what they lead: a department and all that belongs to it.
SEES_ALL = frozenset({Role.ADMINISTRATOR.value, Role.GENERAL_MANAGER.value, Role.FINANCE_DIRECTOR.value, Role.HR.value})
#: Longer periods are refused, so that one question cannot keep the database busy.
MOST_DAYS = 3 * 366
#: The trend goes back this far, even where the period is shorter.
TREND_MONTHS = 12


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a process; the definition is the newest one on which there was work."""

    process_key: str
    element_id: str
    definition_id: int
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with the department of today. ``person_id`` is None for what lies on a group's desk unclaimed."""

    person_id: int | None
    name: str
    name_en: str
    department: str
    department_en: str
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """The people of one department, without those of the departments below it."""

    department_id: int | None
    name: str
    name_en: str
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class MonthRow:
    """What was answered in one month of Shanghai, by its first day; ``open`` and ``overdue`` are always 0."""

    month: dt.date
    waiting: Waiting


def may_see(session: Session, actor: Actor) -> bool:
    """Whether there are figures for this person: they see all, or lead a department."""
    if actor.roles & SEES_ALL:
        return True
    leads = "SELECT EXISTS (SELECT FROM department WHERE manager_id = %(me)s)"
    return bool(session.connection().exec_driver_sql(leads, {"me": actor.id}).scalar())


def visible_departments(session: Session, actor: Actor) -> frozenset[int]:
    """The ids of the departments whose figures this person sees.

    :raises NotAllowed: there are none
    """
    if not may_see(session, actor):
        raise NotAllowed("The figures are for who leads a department, and for who looks after the whole company.")
    return departments_seen(session, actor.id, sees_all=bool(actor.roles & SEES_ALL))


def refuse_question(session: Session, actor: Actor, question: Question) -> None:
    """Refuse a question that is not the reader's to ask, or has no answer.

    :raises NotAllowed: the figures are not for this person
    :raises Invalid: at ``from``, ``to`` or ``department``
    """
    departments = visible_departments(session, actor)
    if question.last_on < question.first_on:
        raise Invalid.at("to", "The period ends before it begins.")
    if (question.last_on - question.first_on).days >= MOST_DAYS:
        raise Invalid.at("from", "Choose a period of at most three years.")
    if question.department_id is not None and question.department_id not in departments:
        raise Invalid.at("department", "There is no such department.")


def step_figures(session: Session, actor: Actor, question: Question, *, now: dt.datetime) -> list[StepRow]:
    """The steps, the one on which most time was waited first. The caller has had the question refused."""
    rows = _read(session, STEPS, actor, question, now=now)
    return [StepRow(row.process_key, row.element_id, row.definition_id, each) for row, each in rows]


def person_figures(session: Session, actor: Actor, question: Question, *, now: dt.datetime) -> list[PersonRow]:
    """The people, those with most waiting time first."""
    rows = _read(session, PEOPLE, actor, question, now=now)
    return [
        PersonRow(row.person_id, row.name, row.name_en, row.department, row.department_en, each) for row, each in rows
    ]


def department_figures(session: Session, actor: Actor, question: Question, *, now: dt.datetime) -> list[DepartmentRow]:
    """The departments, those with most waiting time first."""
    rows = _read(session, DEPARTMENTS, actor, question, now=now)
    return [DepartmentRow(row.department_id, row.name, row.name_en, each) for row, each in rows]


def month_figures(session: Session, actor: Actor, question: Question, *, now: dt.datetime) -> list[MonthRow]:
    """The months up to the end of the period, at least twelve, the oldest first; months without answers included."""
    last = question.last_on.replace(day=1)
    first = min(question.first_on.replace(day=1), _months_before(last, TREND_MONTHS - 1))
    trend = replace(question, first_on=first)
    found = {row.month.date(): each for row, each in _read(session, MONTHS, actor, trend, now=now)}
    months = [first]
    while months[-1] < last:
        months.append(_months_before(months[-1], -1))
    return [MonthRow(month, found.get(month, _NOTHING)) for month in months]


_NOTHING = Waiting(0, 0, 0, 0, None, None, 0.0, 0.0)


def _read(
    session: Session, table: Table, actor: Actor, question: Question, *, now: dt.datetime
) -> list[tuple[Any, Waiting]]:
    sees_all = bool(actor.roles & SEES_ALL)
    return read_waiting(session, table, question, reader_id=actor.id, sees_all=sees_all, now=now)


def _months_before(month: dt.date, count: int) -> dt.date:
    index = month.year * 12 + month.month - 1 - count
    return dt.date(index // 12, index % 12 + 1, 1)
