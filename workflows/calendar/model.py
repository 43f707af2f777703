"""The tables of the company's calendar.

A change is one act of one person: some days, and for each whether the company works on it, does not, or (NULL) does as
the public calendar says. Both tables are append-only: the newest change of a day counts, the older ones are the audit
trail. The greatest id of ``calendar_change`` is therefore the version of the whole calendar.
"""

import datetime as dt

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from workflows.kernel.base import Base, Instant, Key

#: As long as a note may be.
LONGEST_NOTE = 200


class CalendarChange(Base):
    """One act: who changed some days, when and why. ``undoes_id`` names the change that it takes back."""

    __tablename__ = "calendar_change"

    id: Mapped[Key]
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE), server_default="")
    #: An employee; people stand above the calendar and are never deleted, so no foreign key leads up to them.
    changed_by_id: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[Instant]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_change.id"))

    __table_args__ = (UniqueConstraint("undoes_id"),)


class CalendarDay(Base):
    """What one change says of one day."""

    __tablename__ = "calendar_day"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("calendar_change.id"), primary_key=True)
    works: Mapped[bool | None]
