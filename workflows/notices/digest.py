"""The daily digest: one message a person and working day, of what waits and of what was held back for it.

A digest is a notice of the kind ``daily_digest`` whose event is the day, so a second one for the same day cannot be
written. It lies in the bell as read: it says nothing that the bell does not say by itself. What was held for a channel
is bundled into that channel's delivery and fares as it does. A person with nothing waiting and nothing held gets none.
"""

import datetime as dt
import json
from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from workflows.kernel.workdays import SHANGHAI, Overrides, is_workday
from workflows.notices.channels import Channel
from workflows.notices.model import Notice
from workflows.notices.routing import REACH, defaults

#: The company's morning.
NINE = dt.time(9)


def digest_day(now: dt.datetime, overrides: Overrides) -> dt.date | None:
    """The day whose digest is due: a working day from nine o'clock in Shanghai until its end, else None."""
    local = now.astimezone(SHANGHAI)
    return local.date() if local.time() >= NINE and is_workday(local.date(), overrides) else None


def readers_without_digest(session: Session, day: dt.date) -> list[int]:
    """Everyone active who has no digest of that day yet; none once the day is marked as made."""
    rows = session.connection().exec_driver_sql(
        "SELECT e.id FROM employee e WHERE e.active"
        " AND NOT EXISTS (SELECT FROM notice_digest_day WHERE day = %(day)s)"
        " AND NOT EXISTS (SELECT FROM notice n WHERE n.employee_id = e.id AND n.event_key = %(key)s) ORDER BY e.id",
        {"day": day, "key": _key(day)},
    )
    return [row.id for row in rows]


def mark_day(session: Session, day: dt.date, *, now: dt.datetime) -> None:
    """Say that everybody's digest of the day has been made."""
    session.connection().exec_driver_sql(
        "INSERT INTO notice_digest_day (day, made_at) VALUES (%(day)s, %(now)s) ON CONFLICT DO NOTHING",
        {"day": day, "now": now},
    )


_MAKE = f"""
WITH {REACH}, held AS (
    SELECT d.id, d.channel, n.read_at IS NULL AS is_news
      FROM notice n JOIN notice_delivery d ON d.notice_id = n.id AND d.status = 'held'
     WHERE n.employee_id = %(employee)s FOR UPDATE OF d
), way AS (
    SELECT r.channel FROM reach r
      LEFT JOIN notice_preference p
             ON p.employee_id = r.employee_id AND p.kind = 'daily_digest' AND p.channel = r.channel
     WHERE r.employee_id = %(employee)s
       AND (EXISTS (SELECT FROM held WHERE held.channel = r.channel AND is_news)
            OR %(waits)s AND coalesce(p.mode, %(defaults)s::jsonb ->> 'daily_digest') <> 'off')
), digest AS (
    INSERT INTO notice (employee_id, kind, event_key, params, created_at, read_at, routed_at)
    SELECT %(employee)s, 'daily_digest', %(key)s, %(params)s::jsonb, %(now)s, %(now)s, %(now)s
     WHERE EXISTS (SELECT FROM way)
    ON CONFLICT (employee_id, event_key) DO NOTHING
    RETURNING id
), delivery AS (
    INSERT INTO notice_delivery (notice_id, channel, status, due_at, created_at)
    SELECT digest.id, way.channel, 'due', %(now)s, %(now)s FROM digest, way
    RETURNING id, channel
), bundled AS (
    UPDATE notice_delivery d SET status = 'bundled', digest_id = delivery.id
      FROM held JOIN delivery USING (channel) WHERE d.id = held.id AND held.is_news
), skipped AS (
    UPDATE notice_delivery d SET status = 'skipped', problem = 'read', ended_at = %(now)s
      FROM held WHERE d.id = held.id AND NOT held.is_news
)
SELECT id FROM digest
"""  # noqa: S608 (fixed text only)


def make_digest(
    session: Session,
    employee_id: int,
    day: dt.date,
    *,
    counts: Mapping[str, int],
    channels: Collection[Channel],
    now: dt.datetime,
) -> int | None:
    """Write one person's digest of a day with its deliveries; gives its id, None when there is nothing to send.

    :param counts: how much waits (``waiting``, ``overdue``, ``copied``); all zero is nothing
    :param channels: those that the company has set up
    """
    return (
        session.connection()
        .exec_driver_sql(
            _MAKE,
            {
                "employee": employee_id,
                "key": _key(day),
                "params": json.dumps({"day": day.isoformat(), **counts}),
                "waits": any(counts.values()),
                "channels": [channel.value for channel in channels],
                "defaults": defaults(),
                "now": now,
            },
        )
        .scalar_one_or_none()
    )


def bundled_notices(session: Session, delivery_id: int) -> list[Notice]:
    """The notices that were held back for this digest, the oldest first."""
    rows = session.connection().exec_driver_sql(
        "SELECT n.id, n.kind, n.instance_id, n.task_id, n.params, n.created_at FROM notice n"
        " JOIN notice_delivery d ON d.notice_id = n.id WHERE d.digest_id = %(delivery)s ORDER BY n.id",
        {"delivery": delivery_id},
    )
    return [Notice(**row._mapping) for row in rows]


def _key(day: dt.date) -> str:
    return f"daily_digest:{day.isoformat()}"
