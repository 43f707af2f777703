"""The bell: one line for each event and person, whoever tells it and however often."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from workflows.notices.kinds import KINDS

_NOTIFY = """
INSERT INTO notice (employee_id, kind, event_key, instance_id, task_id, params, created_at)
SELECT e.id, %(kind)s, %(event_key)s, %(instance)s, %(task)s, %(params)s::jsonb, %(now)s
  FROM employee e WHERE e.active AND e.id = ANY(%(employees)s::bigint[])
 ORDER BY e.id
ON CONFLICT (employee_id, event_key) DO NOTHING
RETURNING id
"""


def notify(
    session: Session,
    *,
    kind: str,
    event_key: str,
    employee_ids: Iterable[int],
    instance_id: int | None = None,
    task_id: int | None = None,
    params: Mapping[str, str | int | None] | None = None,
    now: dt.datetime,
) -> list[int]:
    """Put one line into the bell of each of these people; who is disabled is left out. Gives the ids of new lines.

    A second call with the same ``event_key`` adds nothing for whoever has it already, so that a job may run twice. The
    key begins with the kind and names the event: ``task_urged:<urge id>``. Mails and chats follow by themselves.

    :param kind: a word of ``workflows.notices.kinds.KINDS``
    :param params: short words that the sentence of the kind is filled with (``title``, ``element``, ``actor_id``, …)
    :raises KeyError: the kind is not in the table
    """
    told = session.connection().exec_driver_sql(
        _NOTIFY,
        {
            "kind": KINDS[kind].word,
            "event_key": event_key,
            "employees": list(employee_ids),
            "instance": instance_id,
            "task": task_id,
            "params": json.dumps(dict(params or {})),
            "now": now,
        },
    )
    return [row.id for row in told]
