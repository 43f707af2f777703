"""The tables of comments and of stock phrases.

A comment is never edited. Its author may take it back shortly after: the row then stays as a mark without a text, so
that nobody wonders where an answer to it comes from.
"""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from workflows.kernel.base import Base, Instant, Key

#: Characters of a comment, and of a phrase.
LONGEST_COMMENT = 2000
LONGEST_PHRASE = 200


class Comment(Base):
    """What somebody said about a case."""

    __tablename__ = "comment"

    id: Mapped[Key]
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    #: Empty once it was taken back.
    body: Mapped[str | None] = mapped_column(Text)
    document_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    #: Names the submission, so that one sent twice is said once.
    key: Mapped[str] = mapped_column(String(120))
    said_at: Mapped[Instant]
    withdrawn_at: Mapped[Instant | None]

    __table_args__ = (
        UniqueConstraint("author_id", "key"),
        CheckConstraint("(body IS NULL) = (withdrawn_at IS NOT NULL)", name="text_or_taken_back"),
        CheckConstraint(f"length(body) BETWEEN 1 AND {LONGEST_COMMENT}", name="length"),
        Index("ix_comment_instance", "instance_id", "id"),
    )


class CommentMention(Base):
    """Somebody whom a comment was told to."""

    __tablename__ = "comment_mention"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), primary_key=True)


class Phrase(Base):
    """A sentence that a person writes again and again (常用语), in the person's own order."""

    __tablename__ = "phrase"

    id: Mapped[Key]
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    #: Counts up from the first; gaps do no harm.
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(LONGEST_PHRASE))

    __table_args__ = (
        UniqueConstraint("employee_id", "text"),
        CheckConstraint("text <> ''", name="not_empty"),
        Index("ix_phrase_employee", "employee_id", "position", "id"),
    )
