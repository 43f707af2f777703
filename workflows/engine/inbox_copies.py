"""The list of cases that were copied to a person (抄送我的): one indexed SELECT, the newest first."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.engine.inbox import Filter, page_of, read_cursor
from workflows.engine.process import Actor


@dataclass(frozen=True, slots=True)
class CopiedRow:
    """A case that was copied to the reader; no sender means that the diagram says so."""

    id: int
    instance_id: int
    process_key: str
    definition_id: int
    title: str
    status: str
    starter_id: int
    starter_name: str
    starter_name_en: str
    sender: str | None
    sender_en: str | None
    note: str
    copied_at: dt.datetime
    read_at: dt.datetime | None


def copied_cases(
    session: Session,
    actor: Actor,
    *,
    limit: int = 20,
    after: str | None = None,
    narrowed: Filter | None = None,
    unread_only: bool = False,
) -> tuple[list[CopiedRow], str | None]:
    """Give the cases that were copied to a person, and the cursor of the next page.

    Raises ``Invalid`` for a cursor that is none.
    """
    narrowed = narrowed or Filter()
    at, ident = read_cursor(after)
    unread = " AND c.read_at IS NULL" if unread_only else ""
    sql = f"""
SELECT c.id, c.instance_id, i.process_key, i.definition_id, i.title, i.status, i.starter_id,
       s.name AS starter_name, s.name_en AS starter_name_en, b.name AS sender, b.name_en AS sender_en, c.note,
       c.copied_at, c.read_at
  FROM copy c JOIN process_instance i ON i.id = c.instance_id
  JOIN employee s ON s.id = i.starter_id LEFT JOIN employee b ON b.id = c.copied_by_id
 WHERE c.employee_id = %(me)s{unread}
   AND (%(at)s::timestamptz IS NULL OR (c.copied_at, c.id) < (%(at)s, %(id)s)){narrowed.sql("i", "started_at")}
 ORDER BY c.copied_at DESC, c.id DESC LIMIT %(limit)s"""  # noqa: S608 (constants and placeholders only)
    rows = session.connection().exec_driver_sql(
        sql, narrowed.parameters() | {"me": actor.id, "at": at, "id": ident, "limit": limit + 1}
    )
    return page_of([CopiedRow(**row._mapping) for row in rows], limit, lambda row: row.copied_at)
