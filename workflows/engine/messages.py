"""Telling a case that something happened outside it.

Functions of a step use ``Step.send``; this is for what has no step, such as the clock and pages about other things.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

#: Enqueues jobs in the session's transaction (``webapp.jobs.defer``).
Defer = Callable[[Session, list[tuple[str, dict[str, Any]]]], None]

_SEND = """
INSERT INTO message (instance_id, name, payload, key, sent_at)
VALUES (%(instance)s, %(name)s, %(payload)s, %(key)s, %(now)s)
ON CONFLICT (instance_id, key) DO NOTHING RETURNING id
"""


def send(
    session: Session,
    defer: Defer,
    instance_id: int,
    name: str,
    payload: Mapping[str, str | int | bool],
    *,
    key: str,
    now: dt.datetime,
) -> bool:
    """Send a message to a case, which is buffered until the case waits for it; with the same ``key`` only once.

    Gives whether it is new. A case that has ended takes it no more, and nobody is troubled by that.
    """
    given = {"instance": instance_id, "name": name, "payload": Jsonb(dict(payload)), "key": key, "now": now}
    message_id = session.connection().exec_driver_sql(_SEND, given).scalar_one_or_none()
    if message_id is None:
        return False
    defer(session, [("deliver_message", {"message_id": message_id})])
    return True
