"""Saying something about a case, telling people of it, and taking it back.

Who may read a case may comment on it, ended or not. Whoever is mentioned is told, and must be able to read the case:
a comment opens nothing, a copy does. Files come with a comment as with a form, uploaded before and named by their ids.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflows.conversation.model import Comment, CommentMention
from workflows.documents.files import attach, detach, loose_documents
from workflows.engine.model import ProcessInstance
from workflows.engine.process import Actor
from workflows.kernel.errors import Conflict, Invalid, KeyReused, NotAllowed, NotFound
from workflows.notices.bell import notify
from workflows.people.model import Employee
from workflows.people.naming import people_mentioned, people_named

#: How long an author may take a comment back.
TAKEN_BACK_WITHIN = dt.timedelta(minutes=5)
#: The step that a comment's files are kept under.
ELEMENT = "comment"
#: Whether an employee may read the case; asked for each person whom a comment mentions.
MayRead = Callable[[int], bool]

_COMMENTS = """
SELECT c.id, c.author_id, a.login, a.name AS author, a.name_en AS author_en, c.body, c.said_at, c.withdrawn_at,
       c.document_ids,
       (SELECT coalesce(json_agg(json_build_array(e.id, e.name, e.name_en) ORDER BY e.id), '[]')
          FROM comment_mention m JOIN employee e ON e.id = m.employee_id WHERE m.comment_id = c.id) AS mentions
  FROM comment c JOIN employee a ON a.id = c.author_id
 WHERE c.instance_id = %(instance)s AND (%(before)s::bigint IS NULL OR c.id < %(before)s::bigint)
 ORDER BY c.id DESC LIMIT %(limit)s
"""
#: Who is told of a comment although it does not mention them: the starter, and who has said something before.
_LISTENERS = """
SELECT starter_id FROM process_instance WHERE id = %(instance)s
UNION SELECT author_id FROM comment WHERE instance_id = %(instance)s
"""


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment with the names of who said it and whom it mentions (id, name, English name)."""

    id: int
    author_id: int
    login: str
    author: str
    author_en: str
    #: Empty once it was taken back.
    body: str | None
    said_at: dt.datetime
    withdrawn_at: dt.datetime | None
    document_ids: list[int]
    mentions: list[tuple[int, str, str]]

    def may_be_taken_back(self, employee_id: int, now: dt.datetime) -> bool:
        """Whether this person may still take it back."""
        return self.author_id == employee_id and self.body is not None and now <= self.said_at + TAKEN_BACK_WITHIN


def add_comment(
    session: Session,
    instance_id: int,
    *,
    text: str,
    tell: Sequence[str] = (),
    attachments: Sequence[int] = (),
    key: str,
    actor: Actor,
    may_read: MayRead,
    now: dt.datetime,
) -> int:
    """Say something about a case and tell whom it mentions, in its text or in ``tell``; gives the comment's id.

    The same key again gives the comment that was made then.

    :raises NotFound: the person may not read the case
    :raises Invalid: at ``text`` or ``tell``, for somebody who does not exist or may not read the case; at
        ``attachments``, for a file that is not one's own or belongs to a case already
    :raises KeyReused: the key was used for another comment
    """
    title = session.scalar(select(ProcessInstance.title).where(ProcessInstance.id == instance_id))
    if title is None or not may_read(actor.id):
        raise NotFound("There is no such case or task.")
    made = _said_before(session, key, actor.id)
    if made is not None:
        return _same(made, instance_id, text)
    mentioned = _mentioned(session, text, tell, actor.id, may_read)
    _refuse_strange_files(session, attachments, actor.id)
    values = {"instance_id": instance_id, "author_id": actor.id, "body": text, "document_ids": list(attachments),
              "key": key, "said_at": now}  # fmt: skip
    comment_id: int | None = session.scalar(
        insert(Comment).values(values).on_conflict_do_nothing().returning(Comment.id)
    )
    if comment_id is None:
        # The same submission, a moment ago, over another connection.
        return _same(_said_before(session, key, actor.id), instance_id, text)
    if mentioned:
        session.execute(insert(CommentMention), [{"comment_id": comment_id, "employee_id": each} for each in mentioned])
    attach(session, attachments, owner_id=actor.id, instance_id=instance_id, element_id=ELEMENT, now=now)
    _tell(session, instance_id, title, comment_id, mentioned, actor.id, now)
    return comment_id


def take_back_comment(session: Session, comment_id: int, *, actor: Actor, now: dt.datetime) -> int:
    """Take one's own comment back: its text is gone, its files are the author's alone again. Gives the case.

    Taken back before, it stays as it is.

    :raises NotFound: there is no such comment
    :raises NotAllowed: somebody else said it
    :raises Conflict: it is too late
    """
    comment = session.get(Comment, comment_id, with_for_update=True, populate_existing=True)
    if comment is None:
        raise NotFound("There is no such comment.")
    if comment.author_id != actor.id:
        raise NotAllowed("Only the person who wrote a comment may take it back.")
    if comment.withdrawn_at is not None:
        return comment.instance_id
    until = comment.said_at + TAKEN_BACK_WITHIN
    if now > until:
        raise Conflict("A comment can be taken back for five minutes, this one until %(until)s.", until=until)
    detach(session, comment.document_ids, owner_id=actor.id, instance_id=comment.instance_id, element_id=ELEMENT)
    comment.body, comment.withdrawn_at, comment.document_ids = None, now, []
    session.flush()
    return comment.instance_id


def comments_of(
    session: Session, instance_id: int, *, limit: int, before: int | None = None
) -> tuple[list[CommentRow], int | None]:
    """Give the newest comments of a case, the oldest of them first, and what ``before`` is for those before them."""
    rows = session.connection().exec_driver_sql(
        _COMMENTS, {"instance": instance_id, "before": before, "limit": limit + 1}
    )
    found = [_row(row) for row in rows]
    more = found[limit - 1].id if len(found) > limit else None
    return found[:limit][::-1], more


def comment(session: Session, comment_id: int) -> CommentRow:
    """One comment that exists."""
    instance_id = session.execute(select(Comment.instance_id).where(Comment.id == comment_id)).scalar_one()
    return comments_of(session, instance_id, limit=1, before=comment_id + 1)[0][0]


def _row(row: Any) -> CommentRow:
    values = dict(row._mapping)
    return CommentRow(**{**values, "mentions": [tuple(each) for each in values["mentions"]]})


def _said_before(session: Session, key: str, author_id: int) -> Comment | None:
    return session.scalars(select(Comment).where(Comment.author_id == author_id, Comment.key == key)).one_or_none()


def _same(made: Comment | None, instance_id: int, text: str) -> int:
    if made is None or made.instance_id != instance_id or made.body not in (None, text):
        raise KeyReused("This idempotency key was used before with another body.")
    return made.id


def _mentioned(session: Session, text: str, tell: Sequence[str], author_id: int, may_read: MayRead) -> list[int]:
    found: dict[int, None] = {}
    for field, people in (
        ("text", people_mentioned(session, text, field="text")),
        ("tell", people_named(session, tell, field="tell")),
    ):
        for person in people:
            if person not in found and person != author_id and not may_read(person):
                name = session.execute(select(Employee.name).where(Employee.id == person)).scalar_one()
                raise Invalid.at(field, "%(name)s may not read this case. Send them a copy first.", name=name)
            found[person] = None
    found.pop(author_id, None)
    return list(found)


def _refuse_strange_files(session: Session, ids: Sequence[int], owner_id: int) -> None:
    """A file that belongs to the case already would be lost to it if the comment were taken back."""
    mine = {each.id for each in loose_documents(session, owner_id, ids)} if ids else set()
    for wanted in ids:
        if wanted not in mine:
            raise Invalid.at("attachments", "There is no uploaded document %(id)s of yours.", id=wanted)


def _tell(
    session: Session, instance_id: int, title: str, comment_id: int, mentioned: list[int], author_id: int,
    now: dt.datetime,
) -> None:  # fmt: skip
    params: dict[str, str | int | None] = {"title": title, "actor_id": author_id}
    listeners = session.connection().exec_driver_sql(_LISTENERS, {"instance": instance_id}).scalars()
    others = set(listeners) - {author_id, *mentioned}
    for kind, people in (("mentioned", mentioned), ("commented", sorted(others))):
        if people:
            notify(
                session, kind=kind, event_key=f"{kind}:{comment_id}", employee_ids=people, instance_id=instance_id,
                params=params, now=now,
            )  # fmt: skip
