"""From the bell to the channels: what a person wants of a new notice becomes a delivery for each channel.

Whoever writes a notice writes just that; the worker comes by every few seconds and routes what is new, so that a step
never waits for preferences. Who is disabled, has no address or wants the kind not at all gets no delivery.
"""

import datetime as dt
import json
from collections.abc import Collection

from sqlalchemy.orm import Session

from workflows.notices.channels import Channel
from workflows.notices.kinds import KINDS, Mode

#: Notices routed in one transaction.
_AT_ONCE = 500

#: Everybody's channels: mail where the administrator keeps an address, chats where the person has given a robot.
REACH = """
reach AS (
    SELECT e.id AS employee_id, 'mail' AS channel FROM employee e
     WHERE e.active AND e.email IS NOT NULL AND 'mail' = ANY(%(channels)s)
    UNION ALL
    SELECT a.employee_id, a.channel FROM notice_address a JOIN employee e ON e.id = a.employee_id AND e.active
     WHERE a.channel = ANY(%(channels)s)
)
"""
_ROUTE = f"""
WITH fresh AS (
    SELECT id, employee_id, kind FROM notice WHERE routed_at IS NULL
     ORDER BY id LIMIT {_AT_ONCE} FOR UPDATE SKIP LOCKED
), {REACH}, wanted AS (
    SELECT f.id AS notice_id, r.channel, coalesce(p.mode, %(defaults)s::jsonb ->> f.kind, 'off') AS mode
      FROM fresh f JOIN reach r USING (employee_id)
      LEFT JOIN notice_preference p
             ON p.employee_id = f.employee_id AND p.kind = f.kind AND p.channel = r.channel
), sent AS (
    INSERT INTO notice_delivery (notice_id, channel, status, due_at, created_at)
    SELECT notice_id, channel, CASE mode WHEN 'digest' THEN 'held' ELSE 'due' END, %(now)s, %(now)s
      FROM wanted WHERE mode <> 'off'
    ON CONFLICT (notice_id, channel) DO NOTHING
)
UPDATE notice SET routed_at = %(now)s FROM fresh WHERE notice.id = fresh.id
"""  # noqa: S608 (fixed text only)


def defaults() -> str:
    """The mode of each kind of which a person has said nothing, as JSON."""
    return json.dumps({word: Mode(kind.default).value for word, kind in KINDS.items()})


def route_notices(session: Session, *, channels: Collection[Channel], now: dt.datetime) -> int:
    """Choose the channels of notices that are new, as many as fit in one transaction; gives how many.

    :param channels: those that the company has set up
    """
    given = {"channels": [channel.value for channel in channels], "defaults": defaults(), "now": now}
    return session.connection().exec_driver_sql(_ROUTE, given).rowcount
