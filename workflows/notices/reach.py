"""By which channels a person can be reached, and a message that tries one of them."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy.orm import Session

from workflows.kernel.errors import Conflict
from workflows.notices.channels import Channel
from workflows.notices.routing import REACH

_CHANNELS = f"WITH {REACH} SELECT channel FROM reach WHERE employee_id = %(employee)s"  # noqa: S608 (fixed text only)
_TRY = """
WITH told AS (
    INSERT INTO notice (employee_id, kind, event_key, created_at, read_at, routed_at)
    VALUES (%(employee)s, 'channel_tested', %(key)s, %(now)s, %(now)s, %(now)s)
    ON CONFLICT (employee_id, event_key) DO NOTHING RETURNING id
)
INSERT INTO notice_delivery (notice_id, channel, status, due_at, created_at)
SELECT id, %(channel)s, 'due', %(now)s, %(now)s FROM told
"""


def reachable_by(session: Session, employee_id: int, *, channels: Collection[Channel]) -> list[Channel]:
    """The channels, of those that the company has set up, that reach a person."""
    given = {"employee": employee_id, "channels": [channel.value for channel in channels]}
    found = set(session.connection().exec_driver_sql(_CHANNELS, given).scalars())
    return [channel for channel in Channel if channel in found]


def try_channel(
    session: Session, employee_id: int, channel: Channel, *, channels: Collection[Channel], now: dt.datetime
) -> None:
    """Send a test message by one channel, once a minute at most; it does not show in the bell.

    :raises Conflict: the channel does not reach the person
    """
    if channel not in reachable_by(session, employee_id, channels=channels):
        raise Conflict("This channel is not set up for you.")
    session.connection().exec_driver_sql(
        _TRY,
        {
            "employee": employee_id,
            "key": f"channel_tested:{channel}:{now:%Y-%m-%dT%H:%M}",
            "channel": channel.value,
            "now": now,
        },
    )
