"""The tables of notices: what was told to whom."""

from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from workflows.kernel.base import Base, Instant, Key


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

    __table_args__ = (
        UniqueConstraint("employee_id", "event_key"),
        Index("ix_notice_unread", "employee_id", "id", postgresql_where=text("read_at IS NULL")),
    )
