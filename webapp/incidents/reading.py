"""Incidents as administrators read them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from workflows.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident with the case and the names that belong to it."""

    id: int
    kind: str
    element_id: str | None
    cause: str
    trace: str
    submission: dict[str, Any] | None
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    closed_by: str | None
    closed_by_en: str | None
    resolution: str | None
    reason: str | None
    instance_id: int | None
    title: str | None
    process_key: str | None
    definition_id: int | None
    instance_status: str | None
    starter: str | None
    starter_en: str | None
    task_id: int | None
    task_status: str | None
    sender: str | None
    sender_en: str | None


_SELECT = """
SELECT n.id, n.kind, n.element_id, n.cause, n.trace, n.submission, n.opened_at, n.closed_at, c.name AS closed_by,
       c.name_en AS closed_by_en, n.resolution, n.reason, n.instance_id, i.title,
       coalesce(i.process_key, n.submission ->> 'process_key') AS process_key, i.definition_id,
       i.status AS instance_status, s.name AS starter, s.name_en AS starter_en,
       n.task_id, t.status AS task_status, w.name AS sender, w.name_en AS sender_en
  FROM incident n
  LEFT JOIN process_instance i ON i.id = n.instance_id
  LEFT JOIN employee s ON s.id = i.starter_id
  LEFT JOIN user_task t ON t.id = n.task_id
  LEFT JOIN employee c ON c.id = n.closed_by_id
  LEFT JOIN employee w ON w.id = (n.submission ->> 'actor_id')::bigint
"""


def incidents_page(
    session: Session, *, is_open: bool, before: int | None, limit: int = 20
) -> tuple[list[IncidentRow], int | None]:
    """Give incidents, the newest first, and the key of the next page."""
    sql = f"""{_SELECT} WHERE (n.closed_at IS NULL) = %(open)s AND (%(before)s::bigint IS NULL OR n.id < %(before)s)
 ORDER BY n.id DESC LIMIT %(limit)s"""
    given = {"open": is_open, "before": before, "limit": limit + 1}
    rows = [IncidentRow(**row._mapping) for row in session.connection().exec_driver_sql(sql, given)]
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def incident(session: Session, incident_id: int) -> IncidentRow:
    """Give one incident; raises ``NotFound``."""
    row = session.connection().exec_driver_sql(f"{_SELECT} WHERE n.id = %(id)s", {"id": incident_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such incident.")
    return IncidentRow(**row._mapping)
