"""The bell's own list, and marking what has been read."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from workflows.kernel.errors import NotFound
from workflows.notices.model import Notice


def notices_page(
    session: Session, employee_id: int, *, is_unread: bool, limit: int, before: int | None = None
) -> tuple[list[Notice], int | None]:
    """Give one person's notices, the newest first: those unread or those read; and where the next page begins."""
    read = Notice.read_at.is_(None) if is_unread else Notice.read_at.is_not(None)
    query = select(Notice).where(Notice.employee_id == employee_id, read).order_by(Notice.id.desc())
    if before is not None:
        query = query.where(Notice.id < before)
    rows = list(session.scalars(query.limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def notice_of(session: Session, notice_id: int, *, employee_id: int) -> Notice:
    """One notice of a person; raises ``NotFound`` for anybody else's."""
    found = session.scalars(
        select(Notice).where(Notice.id == notice_id, Notice.employee_id == employee_id)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such notice.")
    return found


def mark_read(
    session: Session, employee_id: int, *, ids: Collection[int] | None = None, up_to: int | None = None,
    now: dt.datetime,
) -> int:  # fmt: skip
    """Mark a person's notices as read: these, or all up to one, or all; gives how many were not.

    ``up_to`` leaves alone what came after the page was shown. Ids that are nobody's or somebody else's do nothing.
    """
    query = update(Notice).where(Notice.employee_id == employee_id, Notice.read_at.is_(None))
    if ids is not None:
        query = query.where(Notice.id.in_(ids))
    if up_to is not None:
        query = query.where(Notice.id <= up_to)
    return session.execute(query.values(read_at=now)).rowcount  # type: ignore[attr-defined,no-any-return]


def mark_seen(
    session: Session,
    employee_id: int,
    *,
    task_id: int | None = None,
    instance_id: int | None = None,
    incident_id: int | None = None,
    now: dt.datetime,
) -> int:
    """Mark as read what told a person of a page that they have now opened; gives how many notices that were.

    A task's page answers for the notices of the task and for those of its case that name no task; a case's page for
    all of the case.
    """
    about = []
    if task_id is not None:
        about.append(Notice.task_id == task_id)
    if instance_id is not None:
        own = Notice.instance_id == instance_id
        about.append(and_(own, Notice.task_id.is_(None)) if task_id is not None else own)
    if incident_id is not None:
        about.append(and_(Notice.kind == "incident_opened", Notice.params["incident"].astext == str(incident_id)))
    seen = update(Notice).where(Notice.employee_id == employee_id, Notice.read_at.is_(None), or_(*about))
    return session.execute(seen.values(read_at=now)).rowcount  # type: ignore[attr-defined,no-any-return]


def unread_count(session: Session, employee_id: int) -> int:
    """How many notices a person has not read."""
    query = select(func.count()).where(Notice.employee_id == employee_id, Notice.read_at.is_(None))
    return session.scalar(query) or 0


def unread_of_kind(session: Session, employee_id: int, kind: str, *, most: int) -> int:
    """How many notices of one kind a person has not read, counted up to ``most``."""
    own = (Notice.employee_id == employee_id, Notice.read_at.is_(None), Notice.kind == kind)
    few = select(Notice.id).where(*own).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(few)) or 0
