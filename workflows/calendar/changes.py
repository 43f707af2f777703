"""Changing the company's calendar: days are set, handed back to the public calendar, and changes are undone.

Whoever calls this has seen to it that the actor administers. Nothing is ever overwritten (see ``model``).
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflows.calendar.model import LONGEST_NOTE, CalendarChange, CalendarDay
from workflows.kernel.errors import Conflict, Invalid, NotFound
from workflows.kernel.workdays import is_workday

#: Days that can be changed; what lies outside is a slip of the pen.
YEARS = range(2000, 2100)
MOST_DAYS = 366
#: No company rests longer; a calendar without working days would leave every deadline without an end.
LONGEST_REST = 60

_ONE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change as the audit trail shows it. ``days`` maps each day to whether the company works, None for handed
    back; ``undone`` says whether a later change took it back."""

    id: int
    note: str
    changed_by_id: int
    changed_at: dt.datetime
    undoes_id: int | None
    undone: bool
    days: Mapping[dt.date, bool | None]


def set_days(
    session: Session,
    days: Collection[dt.date],
    works: bool | None,
    *,
    note: str,
    actor_id: int,
    now: dt.datetime,
) -> int | None:
    """Say of some days that the company works, does not work, or (None) does as the public calendar says.

    Gives the id of the change, or None where the calendar says all of it already, so that it can be repeated.
    Raises ``Invalid`` at ``days`` or ``note``.
    """
    note = " ".join("".join(sign if sign.isprintable() else " " for sign in note).split())
    _refuse_odd(days, works, note)
    _lock(session)
    before = _newest(session)
    given = {day: works for day in sorted(days) if _differs(before.get(day), works, note)}
    if not given:
        return None
    return _write(session, given, before, note=note, actor_id=actor_id, now=now)


def set_table(
    session: Session,
    table: Mapping[dt.date, tuple[bool | None, str]],
    *,
    actor_id: int,
    now: dt.datetime,
) -> list[dt.date]:
    """Take over many days, each with its own word and note; one change for each note. Gives the days that changed.

    Raises as ``set_days``; the caller rolls back.
    """
    groups: dict[tuple[bool | None, str], list[dt.date]] = {}
    for day, said in table.items():
        groups.setdefault(said, []).append(day)
    changed: list[dt.date] = []
    for (works, note), days in groups.items():
        change_id = set_days(session, days, works, note=note, actor_id=actor_id, now=now)
        changed += session.scalars(select(CalendarDay.day).where(CalendarDay.change_id == change_id))
    return sorted(changed)


def undo_change(session: Session, change_id: int, *, actor_id: int, now: dt.datetime) -> int | None:
    """Put the days of a change back to what they were before it; None where that was done already.

    Raises ``NotFound``, and ``Conflict`` when one of the days was changed again since.
    """
    _lock(session)
    if session.get(CalendarChange, change_id) is None:
        raise NotFound("There is no such change of the calendar.")
    if session.scalar(select(CalendarChange.id).where(CalendarChange.undoes_id == change_id)) is not None:
        return None
    rows = session.execute(select(CalendarDay.day, CalendarDay.change_id, CalendarDay.works).where(
        CalendarDay.day.in_(select(CalendarDay.day).where(CalendarDay.change_id == change_id))
    ).order_by(CalendarDay.change_id)).all()  # fmt: skip
    given: dict[dt.date, bool | None] = {}
    for day, number, works in rows:
        if number > change_id:
            raise Conflict("%(day)s was changed again since. Undo the later change first.", day=day.isoformat())
        given[day] = works if number < change_id else given.get(day)
    return _write(session, given, _newest(session), note="", actor_id=actor_id, now=now, undoes_id=change_id)


def changes(
    session: Session, *, year: int | None = None, day: dt.date | None = None, limit: int = 20
) -> list[ChangeRow]:
    """Give the newest changes, the last one first, of all days or of those of a year or of one day."""
    query = select(CalendarChange).order_by(CalendarChange.id.desc()).limit(limit)
    if year is not None:
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
        query = query.where(
            select(CalendarDay.day)
            .where(CalendarDay.change_id == CalendarChange.id, CalendarDay.day.between(first, last))
            .exists()
        )
    if day is not None:
        query = query.where(
            select(CalendarDay.day).where(CalendarDay.change_id == CalendarChange.id, CalendarDay.day == day).exists()
        )
    found = list(session.scalars(query))
    ids = [change.id for change in found]
    days: dict[int, dict[dt.date, bool | None]] = {ident: {} for ident in ids}
    for row in session.scalars(select(CalendarDay).where(CalendarDay.change_id.in_(ids)).order_by(CalendarDay.day)):
        days[row.change_id][row.day] = row.works
    undone = set(session.scalars(select(CalendarChange.undoes_id).where(CalendarChange.undoes_id.in_(ids))))
    return [
        ChangeRow(
            id=each.id,
            note=each.note,
            changed_by_id=each.changed_by_id,
            changed_at=each.changed_at,
            undoes_id=each.undoes_id,
            undone=each.id in undone,
            days=days[each.id],
        )
        for each in found
    ]


def notes(session: Session, year: int) -> dict[dt.date, str]:
    """Give the notes of the days of a year of which the company says something of its own."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    return {day: note for day, (works, note) in _newest(session).items() if works is not None and first <= day <= last}


def _refuse_odd(days: Collection[dt.date], works: bool | None, note: str) -> None:
    if not days:
        raise Invalid.at("days", "There is no day in this range.")
    if len(days) > MOST_DAYS:
        raise Invalid.at("days", "At most %(most)s days at once.", most=MOST_DAYS)
    if min(days).year not in YEARS or max(days).year not in YEARS:
        raise Invalid.at("days", "The calendar holds the years %(first)s to %(last)s.", first=YEARS[0], last=YEARS[-1])
    if works is not None and not note:
        raise Invalid.at("note", "Please say why, for those who read the calendar later.")
    if len(note) > LONGEST_NOTE:
        raise Invalid.at("note", "At most %(most)s characters.", most=LONGEST_NOTE)


def _lock(session: Session) -> None:
    # One writer at a time: were a greater id committed before a smaller one, whoever read in between would never
    # notice the smaller one (see ``overrides``). Readers are not held up.
    session.connection().exec_driver_sql("LOCK TABLE calendar_change IN SHARE ROW EXCLUSIVE MODE")


def _newest(session: Session) -> dict[dt.date, tuple[bool | None, str]]:
    # A few hundred rows in all; of each day the last one read stays.
    rows = session.execute(
        select(CalendarDay.day, CalendarDay.works, CalendarChange.note)
        .join(CalendarChange, CalendarChange.id == CalendarDay.change_id)
        .order_by(CalendarDay.change_id)
    )
    return {day: (works, note) for day, works, note in rows}


def _differs(before: tuple[bool | None, str] | None, works: bool | None, note: str) -> bool:
    if works is None:
        return before is not None and before[0] is not None
    return before != (works, note)


def _write(
    session: Session,
    given: Mapping[dt.date, bool | None],
    before: Mapping[dt.date, tuple[bool | None, str]],
    *,
    note: str,
    actor_id: int,
    now: dt.datetime,
    undoes_id: int | None = None,
) -> int:
    _refuse_endless_rest(given, before)
    row = {"note": note, "changed_by_id": actor_id, "changed_at": now, "undoes_id": undoes_id}
    change_id = session.execute(insert(CalendarChange).values(row).returning(CalendarChange.id)).scalar_one()
    session.execute(
        insert(CalendarDay), [{"day": day, "change_id": change_id, "works": works} for day, works in given.items()]
    )
    return change_id


def _refuse_endless_rest(
    given: Mapping[dt.date, bool | None], before: Mapping[dt.date, tuple[bool | None, str]]
) -> None:
    """Look for a longest rest around the changed days, as they would be."""
    after = {day: works for day, (works, _) in before.items() if works is not None}
    after |= {day: works for day, works in given.items() if works is not None}
    for day in (day for day, works in given.items() if works is None):
        after.pop(day, None)
    rest = 0
    margin = LONGEST_REST * _ONE
    day, last = min(given) - margin, max(given) + margin
    while day <= last:
        rest = 0 if is_workday(day, after) else rest + 1
        if rest > LONGEST_REST:
            raise Invalid.at("days", "More than %(most)s days in a row without a working day.", most=LONGEST_REST)
        day += _ONE
