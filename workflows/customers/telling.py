"""Lines in people's bells about customers and registrations, at most one per event and person."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

#: Who leads the department of a person, or the next one above that has another manager than that person.
_MANAGERS = """
WITH RECURSIVE line AS (
    SELECT e.id AS person_id, d.id, d.parent_id, d.manager_id, 0 AS depth
      FROM employee e JOIN department d ON d.id = e.department_id WHERE e.id = ANY(%(people)s)
    UNION ALL
    SELECT line.person_id, d.id, d.parent_id, d.manager_id, line.depth + 1
      FROM line JOIN department d ON d.id = line.parent_id WHERE line.depth < 30
)
SELECT DISTINCT ON (person_id) person_id, manager_id FROM line
 WHERE manager_id IS NOT NULL AND manager_id <> person_id ORDER BY person_id, depth
"""
_TELL = """
INSERT INTO notice (employee_id, kind, event_key, instance_id, params, created_at)
SELECT e.id, %(kind)s, %(key)s, %(instance)s, %(params)s, %(now)s
  FROM employee e WHERE e.active AND e.id = ANY(%(people)s)
ON CONFLICT (employee_id, event_key) DO NOTHING
"""


def tell(
    session: Session,
    people: Sequence[int],
    kind: str,
    *,
    key: str,
    params: Mapping[str, Any],
    now: dt.datetime,
    instance_id: int | None = None,
) -> None:
    """Tell some people something once. ``params`` fill the sentence (``webapp.notices.words``)."""
    given = {
        "people": list(people), "kind": kind, "key": f"{kind}:{key}", "instance": instance_id,
        "params": Jsonb(dict(params)), "now": now,
    }  # fmt: skip
    session.connection().exec_driver_sql(_TELL, given)


def managers_of(session: Session, people: Sequence[int]) -> dict[int, int]:
    """Who leads each of these people; those whom nobody leads are missing."""
    rows = session.connection().exec_driver_sql(_MANAGERS, {"people": list(people)})
    return {row.person_id: row.manager_id for row in rows}
