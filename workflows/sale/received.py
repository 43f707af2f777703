"""The entries of all sales by day, the latest first, with the totals of a day and of a month."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from workflows.customers.names import name_key
from workflows.customers.scope import Sight
from workflows.kernel.money import from_fen
from workflows.sale.due import PAGE


@dataclass(frozen=True, slots=True)
class Received:
    """One entry with its sale; ``change`` is positive for money in, ``day_sum`` what its whole day adds up to."""

    id: int
    occurred_on: dt.date
    kind: str
    reverses_id: int | None
    change: Decimal
    day_sum: Decimal
    method: str
    reference: str
    payer: str
    sale_id: int
    sale_number: str
    contract_number: str
    customer: str
    owner: str
    owner_en: str

    @property
    def place(self) -> str:
        """Where a page goes on after this row."""
        return f"{self.occurred_on.isoformat()}_{self.id}"


@dataclass(frozen=True, slots=True)
class Totals:
    """What came in less what went back, today and in the month so far, in yuan."""

    today: Decimal
    month: Decimal
    refunded_month: Decimal


_CHANGE = "CASE WHEN (r.kind = 'receipt') = (r.reverses_id IS NULL) THEN r.amount_fen ELSE -r.amount_fen END"
_FROM = """
  FROM receipt r JOIN sale s ON s.id = r.sale_id JOIN customer k ON k.id = s.customer_id
  JOIN employee e ON e.id = s.owner_id LEFT JOIN contract c ON c.sale_id = s.id AND c.status = 'signed'
"""
_ROWS = f"""
SELECT r.id, r.occurred_on, r.kind, r.reverses_id, {_CHANGE} AS change, 0 AS day_sum, r.method, r.reference, r.payer,
       s.id, s.number, coalesce(c.number, '') AS contract, k.name, e.name, e.name_en {_FROM}
"""
#: Neither the customer nor the owner's name is needed here.
_TOTALS = f"""
SELECT coalesce(sum({_CHANGE}) FILTER (WHERE r.occurred_on = %(today)s), 0), coalesce(sum({_CHANGE}), 0),
       coalesce(-sum({_CHANGE}) FILTER (WHERE r.kind = 'refund'), 0)
  FROM receipt r JOIN sale s ON s.id = r.sale_id
"""  # noqa: S608


def entries_page(
    session: Session, *, sight: Sight, month: dt.date | None = None, owner: str = "", search: str = "",
    after: str | None = None, limit: int = PAGE,
) -> tuple[list[Received], str | None]:  # fmt: skip
    """A page of entries, the latest first, and where the next one begins if there is one."""
    where, given = _conditions(sight, month, owner, search)
    narrowed = where
    place = _place(after)
    if place is not None:
        where += " AND (r.occurred_on, r.id) < (%(day)s, %(id)s)"
        given |= place
    sql = f"{_ROWS} WHERE {where} ORDER BY r.occurred_on DESC, r.id DESC LIMIT %(limit)s"
    rows: Sequence[Any] = session.connection().exec_driver_sql(sql, {**given, "limit": limit + 1}).all()
    sums = _sums_by_day(session, narrowed, given, [row.occurred_on for row in rows])
    values = ([*row[:4], from_fen(row[4]), from_fen(sums[row.occurred_on]), *row[6:]] for row in rows)
    found = [Received(*each) for each in values]
    return found[:limit], found[limit - 1].place if len(found) > limit else None


def totals_of(session: Session, *, sight: Sight, today: dt.date) -> Totals:
    """The totals of today and of this month."""
    where, given = _conditions(sight, today.replace(day=1), "", "")
    row = session.connection().exec_driver_sql(f"{_TOTALS} WHERE {where}", {**given, "today": today}).one()
    return Totals(*(from_fen(int(fen)) for fen in row))


def _sums_by_day(session: Session, where: str, given: dict[str, Any], days: Sequence[dt.date]) -> dict[dt.date, int]:
    if not days:
        return {}
    sql = (
        f"SELECT r.occurred_on, sum({_CHANGE}) {_FROM}"
        f" WHERE {where} AND r.occurred_on BETWEEN %(first)s AND %(last)s GROUP BY r.occurred_on"
    )
    rows = session.connection().exec_driver_sql(sql, {**given, "first": min(days), "last": max(days)})
    return {day: int(fen) for day, fen in rows}


def _conditions(sight: Sight, month: dt.date | None, owner: str, search: str) -> tuple[str, dict[str, Any]]:
    parts = ["true"]
    given: dict[str, Any] = {"me": sight.person_id, "seen": list(sight.departments or ())}
    if sight.departments is not None:
        parts.append("(s.department_id = ANY(%(seen)s) OR s.owner_id = %(me)s)")
    if month is not None:
        parts.append("r.occurred_on >= %(month)s AND r.occurred_on < %(month)s + interval '1 month'")
        given["month"] = month
    if owner:
        parts.append("(e.login = lower(%(owner)s) OR e.name = %(owner)s)")
        given["owner"] = owner
    if search:
        parts.append("(c.number LIKE %(number)s OR s.number LIKE %(number)s OR k.name_key LIKE %(name)s)")
        given |= {"number": f"{_escaped(search.upper())}%", "name": f"%{_escaped(name_key(search)) or '~'}%"}
    return " AND ".join(parts), given


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _place(after: str | None) -> dict[str, Any] | None:
    """The place in an address; one that nobody gave out begins anew."""
    try:
        day, ident = (after or "").split("_")
        return {"day": dt.date.fromisoformat(day), "id": min(int(ident), 2**63 - 1)}
    except ValueError:
        return None
