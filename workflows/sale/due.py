"""Which instalments are still owed: derived from the plan and from what came in, never stored.

Money covers the instalments of the signed contract in the order of their days, whatever it was meant for; what is left
of an instalment is owed. Sales that go on are asked for money, and closed ones an entry of which was reversed since.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from workflows.customers.names import name_key
from workflows.customers.scope import Sight
from workflows.kernel.money import from_fen

#: Rows of a page, and of an export.
PAGE, MOST_EXPORTED = 50, 20_000


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment that is not covered; amounts are yuan."""

    contract_id: int
    position: int
    due_on: dt.date
    amount: Decimal
    open: Decimal
    note: str
    sale_id: int
    instance_id: int
    sale_number: str
    contract_number: str
    customer: str
    owner_id: int
    owner: str
    owner_en: str

    @property
    def place(self) -> str:
        """Where a page goes on after this row."""
        return f"{self.due_on.isoformat()}_{self.contract_id}_{self.position}"


@dataclass(frozen=True, slots=True)
class Sums:
    """What all instalments that were asked for come to, in yuan."""

    count: int
    open: Decimal
    overdue_count: int
    overdue: Decimal


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of instalments is narrowed to."""

    overdue: bool = False
    #: The first day of a month in which they are due.
    month: dt.date | None = None
    #: A login or a name.
    owner: str = ""
    search: str = ""


_OPEN = """
  FROM sale s JOIN contract c ON c.sale_id = s.id AND c.status = 'signed'
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE WHEN r.reverses_id IS NULL THEN r.amount_fen ELSE -r.amount_fen END), 0) AS fen
      FROM receipt r WHERE r.sale_id = s.id AND r.kind = 'receipt' AND r.id > s.settled_receipt_id) paid
  CROSS JOIN LATERAL (
    SELECT i.position, i.due_on, i.amount_fen, i.note,
           sum(i.amount_fen) OVER (ORDER BY i.due_on, i.position) AS until_fen
      FROM instalment i WHERE i.contract_id = c.id) i
  JOIN customer k ON k.id = s.customer_id JOIN employee e ON e.id = s.owner_id
 WHERE (s.status = 'open' OR s.status = 'closed'
        AND s.id IN (SELECT u.sale_id FROM receipt u WHERE u.reverses_id IS NOT NULL))
   AND s.stage >= 4 AND i.until_fen > paid.fen
"""
_COLUMNS = """
c.id, i.position, i.due_on, i.amount_fen, least(i.amount_fen, i.until_fen - paid.fen) AS open_fen, i.note, s.id,
s.instance_id, s.number, c.number, k.name, s.owner_id, e.name, e.name_en
"""


def instalments_between(session: Session, first: dt.date, last: dt.date) -> list[Instalment]:
    """What is not covered of the instalments that are due within a period, both its days included."""
    where = " AND i.due_on BETWEEN %(first)s AND %(last)s ORDER BY i.due_on, c.id, i.position"
    return _read(session, where, {"first": first, "last": last})


def open_instalments(
    session: Session, asked: Asked, *, sight: Sight, today: dt.date, after: str | None = None, limit: int = PAGE
) -> tuple[list[Instalment], str | None]:
    """What is owed, the earliest first, and where the next page begins if there is one."""
    where, given = _conditions(asked, sight, today)
    place = _place(after)
    if place is not None:
        where += " AND (i.due_on, c.id, i.position) > (%(due)s, %(contract)s, %(position)s)"
        given |= place
    rows = _read(session, f"{where} ORDER BY i.due_on, c.id, i.position LIMIT %(limit)s", {**given, "limit": limit + 1})
    return rows[:limit], rows[limit - 1].place if len(rows) > limit else None


def sums_of(session: Session, asked: Asked, *, sight: Sight, today: dt.date) -> Sums:
    """What all of that comes to."""
    where, given = _conditions(asked, sight, today)
    left = "least(i.amount_fen, i.until_fen - paid.fen)"
    late = "FILTER (WHERE i.due_on < %(today)s)"
    sql = f"SELECT count(*), coalesce(sum({left}), 0), count(*) {late}, coalesce(sum({left}) {late}, 0) {_OPEN} {where}"
    row = session.connection().exec_driver_sql(sql, given).one()
    return Sums(row[0], from_fen(int(row[1])), row[2], from_fen(int(row[3])))


def _conditions(asked: Asked, sight: Sight, today: dt.date) -> tuple[str, dict[str, Any]]:
    parts: list[str] = []
    given: dict[str, Any] = {"today": today, "me": sight.person_id, "seen": list(sight.departments or ())}
    if sight.departments is not None:
        parts.append("(s.department_id = ANY(%(seen)s) OR s.owner_id = %(me)s)")
    if asked.overdue:
        parts.append("i.due_on < %(today)s")
    if asked.month is not None:
        parts.append("i.due_on >= %(month)s AND i.due_on < %(month)s + interval '1 month'")
        given["month"] = asked.month
    if asked.owner:
        parts.append("(e.login = lower(%(owner)s) OR e.name = %(owner)s)")
        given["owner"] = asked.owner
    if asked.search:
        parts.append("(c.number LIKE %(number)s OR s.number LIKE %(number)s OR k.name_key LIKE %(name)s)")
        key = _escaped(name_key(asked.search)) or "\\%"
        given |= {"number": f"{_escaped(asked.search.upper())}%", "name": f"%{key}%"}
    return "".join(f" AND {part}" for part in parts), given


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _place(after: str | None) -> dict[str, Any] | None:
    """The place in an address; one that nobody gave out begins anew."""
    try:
        due, contract, position = (after or "").split("_")
        return {
            "due": dt.date.fromisoformat(due), "contract": min(int(contract), 2**63 - 1),
            "position": min(int(position), 2**31 - 1),
        }  # fmt: skip
    except ValueError:
        return None


def _read(session: Session, where: str, given: dict[str, Any]) -> list[Instalment]:
    sql = f"SELECT {_COLUMNS} {_OPEN} {where}"
    rows: Sequence[Any] = session.connection().exec_driver_sql(sql, given).all()
    values = ([*row[:3], from_fen(row[3]), from_fen(int(row[4])), *row[5:]] for row in rows)
    return [Instalment(*each) for each in values]
