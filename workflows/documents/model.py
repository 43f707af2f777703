"""The table of uploaded files.

A document belongs to the person who uploaded it and only they see it until it is attached: to a case, whose readers may
read it from then on, or to something that an area above keeps (a customer's archive, which says itself who reads it).
From then on it is never changed or deleted. Only a comment that is taken back gives its files back to their owner.
Contents stand in the database, so that a backup of the database is a backup of everything and a rolled back step leaves
no file behind.
"""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.kernel.base import Base, Instant, Key


class Document(Base):
    """One uploaded file."""

    __tablename__ = "document"

    id: Mapped[Key]
    owner_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    #: The name it was uploaded under, without any path.
    name: Mapped[str] = mapped_column(String(200))
    #: What the first bytes say it is; the browser's word is not taken for it.
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_at: Mapped[Instant]
    #: The case it was attached to; empty while it is still its owner's alone, and for files of no case. Checked at
    #: commit, because a case's row is written after the operation that attaches documents to it.
    instance_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("process_instance.id", deferrable=True, initially="DEFERRED")
    )
    #: The step it was handed in with, or the archive that keeps it.
    element_id: Mapped[str | None] = mapped_column(String(64))
    #: Empty while it is attached to nothing.
    attached_at: Mapped[Instant | None]

    __table_args__ = (
        CheckConstraint("size > 0", name="not_empty"),
        CheckConstraint("length(sha256) = 32", name="sha256_length"),
        CheckConstraint("instance_id IS NULL OR attached_at IS NOT NULL", name="attached_has_a_time"),
        Index("ix_document_instance", "instance_id", postgresql_where=text("instance_id IS NOT NULL")),
        Index("ix_document_loose", "owner_id", "uploaded_at", postgresql_where=text("attached_at IS NULL")),
    )
