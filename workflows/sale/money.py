"""A sale's ledger as its page shows it: entries with the balance after each, and refunds with what became of them."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from workflows.kernel.money import from_fen
from workflows.sale.ledger_model import ReceiptKind


@dataclass(frozen=True, slots=True)
class Share:
    """What of an entry fell on an order line; without a line it came in beyond the order."""

    line: str | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry; ``change`` has a sign, ``balance`` is what the company holds after it, both in yuan."""

    id: int
    kind: str
    amount: Decimal
    change: Decimal
    balance: Decimal
    occurred_on: dt.date
    method: str
    reference: str
    payer: str
    reason: str
    instance_id: int | None
    reverses_id: int | None
    is_reversed: bool
    #: Whether it came before the sale was reopened with all its money given back.
    is_settled: bool
    recorded_by: str
    recorded_by_en: str
    recorded_at: dt.datetime
    shares: list[Share]

    @property
    def is_reversible(self) -> bool:
        """Whether finance may still undo it; a refund is not undone, what comes back of it is a receipt."""
        is_first = self.reverses_id is None and not self.is_reversed
        return is_first and not self.is_settled and self.kind == ReceiptKind.RECEIPT


@dataclass(frozen=True, slots=True)
class RefundRow:
    """One refund, with the status of its case and the step that it waits at."""

    id: int
    instance_id: int
    number: str
    line: str | None
    amount: Decimal
    reason: str
    requested_by: str
    requested_by_en: str
    requested_at: dt.datetime
    status: str
    waits_at: str | None


_ENTRIES = """
SELECT r.id, r.kind, r.amount_fen, r.occurred_on, r.method, r.reference, r.payer, r.reason, r.instance_id,
       r.reverses_id, EXISTS (SELECT 1 FROM receipt u WHERE u.reverses_id = r.id) AS is_reversed,
       r.id <= s.settled_receipt_id AS is_settled, p.name, p.name_en, r.recorded_at,
       (SELECT json_agg(json_build_array(g.name, g.fen) ORDER BY g.position NULLS LAST)
          FROM (SELECT l.position, l.name,
                       sum(CASE WHEN e.reverses_id IS NULL OR r.reverses_id IS NOT NULL THEN e.amount_fen
                                ELSE -e.amount_fen END) AS fen
                  FROM sale_event e LEFT JOIN order_line l ON l.id = e.order_line_id
                 WHERE e.receipt_id = r.id GROUP BY l.position, l.name) g WHERE g.fen <> 0) AS shares
  FROM receipt r JOIN sale s ON s.id = r.sale_id JOIN employee p ON p.id = r.recorded_by_id
 WHERE r.sale_id = %(sale)s ORDER BY r.id
"""
_REFUNDS = """
SELECT f.id, f.instance_id, f.number, l.name AS line, f.amount_fen, f.reason, p.name, p.name_en, f.requested_at,
       i.status, (SELECT t.element_id FROM user_task t WHERE t.instance_id = i.id AND t.status = 'open'
                   ORDER BY t.id LIMIT 1) AS waits_at
  FROM refund f JOIN process_instance i ON i.id = f.instance_id JOIN employee p ON p.id = f.requested_by_id
  LEFT JOIN order_line l ON l.id = f.order_line_id
 WHERE f.{named} = %(id)s ORDER BY f.id
"""


def entries_of(session: Session, sale_id: int) -> list[EntryRow]:
    """The entries of a sale in the order in which they were recorded."""
    held, found = 0, []
    for row in session.connection().exec_driver_sql(_ENTRIES, {"sale": sale_id}):
        inward = (row.kind == ReceiptKind.RECEIPT) == (row.reverses_id is None)
        change = row.amount_fen if inward else -row.amount_fen
        held += change
        shares = [Share(name, from_fen(int(fen))) for name, fen in row.shares or []]
        found.append(
            EntryRow(
                row.id, row.kind, from_fen(row.amount_fen), from_fen(change), from_fen(held), row.occurred_on,
                row.method, row.reference, row.payer, row.reason, row.instance_id, row.reverses_id, row.is_reversed,
                row.is_settled, row.name, row.name_en, row.recorded_at, shares,
            )
        )  # fmt: skip
    return found


def refunds_of(session: Session, sale_id: int) -> list[RefundRow]:
    """The refunds of a sale, the oldest first."""
    return _refunds(session, "sale_id", sale_id)


def refund_of(session: Session, instance_id: int) -> RefundRow | None:
    """The refund of a case."""
    return next(iter(_refunds(session, "instance_id", instance_id)), None)


def _refunds(session: Session, named: str, ident: int) -> list[RefundRow]:
    rows = session.connection().exec_driver_sql(_REFUNDS.format(named=named), {"id": ident})
    return [
        RefundRow(
            row.id, row.instance_id, row.number, row.line, from_fen(row.amount_fen), row.reason, row.name, row.name_en,
            row.requested_at, row.status, row.waits_at,
        )
        for row in rows
    ]  # fmt: skip
