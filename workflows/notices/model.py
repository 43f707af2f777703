"""The tables of notices: what was told to whom, by which channels people want to hear of it, and what became of that.

A notice is a line in the bell. ``routed_at`` says that the channels have been looked at; each that the person wants it
by has a ``NoticeDelivery``, unique for notice and channel, so that an event goes out at most once.
"""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from workflows.kernel.base import Base, Instant, Key


class DeliveryStatus(enum.StrEnum):
    """What became of a notice on its way out by one channel."""

    #: To be sent at ``due_at``, for the first time or once more.
    DUE = "due"
    #: Waits for the next daily digest.
    HELD = "held"
    #: Went into the digest that ``digest_id`` names, and fares as that does.
    BUNDLED = "bundled"
    #: Taken up by a worker, which has not said yet how it ended.
    SENDING = "sending"
    SENT = "sent"
    #: Refused or unreachable each time that it was tried.
    FAILED = "failed"
    #: Whoever sent it died, or the line broke, before it was known whether it arrived. Never sent again.
    UNKNOWN = "unknown"
    #: Read in the bell, or its address removed, before it was sent.
    SKIPPED = "skipped"


class Notice(Base):
    """A line in somebody's bell: at most one per event and person."""

    __tablename__ = "notice"

    id: Mapped[Key]
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    kind: Mapped[str] = mapped_column(String(24))
    event_key: Mapped[str] = mapped_column(String(80))
    instance_id: Mapped[int | None] = mapped_column(BigInteger)
    task_id: Mapped[int | None] = mapped_column(BigInteger)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[Instant]
    read_at: Mapped[Instant | None]
    #: When the channels outside the bell were chosen; empty until a worker has come by.
    routed_at: Mapped[Instant | None]

    __table_args__ = (
        UniqueConstraint("employee_id", "event_key"),
        Index("ix_notice_unread", "employee_id", "id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notice_bell", "employee_id", "id"),
        Index("ix_notice_unrouted", "id", postgresql_where=text("routed_at IS NULL")),
    )


class NoticePreference(Base):
    """What one person wants of one kind by one channel; no row means the kind's default."""

    __tablename__ = "notice_preference"

    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24), primary_key=True)
    channel: Mapped[str] = mapped_column(String(12), primary_key=True)
    mode: Mapped[str] = mapped_column(String(8))

    __table_args__ = (CheckConstraint("mode IN ('now', 'digest', 'off')", name="mode"),)


class NoticeAddress(Base):
    """How a chat service reaches one person: the token of a robot of theirs, sealed with this row."""

    __tablename__ = "notice_address"

    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(12), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[Instant]


class NoticeDelivery(Base):
    """One notice on its way out by one channel."""

    __tablename__ = "notice_delivery"

    id: Mapped[Key]
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(8))
    due_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(server_default="0")
    taken_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    #: Why the last attempt did not go through, in a word and the other side's answer; never a token.
    problem: Mapped[str | None] = mapped_column(String(200))
    digest_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[Instant]

    __table_args__ = (
        UniqueConstraint("notice_id", "channel"),
        CheckConstraint(
            "status IN ('due', 'held', 'bundled', 'sending', 'sent', 'failed', 'unknown', 'skipped')", name="status"
        ),
        Index("ix_notice_delivery_due", "due_at", "id", postgresql_where=text("status = 'due'")),
        Index("ix_notice_delivery_held", "notice_id", postgresql_where=text("status = 'held'")),
        Index("ix_notice_delivery_sending", "taken_at", postgresql_where=text("status = 'sending'")),
        Index("ix_notice_delivery_status", "status", "id"),
        Index("ix_notice_delivery_digest", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
    )


class NoticeDigestDay(Base):
    """A working day on which everybody's digest has been made."""

    __tablename__ = "notice_digest_day"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    made_at: Mapped[Instant]
