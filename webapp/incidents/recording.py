"""A step that failed for a reason that is no refusal: rolled back, and kept as an incident with what was sent.

The person learns that nothing was lost; the administrators see the cause, and once it is mended they send the same
submission again in the person's name (``webapp.incidents.resubmission``).
"""

import datetime as dt
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from webapp.clock import request_now
from webapp.extensions import db
from webapp.tasks.sent import Sent
from workflows.engine.process import Actor
from workflows.engine.submissions import Result
from workflows.kernel.errors import Refusal

_LONGEST_CAUSE = 500
_LONGEST_TRACE = 20_000

#: One row for each submission that fails, however often its sender tries: the newest cause is what counts.
_RECORD = """
WITH again AS (
    UPDATE incident SET cause = %(cause)s, trace = %(trace)s
     WHERE closed_at IS NULL AND kind = 'step_failed'
       AND submission ->> 'actor_id' = %(actor)s::text AND submission ->> 'key' = %(key)s
    RETURNING id
)
INSERT INTO incident (instance_id, task_id, kind, element_id, cause, trace, submission, opened_at)
SELECT t.instance_id, t.id, 'step_failed', coalesce(t.element_id, %(element)s), %(cause)s, %(trace)s, %(submission)s,
       %(now)s
  FROM (SELECT) AS one LEFT JOIN user_task t ON t.id = %(task)s WHERE NOT EXISTS (SELECT FROM again)
RETURNING id
"""
_TELL = """
INSERT INTO notice (employee_id, kind, event_key, instance_id, params, created_at)
SELECT e.id, 'incident_opened', 'incident:' || i.id, i.instance_id,
       jsonb_build_object('incident', i.id, 'title', left(i.cause, 120)), %(now)s
  FROM incident i, employee_role r JOIN employee e ON e.id = r.employee_id AND e.active
 WHERE i.id = %(incident)s AND r.role = 'administrator'
ON CONFLICT (employee_id, event_key) DO NOTHING
"""


class StepFailed(Exception):
    """A step broke; nothing was changed, and the administrators were told."""


def take_step(sent: Sent, *, actor: Actor) -> Result:
    """Take the step that was sent and commit it. Raises what the engine refuses, or ``StepFailed``."""
    with failures_recorded(sent, actor=actor) as session:
        result = sent.step(session, actor=actor, now=request_now())
        session.commit()
    return result


@contextmanager
def failures_recorded(sent: Sent, *, actor: Actor) -> Iterator[Session]:
    """Roll back whatever is raised inside; what is no refusal becomes an incident and ``StepFailed``."""
    session = db.session()
    try:
        yield session
    except (Refusal, HTTPException):
        session.rollback()
        raise
    except Exception as problem:
        session.rollback()
        record(session, sent, problem, actor_id=actor.id, now=request_now())
        session.commit()
        raise StepFailed from problem


def record(session: Session, sent: Sent, problem: BaseException, *, actor_id: int, now: dt.datetime) -> None:
    """Keep a failed submission and tell the administrators. The caller commits."""
    parameters = {
        "cause": cause_of(problem),
        "trace": trace_of(problem),
        "actor": actor_id,
        "key": sent.key,
        "submission": Jsonb(_storable({"actor_id": actor_id, **sent.as_json()})),
        "element": sent.element_id,
        "task": sent.task_id,
        "now": now,
    }
    incident_id = session.connection().exec_driver_sql(_RECORD, parameters).scalar_one_or_none()
    if incident_id is not None:
        tell_administrators(session, incident_id, now=now)


def tell_administrators(session: Session, incident_id: int, *, now: dt.datetime) -> None:
    """Put a new incident into the administrators' bells. The caller commits."""
    session.connection().exec_driver_sql(_TELL, {"incident": incident_id, "now": now})


def note_another_failure(session: Session, incident_id: int, problem: BaseException) -> None:
    """Keep why trying again failed too. The caller commits."""
    session.connection().exec_driver_sql(
        "UPDATE incident SET cause = %(cause)s, trace = %(trace)s WHERE id = %(id)s AND closed_at IS NULL",
        {"cause": cause_of(problem), "trace": trace_of(problem), "id": incident_id},
    )


def cause_of(problem: BaseException) -> str:
    """The failure in a line. Of a database error only what the database said: the statement holds people's data."""
    told = problem.orig if isinstance(problem, DBAPIError) and problem.orig else problem
    line = next(iter(str(told).splitlines()), "")
    return f"{type(told).__name__}: {line}".replace("\0", "")[:_LONGEST_CAUSE]


def trace_of(problem: BaseException) -> str:
    """Where the failure came from, without the values that a statement carried."""
    return "".join(traceback.format_tb(problem.__traceback__)).replace("\0", "")[-_LONGEST_TRACE:]


def _storable(value: Any) -> Any:
    """JSONB holds no NUL, and no half of a surrogate pair."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(name): _storable(each) for name, each in value.items()}
    return [_storable(each) for each in value] if isinstance(value, list) else value
