"""The first statement of every step: claim the idempotency key and lock the case, in one round trip.

A key that was claimed before gives the answer that was given then; the same key with another body is refused. Locks
are waited for as long as the connection's ``lock_timeout`` allows, and then refused politely.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg import errors as pg
from psycopg.types.json import Jsonb
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from workflows.calendar.overrides import VERSION
from workflows.engine.process import Actor
from workflows.kernel.errors import Busy, Conflict, KeyReused, NotFound

_CLAIM = """
WITH claim AS (
    INSERT INTO submission (actor_id, key, body_digest, created_at)
    SELECT %(actor)s::bigint, %(key)s::text, %(digest)s::bytea, %(now)s::timestamptz WHERE %(key)s::text IS NOT NULL
    ON CONFLICT DO NOTHING RETURNING 1
)
"""
_INSTANCE = f"""
       i.id AS instance_id, i.definition_id, i.process_key, i.title, i.starter_id, i.status AS instance_status,
       i.revision AS instance_revision, i.suspended_at, i.state, i.history_count, i.history_hash,
       (%(key)s::text IS NULL OR EXISTS (SELECT FROM claim)) AS claimed, {VERSION} AS calendar_version
"""
_TASK = """
       t.id AS task_id, t.node_id, t.seat, t.kind, t.asked_by_id, t.element_id, t.role, t.status, t.assignee_id,
       t.group_role, t.barred, t.revision, t.closed_at, t.closed_by_id, t.on_behalf_of_id, t.decision,
"""
_LOCK_TASK = f"""{_CLAIM}
SELECT {_TASK} {_INSTANCE}
  FROM user_task t JOIN process_instance i ON i.id = t.instance_id WHERE t.id = %(id)s FOR UPDATE OF i, t
"""  # noqa: S608 (constants only)
_LOCK_INSTANCE = f"""{_CLAIM}
SELECT {_INSTANCE} FROM process_instance i WHERE i.id = %(id)s FOR UPDATE OF i
"""  # noqa: S608 (constants only)
_OPEN_INSTANCE = f"""{_CLAIM}
INSERT INTO process_instance (definition_id, process_key, title, starter_id, status, revision, state, serializer,
                              started_at, history_count, history_hash)
SELECT d.id, d.key, '', %(actor)s::bigint, 'running', 0, '', '', %(now)s::timestamptz, 0, ''
  FROM process_definition d
 WHERE d.key = %(process)s AND (%(key)s::text IS NULL OR EXISTS (SELECT FROM claim))
 ORDER BY d.version DESC LIMIT 1
RETURNING id AS instance_id, definition_id, {VERSION} AS calendar_version
"""  # noqa: S608 (constants only)


@dataclass(frozen=True, slots=True)
class Submitted:
    """How a change was submitted.

    ``key`` names the submission for ever within its sender, ``digest`` is the SHA-256 of the body, ``revision`` the
    revision of the task that the form showed (None where the sender saw none).
    """

    key: str
    digest: bytes
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class NextTask:
    """A task that a step opened."""

    id: int
    element_id: str
    assignee_id: int | None = None
    group_role: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept, for as long as the case is: nothing where there is nothing to say."""
        said = {"id": self.id, "element_id": self.element_id}
        said |= {"assignee_id": self.assignee_id} if self.assignee_id is not None else {}
        return said | {"group_role": self.group_role} if self.group_role is not None else said


@dataclass(frozen=True, slots=True)
class Result:
    """What an acknowledged step gives back, the same each time its key comes again."""

    instance_id: int
    status: str
    title: str
    next_tasks: list[NextTask] = field(default_factory=list)
    replayed: bool = False

    def as_json(self) -> dict[str, Any]:
        """As it is kept in the idempotency ledger."""
        tasks = [task.as_json() for task in self.next_tasks]
        return {"instance_id": self.instance_id, "status": self.status, "title": self.title, "next_tasks": tasks}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Result":
        """Read back what ``as_json`` gave, marked as a repetition."""
        tasks = [NextTask(**task) for task in kept["next_tasks"]]
        return cls(kept["instance_id"], kept["status"], kept["title"], tasks, replayed=True)


class Repeated(Exception):
    """Not an error: the submission was acknowledged before, with this result."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result


def acknowledge(session: Session, submitted: Submitted | None, actor: Actor, result: Result) -> None:
    """Keep the answer to a submission that moved nothing in the workflow."""
    if submitted is not None:
        session.connection().exec_driver_sql(
            "UPDATE submission SET response = %(response)s, instance_id = %(instance)s"
            " WHERE actor_id = %(actor)s AND key = %(key)s",
            {
                "response": Jsonb(result.as_json()),
                "instance": result.instance_id,
                "actor": actor.id,
                "key": submitted.key,
            },
        )


@contextmanager
def polite_lock() -> Iterator[None]:
    """Turn a lock that could not be had in time, or a deadlock, into a refusal."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, pg.LockNotAvailable | pg.DeadlockDetected):
            raise Busy("Somebody else is working on this case just now. Please try again.") from error
        raise


def lock_task(
    session: Session, task_id: int, submitted: Submitted | None, actor: Actor | None, now: dt.datetime
) -> Any:
    """Lock a task's case; raises ``Repeated``, ``KeyReused``, ``NotFound`` or ``Busy``."""
    return _lock(session, _LOCK_TASK, task_id, submitted, actor.id if actor else None, now)


def lock_instance(
    session: Session, instance_id: int, submitted: Submitted | None, actor: Actor | None, now: dt.datetime
) -> Any:
    """Lock a case as a whole; raises as ``lock_task``."""
    return _lock(session, _LOCK_INSTANCE, instance_id, submitted, actor.id if actor else None, now)


def _lock(
    session: Session, sql: str, ident: int, submitted: Submitted | None, actor_id: int | None, now: dt.datetime
) -> Any:
    with polite_lock():
        row = _execute(session, sql, submitted, actor_id, now, id=ident).one_or_none()
    if row is None:
        raise NotFound("There is no such case or task.")
    if not row.claimed:
        _repeat(session, submitted, actor_id)
    return row


def open_instance(session: Session, process_key: str, submitted: Submitted, actor: Actor, now: dt.datetime) -> Any:
    """Insert the row of a new case; gives its id and its definition's id."""
    with polite_lock():
        row = _execute(session, _OPEN_INSTANCE, submitted, actor.id, now, process=process_key).one_or_none()
    if row is None:
        _repeat(session, submitted, actor.id)
        raise NotFound("There is no such process.")
    return row


def _execute(
    session: Session, sql: str, submitted: Submitted | None, actor_id: int | None, now: dt.datetime, **more: Any
) -> Any:
    claim = {
        "actor": actor_id,
        "key": submitted.key if submitted else None,
        "digest": submitted.digest if submitted else None,
        "now": now,
    }
    return session.connection().exec_driver_sql(sql, claim | more)


def _repeat(session: Session, submitted: Submitted | None, actor_id: int | None) -> None:
    assert submitted is not None  # noqa: S101 (only a claimed key comes here)
    row = (
        session.connection()
        .exec_driver_sql(
            "SELECT body_digest, response FROM submission WHERE actor_id = %(actor)s AND key = %(key)s",
            {"actor": actor_id, "key": submitted.key},
        )
        .one_or_none()
    )
    if row is None:
        return
    if bytes(row.body_digest) != submitted.digest:
        raise KeyReused("This idempotency key was used before with another body.")
    if row.response is None:
        raise Conflict("This submission was not finished. Please send it again with a new key.")
    raise Repeated(Result.from_json(row.response))
