"""Timers and messages that the worker could not bring to their cases: kept as incidents, like steps that break.

A timer that failed is held until an administrator tries it again. A message is tried again by its job meanwhile; the
incident closes by itself when it gets through.
"""

import datetime as dt

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from webapp.incidents.recording import cause_of, tell_administrators, trace_of

#: The row that failed is named by ``timer_id`` or by ``submission``; it has one open incident at most.
_OPEN = """
WITH again AS (
    UPDATE incident SET cause = %(cause)s, trace = %(trace)s
     WHERE closed_at IS NULL AND kind = %(kind)s AND instance_id = %(instance)s
       AND (timer_id, submission) IS NOT DISTINCT FROM (%(timer)s::bigint, %(submission)s::jsonb)
    RETURNING id
)
INSERT INTO incident (instance_id, timer_id, kind, element_id, cause, trace, submission, opened_at)
SELECT %(instance)s, %(timer)s, %(kind)s, %(element)s, %(cause)s, %(trace)s, %(submission)s, %(now)s
 WHERE NOT EXISTS (SELECT FROM again)
RETURNING id
"""


def timer_failed(session: Session, timer_id: int, problem: BaseException, *, now: dt.datetime) -> None:
    """Hold a timer that failed, and tell the administrators. The caller commits."""
    row = (
        session.connection()
        .exec_driver_sql(
            "UPDATE timer SET held = true WHERE id = %(id)s RETURNING instance_id, element_id", {"id": timer_id}
        )
        .one_or_none()
    )
    if row is not None:
        _open(session, "timer_failed", row.instance_id, problem, now, element_id=row.element_id, timer_id=timer_id)


def message_failed(session: Session, message_id: int, problem: BaseException, *, now: dt.datetime) -> None:
    """Tell the administrators of a message that failed; its job goes on trying. The caller commits."""
    instance_id = (
        session.connection()
        .exec_driver_sql(
            "SELECT instance_id FROM message WHERE id = %(id)s AND delivered_at IS NULL", {"id": message_id}
        )
        .scalar_one_or_none()
    )
    if instance_id is not None:
        _open(session, "message_failed", instance_id, problem, now, submission={"message_id": message_id})


def message_delivered(session: Session, message_id: int, *, now: dt.datetime) -> None:
    """Close the incident of a message that got through after all. The caller commits."""
    session.connection().exec_driver_sql(
        "UPDATE incident SET closed_at = %(now)s, resolution = 'retried'"
        " WHERE closed_at IS NULL AND kind = 'message_failed' AND submission = %(submission)s",
        {"now": now, "submission": Jsonb({"message_id": message_id})},
    )


def _open(
    session: Session,
    kind: str,
    instance_id: int,
    problem: BaseException,
    now: dt.datetime,
    *,
    element_id: str | None = None,
    timer_id: int | None = None,
    submission: dict[str, int] | None = None,
) -> None:
    parameters = {
        "kind": kind,
        "instance": instance_id,
        "element": element_id,
        "timer": timer_id,
        "submission": Jsonb(submission) if submission else None,
        "cause": cause_of(problem),
        "trace": trace_of(problem),
        "now": now,
    }
    incident_id = session.connection().exec_driver_sql(_OPEN, parameters).scalar_one_or_none()
    if incident_id is not None:
        tell_administrators(session, incident_id, now=now)
