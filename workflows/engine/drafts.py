"""Requests that were begun and not sent, and which case a request was copied from.

A draft is its owner's alone. It keeps what was typed as a page sends it, name and text, right or wrong: nothing is
checked before it is sent. Its key is chosen by whoever saves it, so that saving twice keeps one draft. The uploaded
files that it names stay for as long as it does (``workflows.documents.files.discard_loose``).
"""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Uuid, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.engine.model import ProcessInstance
from workflows.kernel.base import Base, Instant
from workflows.kernel.errors import Invalid, NotFound, Refusal
from workflows.people.model import Employee

#: So many drafts a person keeps.
MOST_DRAFTS = 50
#: Bytes of JSON; a claim with fifty receipts, every note full, takes less than half of it.
LARGEST_DRAFT = 200_000
LONGEST_TITLE = 200

#: What a page sends: field and text, in its order.
Pairs = Sequence[tuple[str, str]]


class Draft(Base):
    """One request that was begun. ``pairs`` is a list of [name, text]."""

    __tablename__ = "draft"

    owner_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), primary_key=True)
    key: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    process_key: Mapped[str] = mapped_column(String(64))
    #: What lists show: the first amount and the first words.
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    pairs: Mapped[list[list[str]]] = mapped_column(JSONB)
    document_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    saved_at: Mapped[Instant]

    __table_args__ = (Index("ix_draft_saved", "owner_id", "saved_at"),)


class CaseOrigin(Base):
    """Which case a case was copied from."""

    __tablename__ = "case_origin"

    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), primary_key=True, autoincrement=False)
    copied_from_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)


def save_draft(
    session: Session,
    key: uuid.UUID,
    *,
    process_key: str,
    title: str,
    pairs: Pairs,
    document_ids: Sequence[int] = (),
    copied_from_id: int | None = None,
    owner_id: int,
    now: dt.datetime,
) -> None:
    """Keep what was typed, in place of what the draft of this key held before.

    Raises ``Refusal`` for more than ``MOST_DRAFTS`` or ``LARGEST_DRAFT``, ``Invalid`` where the key is that of a draft
    of another process.
    """
    kept = [[_storable(name), _storable(said)] for name, said in pairs]
    if len(json.dumps(kept, ensure_ascii=False).encode()) > LARGEST_DRAFT:
        raise Refusal("This is too long to be kept as a draft.")
    # Whoever saves in two windows at once waits, so that the number of drafts is counted right.
    session.execute(select(Employee.id).where(Employee.id == owner_id).with_for_update(key_share=True))
    others = select(func.count()).where(Draft.owner_id == owner_id, Draft.key != key)
    if session.execute(others).scalar_one() >= MOST_DRAFTS:
        raise Refusal("You keep %(count)s drafts already. Send or delete one of them first.", count=MOST_DRAFTS)
    values = {
        "title": _storable(title)[:LONGEST_TITLE],
        "pairs": kept,
        "document_ids": sorted(set(document_ids)),
        "saved_at": now,
    }
    statement = insert(Draft).values(
        owner_id=owner_id, key=key, process_key=process_key, copied_from_id=copied_from_id, **values
    )
    saved = session.execute(
        statement.on_conflict_do_update(
            index_elements=[Draft.owner_id, Draft.key], set_=values, where=Draft.process_key == process_key
        ).returning(Draft.key)
    )
    if saved.one_or_none() is None:
        raise Invalid.at("draft", "This draft belongs to another kind of request.")


def drafts_of(session: Session, owner_id: int) -> list[Draft]:
    """Give a person's drafts, the one that was saved last first; there are ``MOST_DRAFTS`` at most."""
    query = select(Draft).where(Draft.owner_id == owner_id).order_by(Draft.saved_at.desc(), Draft.key)
    return list(session.scalars(query.limit(MOST_DRAFTS)))


def count_drafts(session: Session, owner_id: int) -> int:
    """Count a person's drafts."""
    return session.execute(select(func.count()).where(Draft.owner_id == owner_id)).scalar_one()


def draft_of(session: Session, key: uuid.UUID, *, owner_id: int) -> Draft:
    """Give one's own draft; raises ``NotFound`` for any other."""
    query = select(Draft).where(Draft.owner_id == owner_id, Draft.key == key)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound("There is no such draft. It may have been sent or deleted.")
    return found


def has_draft(session: Session, key: uuid.UUID, *, owner_id: int) -> bool:
    """Whether one keeps a draft of this key; it is held, so that it is neither sent nor deleted meanwhile."""
    query = select(Draft.key).where(Draft.owner_id == owner_id, Draft.key == key)
    return session.execute(query.with_for_update()).one_or_none() is not None


def discard_draft(session: Session, key: uuid.UUID, *, owner_id: int) -> bool:
    """Throw one's own draft away; False where there is none. Its files follow after a while."""
    gone = session.execute(delete(Draft).where(Draft.owner_id == owner_id, Draft.key == key).returning(Draft.key))
    return gone.one_or_none() is not None


def refuse_copying(session: Session, instance_id: int, *, process_key: str | None, actor_id: int) -> str:
    """Give the process of a case that one may copy, which is a case that one started oneself.

    Raises ``NotFound`` for any other, and for a case of another process than ``process_key``.
    """
    query = select(ProcessInstance.process_key).where(
        ProcessInstance.id == instance_id, ProcessInstance.starter_id == actor_id
    )
    found = session.execute(query).scalar_one_or_none()
    if found is None or process_key not in (None, found):
        raise NotFound("There is no such case or task.")
    return found


def record_origin(session: Session, instance_id: int, copied_from_id: int) -> None:
    """Note which case a new case was copied from; noting it twice is noting it once."""
    values = {"instance_id": instance_id, "copied_from_id": copied_from_id}
    session.execute(insert(CaseOrigin).values(values).on_conflict_do_nothing())


def relatives_of(session: Session, instance_id: int) -> list[Any]:
    """Give the case that a case was copied from and those that were copied from it.

    Rows of ``id``, ``title``, ``started_at`` and ``is_origin``, the oldest first; all of them were started by the same
    person.
    """
    sql = text("""
SELECT i.id, i.title, i.started_at, o.instance_id = :instance AS is_origin
  FROM case_origin o
  JOIN process_instance i ON i.id = CASE WHEN o.instance_id = :instance THEN o.copied_from_id ELSE o.instance_id END
 WHERE o.instance_id = :instance OR o.copied_from_id = :instance ORDER BY i.id LIMIT 20""")
    return list(session.execute(sql, {"instance": instance_id}))


def _storable(said: str) -> str:
    """JSONB holds no NUL, and no half of a surrogate pair."""
    return said.replace("\0", "").encode("utf-8", "replace").decode()
