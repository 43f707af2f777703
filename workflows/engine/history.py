"""The append-only, hash-chained history of each instance.

Each event's hash is an HMAC-SHA-256, under the company's audit key, of the hash before it and of everything the event
says. The newest number and hash also stand on the instance, so that cutting off the end shows too. Who can write to
the database but does not hold the key can destroy history, but cannot change it unnoticed.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.engine.model import HistoryEvent, ProcessInstance

#: What the hash of the first event is chained to.
GENESIS = bytes(32)

#: Writes ``Chain.rows``, given as the parameter ``events``, to the history of the parameter ``instance``.
INSERT_EVENTS = """
    INSERT INTO history_event (instance_id, seq, at, kind, actor_id, on_behalf_of_id, element_id, task_id, details,
                               hash)
    SELECT %(instance)s, seq, at, kind, actor_id, on_behalf_of_id, element_id, task_id, details, decode(hash, 'hex')
      FROM jsonb_to_recordset(%(events)s) AS x(seq int, at timestamptz, kind text, actor_id bigint,
           on_behalf_of_id bigint, element_id text, task_id bigint, details jsonb, hash text)
"""
_WRITE_ALONE = f"""
WITH told AS ({INSERT_EVENTS})
UPDATE process_instance SET history_count = %(count)s, history_hash = %(hash)s WHERE id = %(instance)s
"""  # noqa: S608 (constants only)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, in the past tense.

    Kinds: instance_started, instance_completed, instance_rejected, instance_withdrawn, instance_terminated,
    case_copied, task_opened, task_completed, task_cancelled, task_claimed, task_released, task_reassigned,
    task_reminded, task_escalated, task_urged, timer_fired, message_received, decided, incident_opened, incident_closed.
    """

    kind: str
    at: dt.datetime
    actor_id: int | None = None
    on_behalf_of_id: int | None = None
    element_id: str | None = None
    task_id: int | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Chain:
    """The end of one instance's history, to which events are added."""

    key: bytes
    instance_id: int
    count: int = 0
    hash: bytes = GENESIS
    rows: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, key: bytes, locked: Any) -> "Chain":
        """Take up the history of a case from its locked row (``submissions``)."""
        return cls(key, locked.instance_id, locked.history_count, bytes(locked.history_hash))

    def append(self, event: Event) -> None:
        """Add an event; the row waits in ``rows`` to be written with the step."""
        self.count += 1
        self.hash = link(self.key, self.hash, self.instance_id, self.count, event)
        self.rows.append(
            {
                "seq": self.count,
                "at": event.at.isoformat(),
                "kind": event.kind,
                "actor_id": event.actor_id,
                "on_behalf_of_id": event.on_behalf_of_id,
                "element_id": event.element_id,
                "task_id": event.task_id,
                "details": event.details,
                "hash": self.hash.hex(),
            }
        )


def write_history(session: Session, chain: Chain) -> None:
    """Write the events that wait in a chain, where nothing else of the case is written."""
    session.connection().exec_driver_sql(
        _WRITE_ALONE,
        {"instance": chain.instance_id, "events": Jsonb(chain.rows), "count": chain.count, "hash": chain.hash},
    )
    chain.rows.clear()


def link(key: bytes, previous: bytes, instance_id: int, seq: int, event: Event) -> bytes:
    """Compute the hash of an event from the one before it and from all that it says."""
    said = [
        instance_id,
        seq,
        event.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        event.kind,
        event.actor_id,
        event.on_behalf_of_id,
        event.element_id,
        event.task_id,
        event.details,
    ]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, previous + text.encode(), hashlib.sha256)


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry of an instance at which its history no longer holds."""

    instance_id: int
    seq: int
    reason: str


def broken_entries(session: Session, key: bytes) -> Iterator[Broken]:
    """Check every history and name the first broken entry of each instance that has one, in the order of instances.

    Streams, so that millions of events need no memory.
    """
    heads = session.execute(
        select(ProcessInstance.id, ProcessInstance.history_count, ProcessInstance.history_hash).order_by(
            ProcessInstance.id
        ),
        execution_options={"yield_per": 1000},
    )
    events = iter(
        session.execute(
            select(*HistoryEvent.__table__.columns).order_by(HistoryEvent.instance_id, HistoryEvent.seq),
            execution_options={"yield_per": 1000},
        )
    )
    event = next(events, None)
    for instance_id, count, head in heads:
        mine = []
        while event is not None and event.instance_id == instance_id:
            mine.append(event)
            event = next(events, None)
        broken = _first_broken(key, instance_id, count, head, mine)
        if broken is not None:
            yield broken


def _first_broken(key: bytes, instance_id: int, count: int, head: bytes, rows: list[Any]) -> Broken | None:
    previous = GENESIS
    for expected, row in enumerate(rows, 1):
        if row.seq != expected:
            return Broken(instance_id, expected, "missing")
        said = Event(row.kind, row.at, row.actor_id, row.on_behalf_of_id, row.element_id, row.task_id, row.details)
        if not hmac.compare_digest(link(key, previous, instance_id, expected, said), row.hash):
            return Broken(instance_id, expected, "changed")
        previous = row.hash
    if len(rows) != count:
        return Broken(instance_id, len(rows) + 1, "cut off" if len(rows) < count else "added")
    return None if hmac.compare_digest(previous, head) else Broken(instance_id, count, "head changed")
