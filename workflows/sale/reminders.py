"""Reminders of money that is due: the owner of the sale before the day, and with the manager after it.

The worker calls ``remind_of_payments`` on working days, as often as it likes and from as many processes: the key of a
notice names the instalment and the round, so that nobody is told twice. Instalments that are covered, and sales that
are lost or put aside, remind nobody.
"""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.customers.rules import rules
from workflows.customers.telling import managers_of, tell
from workflows.kernel.days import day_of
from workflows.notices.model import Notice
from workflows.sale.due import Instalment, instalments_between

#: Nobody is reminded of what has been overdue for longer; it stands in the list of receipts.
_LONGEST = dt.timedelta(days=730)


def remind_of_payments(session: Session, now: dt.datetime) -> int:
    """Put notices into the bells of those concerned; gives how many were new."""
    today, days = day_of(now), rules(session)
    before = _told(session)
    last = today + dt.timedelta(days=days["due_reminder_before"])
    rows = instalments_between(session, today - _LONGEST, last)
    managers = managers_of(session, sorted({row.owner_id for row in rows if row.due_on < today}))
    for row in rows:
        key = f"{row.contract_id}:{row.position}"
        if row.due_on >= today:
            tell(session, [row.owner_id], "payment_due", key=key, params=_params(row), now=now,
                 instance_id=row.instance_id)  # fmt: skip
            continue
        turn = ((today - row.due_on).days - 1) // days["due_reminder_after"]
        people = [row.owner_id, *([managers[row.owner_id]] if row.owner_id in managers else [])]
        tell(session, people, "payment_overdue", key=f"{key}:{turn}", params=_params(row), now=now,
             instance_id=row.instance_id)  # fmt: skip
    return _told(session) - before


def _told(session: Session) -> int:
    kinds = select(func.count()).select_from(Notice).where(Notice.kind.in_(("payment_due", "payment_overdue")))
    return int(session.execute(kinds).scalar_one())


def _params(row: Instalment) -> dict[str, str]:
    return {
        "title": f"{row.customer} ¥{row.open:,.2f}", "number": row.contract_number, "on": row.due_on.isoformat(),
    }  # fmt: skip
