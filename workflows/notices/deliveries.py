"""Sending at most once: taken up, sent, and marked, each in a transaction of its own.

A delivery is marked ``sending`` and committed before anything leaves the house. A worker that dies after that leaves it
``sending``; nobody can know whether the message arrived, so a sweep turns it into ``unknown`` and it is never sent
again: a message too few is in the bell anyway, a message too many is a nuisance that nobody can take back. Only what
surely did not arrive (no connection, or a refusal) is tried again, with growing pauses.
"""

import datetime as dt
import enum
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from workflows.kernel.errors import Conflict, NotFound
from workflows.notices.model import DeliveryStatus

#: The pause after each attempt that failed; after the last the delivery stands as failed.
PAUSES = (
    dt.timedelta(minutes=1), dt.timedelta(minutes=5), dt.timedelta(minutes=30), dt.timedelta(hours=2),
    dt.timedelta(hours=8),
)  # fmt: skip
#: Longer than any attempt can take.
LOST_AFTER = dt.timedelta(minutes=5)
_LONGEST_PROBLEM = 200
#: How far back a person's own list of deliveries looks, in notices.
_NEWEST_OF_A_PERSON = 200


class Outcome(enum.Enum):
    """How one attempt ended."""

    SENT = "sent"
    #: The other side has surely not taken it.
    NOT_SENT = "not_sent"
    #: The line broke after the message had left.
    UNCLEAR = "unclear"
    #: There is nothing to send any more.
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that this worker, and no other, now sends."""

    id: int
    notice_id: int
    channel: str
    attempts: int


_TAKE = """
UPDATE notice_delivery SET status = 'sending', attempts = attempts + 1, taken_at = %(now)s, problem = NULL
 WHERE id = (SELECT id FROM notice_delivery WHERE status = 'due' AND due_at <= %(now)s
              ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, notice_id, channel, attempts
"""


def take_delivery(session: Session, *, now: dt.datetime) -> Taken | None:
    """Take up the delivery that has been due longest, for the caller to commit before it sends; None when none is."""
    row = session.connection().exec_driver_sql(_TAKE, {"now": now}).one_or_none()
    return Taken(**row._mapping) if row else None


def end_delivery(session: Session, taken: Taken, outcome: Outcome, problem: str = "", *, now: dt.datetime) -> None:
    """Say how an attempt ended; what was not sent is due again after a pause, until the pauses are used up."""
    again = outcome is Outcome.NOT_SENT and taken.attempts <= len(PAUSES)
    status = {
        Outcome.SENT: DeliveryStatus.SENT,
        Outcome.NOT_SENT: DeliveryStatus.DUE if again else DeliveryStatus.FAILED,
        Outcome.UNCLEAR: DeliveryStatus.UNKNOWN,
        Outcome.SKIPPED: DeliveryStatus.SKIPPED,
    }[outcome]
    # A sweep may have given a slow attempt up as lost meanwhile; what came of it is known better now. An attempt that
    # is not the newest one says nothing.
    session.connection().exec_driver_sql(
        "UPDATE notice_delivery SET status = %(status)s, problem = %(problem)s,"
        " due_at = coalesce(%(due)s, due_at), ended_at = %(ended)s"
        " WHERE id = %(id)s AND status IN ('sending', 'unknown') AND attempts = %(attempts)s",
        {
            "status": status.value,
            "problem": problem[:_LONGEST_PROBLEM] or None,
            "due": now + PAUSES[taken.attempts - 1] if again else None,
            "ended": None if again else now,
            "id": taken.id,
            "attempts": taken.attempts,
        },
    )


def give_up_lost(session: Session, *, now: dt.datetime) -> int:
    """Mark as unknown what a worker took up and never came back from; gives how many."""
    return (
        session.connection()
        .exec_driver_sql(
            "UPDATE notice_delivery SET status = 'unknown', problem = 'lost', ended_at = %(now)s"
            " WHERE status = 'sending' AND taken_at < %(before)s",
            {"now": now, "before": now - LOST_AFTER},
        )
        .rowcount
    )


def try_again(session: Session, delivery_id: int, *, employee_id: int | None, now: dt.datetime) -> None:
    """Put a failed delivery back among those that are due, with all its pauses before it.

    Pressed twice, it is due once. What may have arrived (``unknown``) is never tried again.

    :param employee_id: whose delivery it has to be; None for an administrator, who may see everybody's
    :raises NotFound: there is none, or it is somebody else's
    :raises Conflict: it did not fail
    """
    found = (
        session.connection()
        .exec_driver_sql(
            "SELECT d.status FROM notice_delivery d JOIN notice n ON n.id = d.notice_id"
            " WHERE d.id = %(id)s AND (%(employee)s::bigint IS NULL OR n.employee_id = %(employee)s) FOR UPDATE OF d",
            {"id": delivery_id, "employee": employee_id},
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound("There is no such delivery.")
    if found.status == DeliveryStatus.DUE:
        return
    if found.status != DeliveryStatus.FAILED:
        raise Conflict("Only what has surely not arrived can be sent again.")
    session.connection().exec_driver_sql(
        "UPDATE notice_delivery SET status = 'due', due_at = %(now)s, attempts = 0, ended_at = NULL WHERE id = %(id)s",
        {"id": delivery_id, "now": now},
    )


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as lists show it, with the notice that it carries."""

    id: int
    employee_id: int
    name: str
    name_en: str
    channel: str
    status: str
    attempts: int
    due_at: dt.datetime
    ended_at: dt.datetime | None
    problem: str | None
    notice_id: int
    kind: str
    instance_id: int | None
    task_id: int | None
    params: dict[str, Any]
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """What a list of deliveries is narrowed to; empty means everything. Of one person, the newest notices only."""

    statuses: tuple[str, ...] = ()
    channel: str | None = None
    employee_id: int | None = None
    search: str = ""


def deliveries_page(
    session: Session, narrowed: DeliveryFilter, *, limit: int, before: int | None = None
) -> tuple[list[DeliveryRow], int | None]:
    """Give deliveries, the newest first, and the id that the next page begins below."""
    conditions = ["true"]
    if narrowed.statuses:
        conditions.append("d.status = ANY(%(statuses)s)")
    if narrowed.channel:
        conditions.append("d.channel = %(channel)s")
    if narrowed.employee_id is not None:
        # Through the person's own index: the newest deliveries of all are hardly ever theirs.
        conditions.append(
            "n.id IN (SELECT id FROM notice WHERE employee_id = %(employee)s ORDER BY id DESC LIMIT %(newest)s)"
        )
    if narrowed.search:
        conditions.append("(e.name ILIKE %(search)s OR e.name_en ILIKE %(search)s OR e.login ILIKE %(search)s)")
    if before is not None:
        conditions.append("d.id < %(before)s")
    escaped = narrowed.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = session.connection().exec_driver_sql(
        "SELECT d.id, n.employee_id, e.name, e.name_en, d.channel, d.status, d.attempts, d.due_at, d.ended_at,"  # noqa: S608
        " d.problem, n.id AS notice_id, n.kind, n.instance_id, n.task_id, n.params, d.created_at"
        " FROM notice_delivery d JOIN notice n ON n.id = d.notice_id JOIN employee e ON e.id = n.employee_id"
        f" WHERE {' AND '.join(conditions)} ORDER BY d.id DESC LIMIT %(limit)s",
        {
            "statuses": list(narrowed.statuses),
            "channel": narrowed.channel,
            "employee": narrowed.employee_id,
            "newest": _NEWEST_OF_A_PERSON,
            "search": f"%{escaped}%",
            "before": before,
            "limit": limit + 1,
        },
    )
    found = [DeliveryRow(**row._mapping) for row in rows]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


@dataclass(frozen=True, slots=True)
class Standing:
    """How sending goes: what failed or is unknown since an instant, and what is late."""

    failed: int
    unknown: int
    late: int


def standing_of(session: Session, *, since: dt.datetime, late_before: dt.datetime) -> Standing:
    """Count what an operator should know of."""
    row = (
        session.connection()
        .exec_driver_sql(
            "SELECT count(*) FILTER (WHERE status = 'failed') AS failed,"
            " count(*) FILTER (WHERE status = 'unknown') AS unknown"
            " FROM notice_delivery WHERE status IN ('failed', 'unknown') AND ended_at >= %(since)s",
            {"since": since},
        )
        .one()
    )
    late = session.connection().exec_driver_sql(
        "SELECT (SELECT count(*) FROM notice_delivery WHERE status = 'due' AND due_at < %(late)s)"
        " + (SELECT count(*) FROM notice WHERE routed_at IS NULL AND created_at < %(late)s)",
        {"late": late_before},
    )
    return Standing(row.failed, row.unknown, int(late.scalar_one()))
