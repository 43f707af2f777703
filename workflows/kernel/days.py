"""The company's calendar day: instants are UTC in the database, days are those of Shanghai."""

import datetime as dt
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(now: dt.datetime) -> dt.date:
    """The day it is in the company at this instant; a naive instant raises ``ValueError``."""
    if now.tzinfo is None:
        raise ValueError("an instant carries its time zone")
    return now.astimezone(SHANGHAI).date()
