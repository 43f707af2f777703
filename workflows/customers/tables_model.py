"""What is kept of customers going in and out as tables: previews of imports, and who took contacts out and why."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from workflows.kernel.base import Base, Instant, Key


class CustomerImport(Base):
    """A table that somebody handed in, as it was read; once confirmed, what became of each row.

    The rows hold contacts and are sealed (I6.5.5, row name ``customer_import:17``); they are dropped when the import is
    done, and with the whole row a day later when it is not.
    """

    __tablename__ = "customer_import"

    id: Mapped[Key]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    uploaded_at: Mapped[Instant]
    file_name: Mapped[str] = mapped_column(String(200))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    done_at: Mapped[Instant | None]
    #: Of each row: its number, the customer's name, what became of it, and the customer's id.
    report: Mapped[list[list[Any]] | None] = mapped_column(JSONB(none_as_null=True))

    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (sealed IS NOT NULL)", name="done_keeps_no_contacts"),
        CheckConstraint("(done_at IS NULL) = (report IS NULL)", name="done_has_a_report"),
        Index("ix_customer_import_undone", "uploaded_at", postgresql_where=text("done_at IS NULL")),
    )


class ContactExport(Base):
    """Somebody took contacts out of the archive as a file (I4.1). The database refuses to change or delete a row."""

    __tablename__ = "contact_export"

    id: Mapped[Key]
    exported_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    exported_at: Mapped[Instant]
    reason: Mapped[str] = mapped_column(String(500))
    #: How many customers stood in the file, and of how many contacts the data did.
    customers: Mapped[int]
    contacts: Mapped[int]
