"""The one place where a request learns what time it is.

Operations take ``now`` and ``today`` as parameters; a view passes these. Within one request the time stands still, so
that two rows written by one step carry the same instant. Tests put a fixed clock into ``app.config["CLOCK"]``.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from flask import current_app, g

#: The company's calendar: days begin and end here, whatever the server's time zone is.
SHANGHAI = ZoneInfo("Asia/Shanghai")


def request_now() -> dt.datetime:
    """The UTC instant of this request."""
    if "now" not in g:
        clock = current_app.config.get("CLOCK")
        g.now = clock() if clock else dt.datetime.now(dt.UTC)
    now: dt.datetime = g.now
    return now


def request_today() -> dt.date:
    """The day of this request in the company's calendar."""
    return request_now().astimezone(SHANGHAI).date()
