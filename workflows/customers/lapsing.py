"""What the clock does to registrations (I8.1): it warns of a lapse, and lets lapse what nobody kept in contact with.

The worker calls both on working days, as often as it likes and from as many processes: a row is warned of and ended
once, by whoever locks it first. Nobody loses a registration on the day of the warning, so that there is always time.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from workflows.customers.rules import rule
from workflows.customers.telling import managers_of, tell
from workflows.engine.messages import Defer, send
from workflows.kernel.days import day_of

#: What a sale's case hears when its registration ends by the clock.
LAPSED = "registration_lapsed"
#: More than become due on one day; what is left over is found an hour later.
_MOST = 500

_WARN = """
UPDATE registration r SET warned_on = %(today)s
  FROM customer c
 WHERE c.id = r.customer_id AND r.id = ANY(ARRAY(
       SELECT id FROM registration
        WHERE ended_at IS NULL AND warned_on IS NULL AND lapses_on <= %(until)s
        ORDER BY lapses_on, id LIMIT %(most)s FOR UPDATE SKIP LOCKED))
RETURNING r.id, r.owner_id, r.customer_id, r.instance_id, r.lapses_on, c.name
"""
_END = """
UPDATE registration r SET ended_at = %(now)s, ended_why = 'lapsed'
  FROM customer c
 WHERE c.id = r.customer_id AND r.id = ANY(ARRAY(
       SELECT id FROM registration
        WHERE ended_at IS NULL AND warned_on < %(today)s AND lapses_on <= %(today)s
        ORDER BY lapses_on, id LIMIT %(most)s FOR UPDATE SKIP LOCKED))
RETURNING r.id, r.owner_id, r.customer_id, r.instance_id, r.lapses_on, c.name
"""


def warn_of_lapses(session: Session, now: dt.datetime) -> int:
    """Warn the owners whose registrations lapse soon, once for each date; gives how many were warned.

    A contact prolongs the registration (``registrations.touch``) and takes the warning back with it.
    """
    today = day_of(now)
    until = today + dt.timedelta(days=rule(session, "registration_warning"))
    rows = session.connection().exec_driver_sql(_WARN, {"today": today, "until": until, "most": _MOST}).all()
    for row in rows:
        key = f"{row.id}:{row.lapses_on}"
        tell(session, [row.owner_id], "registration_lapsing", key=key, params=_params(row), now=now)
    return len(rows)


def end_lapsed(session: Session, defer: Defer, now: dt.datetime) -> int:
    """End what has lapsed, and tell the owner, whoever leads them, and the sale's case; gives how many ended."""
    given = {"today": day_of(now), "now": now, "most": _MOST}
    rows = session.connection().exec_driver_sql(_END, given).all()
    managers = managers_of(session, _owners(rows))
    for row in rows:
        people = [row.owner_id, *([managers[row.owner_id]] if row.owner_id in managers else [])]
        params = {**_params(row), "owner_id": row.owner_id}
        tell(session, people, "registration_lapsed", key=str(row.id), params=params, now=now)
        if row.instance_id is not None:
            payload = {"registration_id": row.id}
            send(session, defer, row.instance_id, LAPSED, payload, key=f"{LAPSED}:{row.id}", now=now)
    return len(rows)


def _owners(rows: Sequence[Any]) -> list[int]:
    return sorted({row.owner_id for row in rows})


def _params(row: Any) -> dict[str, Any]:
    return {"title": row.name, "customer_id": row.customer_id, "on": row.lapses_on.isoformat()}
