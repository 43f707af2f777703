"""The facts of sales that commissions are computed from (H9, H10, H3, H4, G3.2), as typed rows; reading only.

One row is one event of the ledger (``ledger_model.SaleEvent``). ``amount_fen`` has a sign: an event that undoes another
counts against it, so that the rows of any period simply add up. The kinds are

``order``    what an order line was sold for, dated by the signature of the contract
``receipt``  its share of money that came in, dated by the day on the account
``refund``   its share of money that went back (G3.2), dated by the payment
``cost``     what it cost (H3, H10): purchase, tax, logistics or other, in ``cost_kind``

A share without an order line came in beyond the order. Salesperson and department are those of the day on which the
event was told: who got a sale later is not given what was collected before, and a correction falls on whom the wrong
entry fell. Only fully collected orders count (H9): ``collected_between`` gives them with the day.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class SaleFact:
    """One event with what a scheme may ask about it; sums are fen."""

    id: int
    sale_id: int
    sale_number: str
    customer_id: int
    kind: str
    cost_kind: str | None
    occurred_on: dt.date
    amount_fen: int
    order_line_id: int | None
    line_position: int | None
    line_name: str | None
    line_amount_fen: int | None
    line_floor_fen: int | None
    product_kind: str | None
    is_procured: bool
    is_outsourced: bool
    salesperson_id: int
    salesperson: str
    salesperson_en: str
    department_id: int
    receipt_id: int | None
    reverses_id: int | None
    note: str
    recorded_at: dt.datetime

    @property
    def is_below_floor(self) -> bool:
        """Whether the line was sold below its floor price, so that it is paid on audited profit (H10)."""
        return (
            self.line_amount_fen is not None
            and self.line_floor_fen is not None
            and self.line_amount_fen < self.line_floor_fen
        )


@dataclass(frozen=True, slots=True)
class CollectedOrder:
    """A signed contract all of which came in, and since when."""

    sale_id: int
    sale_number: str
    contract_number: str
    owner_id: int
    department_id: int
    total_fen: int
    collected_on: dt.date


_FACTS = """
SELECT e.id, e.sale_id, s.number AS sale_number, s.customer_id, e.kind, e.cost_kind, e.occurred_on,
       CASE WHEN e.reverses_id IS NULL THEN e.amount_fen ELSE -e.amount_fen END AS amount_fen, e.order_line_id,
       l.position AS line_position, l.name AS line_name, l.amount_fen AS line_amount_fen,
       l.floor_fen AS line_floor_fen, e.product_kind, e.is_procured, e.is_outsourced, e.salesperson_id,
       p.name AS salesperson, p.name_en AS salesperson_en, e.department_id, e.receipt_id, e.reverses_id, e.note,
       e.recorded_at
  FROM sale_event e JOIN sale s ON s.id = e.sale_id JOIN employee p ON p.id = e.salesperson_id
  LEFT JOIN order_line l ON l.id = e.order_line_id
 WHERE {where} ORDER BY {order}
"""
#: The day is that of the last entry that brought the money from below the contract's amount to it.
_COLLECTED = """
WITH running AS (
    SELECT r.sale_id, r.occurred_on,
           CASE WHEN r.reverses_id IS NULL THEN r.amount_fen ELSE -r.amount_fen END AS change,
           sum(CASE WHEN r.reverses_id IS NULL THEN r.amount_fen ELSE -r.amount_fen END)
             OVER (PARTITION BY r.sale_id ORDER BY r.occurred_on, r.id) AS after
      FROM receipt r JOIN sale s ON s.id = r.sale_id AND r.id > s.settled_receipt_id WHERE r.kind = 'receipt'
), collected AS (
    SELECT c.id, max(running.occurred_on) FILTER (
             WHERE running.after >= c.total_fen AND running.after - running.change < c.total_fen) AS collected_on
      FROM contract c JOIN running ON running.sale_id = c.sale_id
     WHERE c.status = 'signed' GROUP BY c.id, c.total_fen HAVING sum(running.change) >= c.total_fen
)
SELECT s.id AS sale_id, s.number AS sale_number, c.number AS contract_number, s.owner_id, s.department_id, c.total_fen,
       collected.collected_on
  FROM collected JOIN contract c ON c.id = collected.id JOIN sale s ON s.id = c.sale_id
 WHERE collected.collected_on BETWEEN %(first)s AND %(last)s ORDER BY collected.collected_on, s.id
"""


def events_between(
    session: Session, first: dt.date, last: dt.date, salesperson_id: int | None = None
) -> list[SaleFact]:
    """The events of a period, both its days included, in the order of their days; of one salesperson, or of all."""
    where, given = "e.occurred_on BETWEEN %(first)s AND %(last)s", {"first": first, "last": last}
    if salesperson_id is not None:
        where += " AND e.salesperson_id = %(salesperson)s"
    return _read(session, where, "e.occurred_on, e.id", {**given, "salesperson": salesperson_id})


def events_of(session: Session, sale_id: int) -> list[SaleFact]:
    """The events of one sale in the order in which they were told."""
    return _read(session, "e.sale_id = %(sale)s", "e.id", {"sale": sale_id})


def collected_between(session: Session, first: dt.date, last: dt.date) -> list[CollectedOrder]:
    """The orders whose last fen came in within a period (H9), and was not taken back since: by a correction, or by a
    refund of everything after which the sale was taken up again."""
    rows = session.connection().exec_driver_sql(_COLLECTED, {"first": first, "last": last})
    return [CollectedOrder(*row) for row in rows]


def _read(session: Session, where: str, order: str, given: dict[str, Any]) -> list[SaleFact]:
    rows: Sequence[Any] = session.connection().exec_driver_sql(_FACTS.format(where=where, order=order), given).all()
    return [SaleFact(*row) for row in rows]
