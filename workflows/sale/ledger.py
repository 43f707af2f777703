"""A sale's money: the order, what came in, what went back, and what is left, always derived from entries.

A sale is lost only when all its money went back; reopened, it begins with nothing, and the entries up to
``sale.settled_receipt_id`` stand in its ledger without counting for what is owed.

Every figure is read under the sale's lock. A receipt is shared out over the order lines by what is still owed on each
(``pricing.shared``), so that the events of a receipt add up to it; what is more than the order came to has no line. A
wrong entry is corrected by a new one that names it, with all its events, never by changing it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, insert, select, text
from sqlalchemy.orm import Session, aliased

from workflows.engine.process import Step
from workflows.kernel.money import written
from workflows.products.model import Product
from workflows.sale.ledger_model import CostKind, EventKind, OrderLine, Receipt, ReceiptKind, SaleEvent
from workflows.sale.model import QuotationLine
from workflows.sale.pricing import Item, shared
from workflows.sale.standing import LockedSale

_FIGURES = text("""
SELECT coalesce((SELECT c.total_fen FROM contract c WHERE c.sale_id = :sale AND c.status = 'signed'), 0) AS contracted,
       coalesce(sum(CASE WHEN r.reverses_id IS NULL THEN r.amount_fen ELSE -r.amount_fen END)
                FILTER (WHERE r.kind = 'receipt'), 0) AS received,
       coalesce(sum(CASE WHEN r.reverses_id IS NULL THEN r.amount_fen ELSE -r.amount_fen END)
                FILTER (WHERE r.kind = 'refund'), 0) AS refunded,
       (SELECT coalesce(sum(f.amount_fen), 0) FROM refund f
         WHERE f.sale_id = :sale AND f.closed_at IS NULL) AS reserved
  FROM receipt r WHERE r.sale_id = :sale AND r.id > (SELECT s.settled_receipt_id FROM sale s WHERE s.id = :sale)
""")
#: What each order line was sold for, and what of it has been collected, refunded and asked back.
_LINES = text("""
SELECT l.id, l.position, l.name, l.amount_fen, l.product_kind, l.is_procured, l.is_outsourced,
       coalesce(sum(CASE WHEN e.reverses_id IS NULL THEN e.amount_fen ELSE -e.amount_fen END)
                FILTER (WHERE e.kind = 'receipt'), 0) AS received_fen,
       coalesce(sum(CASE WHEN e.reverses_id IS NULL THEN e.amount_fen ELSE -e.amount_fen END)
                FILTER (WHERE e.kind = 'refund'), 0) AS refunded_fen,
       (SELECT coalesce(sum(f.amount_fen), 0) FROM refund f
         WHERE f.order_line_id = l.id AND f.closed_at IS NULL) AS reserved_fen
  FROM order_line l JOIN sale s ON s.id = l.sale_id
  LEFT JOIN sale_event e ON e.order_line_id = l.id AND e.receipt_id > s.settled_receipt_id
 WHERE l.sale_id = :sale GROUP BY l.id ORDER BY l.position
""")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a sale's entries add up to, in fen. ``reserved_fen`` is asked back and not yet paid."""

    contracted_fen: int
    received_fen: int
    refunded_fen: int
    reserved_fen: int

    @property
    def held_fen(self) -> int:
        """What the company holds of it."""
        return self.received_fen - self.refunded_fen

    @property
    def held_written(self) -> str:
        """The same for a message."""
        return written(self.held_fen)

    @property
    def owed_fen(self) -> int:
        """What is still to be collected. A refund does not raise it: who gives something back does not ask again."""
        return max(self.contracted_fen - self.received_fen, 0)

    @property
    def overpaid_fen(self) -> int:
        """What came in beyond the contract and was not given back."""
        return max(self.held_fen - self.contracted_fen, 0)

    @property
    def refundable_fen(self) -> int:
        """What may still be asked back."""
        return self.held_fen - self.reserved_fen

    @property
    def is_collected(self) -> bool:
        """Gate 4: a contract is signed, and all of it came in."""
        return self.contracted_fen > 0 and self.owed_fen == 0


@dataclass(frozen=True, slots=True)
class Line:
    """One order line with its money, in fen."""

    id: int
    position: int
    name: str
    amount_fen: int
    product_kind: str
    is_procured: bool
    is_outsourced: bool
    received_fen: int
    refunded_fen: int
    reserved_fen: int = 0

    @property
    def owed_fen(self) -> int:
        """What is still to be collected for it."""
        return self.amount_fen - self.received_fen

    @property
    def held_fen(self) -> int:
        """What the company holds for it."""
        return self.received_fen - self.refunded_fen

    @property
    def free_fen(self) -> int:
        """What may be given back of it: what is held and not reserved by a refund for this very line."""
        return self.held_fen - self.reserved_fen


def figures_of(session: Session, sale_id: int) -> Figures:
    """Read the figures of one sale."""
    row = session.execute(_FIGURES, {"sale": sale_id}).one()
    return Figures(int(row.contracted), int(row.received), int(row.refunded), int(row.reserved))


def lines_of(session: Session, sale_id: int) -> list[Line]:
    """The order lines of a sale with their money."""
    rows = session.execute(_LINES, {"sale": sale_id})
    return [
        Line(
            row.id, row.position, row.name, row.amount_fen, row.product_kind, row.is_procured, row.is_outsourced,
            int(row.received_fen), int(row.refunded_fen), int(row.reserved_fen),
        )
        for row in rows
    ]  # fmt: skip


def open_order(step: Step, sale: LockedSale, contract_id: int, quotation_id: int, *, signed_on: dt.date) -> None:
    """Turn what was agreed into order lines, and tell each as an event; known purchase costs with it (H3)."""
    lines = step.session.execute(
        select(QuotationLine, Product.kind, Product.is_procured, Product.is_outsourced, Product.cost_fen)
        .join(Product, Product.id == QuotationLine.product_id)
        .where(QuotationLine.quotation_id == quotation_id)
        .order_by(QuotationLine.position)
    )
    for line, kind, is_procured, is_outsourced, cost_fen in lines:
        item = Item(line.quantity, line.list_price_fen, line.floor_price_fen, line.unit_price_fen, line.discount_bp)
        row = {
            "sale_id": sale.id, "contract_id": contract_id, "position": line.position, "product_id": line.product_id,
            "name": line.name, "unit": line.unit, "product_kind": kind, "quantity": line.quantity,
            "amount_fen": line.amount_fen, "floor_fen": item.floor_fen, "is_procured": is_procured,
            "is_outsourced": is_outsourced,
        }  # fmt: skip
        line_id = step.session.execute(insert(OrderLine).values(**row).returning(OrderLine.id)).scalar_one()
        of_line = Line(
            line_id, line.position, line.name, line.amount_fen, kind, is_procured, is_outsourced, 0, 0
        )
        told = Told(step, sale, signed_on)
        if line.amount_fen:
            told.event(EventKind.ORDER, line.amount_fen, of_line)
        if cost_fen:
            cost = Item(line.quantity, 0, 0, cost_fen).amount_fen
            if cost:
                told.event(EventKind.COST, cost, of_line, cost_kind=CostKind.PURCHASE)


@dataclass(frozen=True, slots=True)
class Told:
    """Who tells events of which sale, and of which day."""

    step: Step
    sale: LockedSale
    occurred_on: dt.date

    def event(self, kind: EventKind, amount_fen: int, line: Line | None, **more: Any) -> int:
        """Write one event and give its id."""
        of_line = (
            {
                "order_line_id": line.id, "product_kind": line.product_kind, "is_procured": line.is_procured,
                "is_outsourced": line.is_outsourced,
            }
            if line is not None
            else {}
        )  # fmt: skip
        values = {
            "sale_id": self.sale.id, "kind": kind, "occurred_on": self.occurred_on, "amount_fen": amount_fen,
            "salesperson_id": self.sale.owner_id, "department_id": self.sale.department_id,
            "recorded_by_id": recorder(self.step), "recorded_at": self.step.now, **of_line, **more,
        }  # fmt: skip
        return int(self.step.session.execute(insert(SaleEvent).values(**values).returning(SaleEvent.id)).scalar_one())

    def money(
        self, kind: ReceiptKind, amount_fen: int, shares: Sequence[tuple[Line | None, int]], **details: Any
    ) -> int:
        """Write money that came in or went back, with its share of each line; gives the id of the entry."""
        assert sum(share for _, share in shares) == amount_fen  # noqa: S101 (parts add up to the whole)
        receipt_id = self._entry(kind, amount_fen, **details)
        for line, share in shares:
            if share:
                self.event(EventKind(kind.value), share, line, receipt_id=receipt_id)
        return receipt_id

    def reversal(self, wrong: Receipt, *, reason: str) -> int:
        """Write what undoes an entry, and what undoes each of its events; gives the id of the new entry.

        The events keep salesperson and department of those that they undo, whoever has the sale today.
        """
        receipt_id = self._entry(
            ReceiptKind(wrong.kind), wrong.amount_fen, method=wrong.method, reference=wrong.reference,
            payer=wrong.payer, reason=reason, reverses_id=wrong.id,
        )  # fmt: skip
        undone = aliased(SaleEvent)
        of_wrong = (
            select(SaleEvent)
            .where(
                SaleEvent.receipt_id == wrong.id, SaleEvent.reverses_id.is_(None),
                ~exists().where(undone.reverses_id == SaleEvent.id),
            )
            .order_by(SaleEvent.id)
        )  # fmt: skip
        for event in self.step.session.execute(of_wrong).scalars().all():
            self.undo(event, receipt_id=receipt_id)
        return receipt_id

    def undo(self, event: SaleEvent, *, receipt_id: int | None) -> int:
        """Write what undoes one event, for the same line, salesperson and department."""
        return self.event(
            EventKind(event.kind), event.amount_fen, None, receipt_id=receipt_id, reverses_id=event.id,
            cost_kind=event.cost_kind, order_line_id=event.order_line_id, product_kind=event.product_kind,
            is_procured=event.is_procured, is_outsourced=event.is_outsourced, salesperson_id=event.salesperson_id,
            department_id=event.department_id,
        )  # fmt: skip

    def _entry(self, kind: ReceiptKind, amount_fen: int, **details: Any) -> int:
        values = {
            "sale_id": self.sale.id, "kind": kind, "amount_fen": amount_fen, "occurred_on": self.occurred_on,
            "recorded_by_id": recorder(self.step), "recorded_at": self.step.now, **details,
        }  # fmt: skip
        return int(self.step.session.execute(insert(Receipt).values(**values).returning(Receipt.id)).scalar_one())


def shares_of_receipt(lines: Sequence[Line], amount_fen: int) -> list[tuple[Line | None, int]]:
    """What of a receipt falls on each line, by what is owed on it; the rest, beyond the order, on none."""
    owed = [max(line.owed_fen, 0) for line in lines]
    within = min(amount_fen, sum(owed))
    parts: list[tuple[Line | None, int]] = list(zip(lines, shared(within, owed), strict=True)) if lines else []
    return [*parts, (None, amount_fen - within)]


def shares_of_refund(
    lines: Sequence[Line], amount_fen: int, beyond_fen: int, line_id: int | None
) -> list[tuple[Line | None, int]]:
    """What of a refund falls on each line: all on the one that is named, else first what came in beyond the order
    (``beyond``), then in proportion to what is free on each.

    What is asked back by a line's name stays with that line, so that refunds may be paid in any order.
    """
    if line_id is not None:
        return [(line, amount_fen) for line in lines if line.id == line_id]
    first = min(amount_fen, max(beyond_fen, 0))
    free = [max(line.free_fen, 0) for line in lines]
    parts: list[tuple[Line | None, int]] = list(zip(lines, shared(amount_fen - first, free), strict=True))
    return [*parts, (None, first)]


def beyond(figures: Figures, lines: Sequence[Line]) -> int:
    """What is held that belongs to no line, because it came in beyond the order."""
    return figures.held_fen - sum(line.held_fen for line in lines)


def settle_beyond(told: Told) -> None:
    """Let money that came in beyond the order count for its lines, where a reversal has left something owed on them.

    The event without a line is undone and told again by lines, so that the events of its receipt still add up to it.
    """
    session, sale_id = told.step.session, told.sale.id
    lines = lines_of(session, sale_id)
    movable = min(beyond(figures_of(session, sale_id), lines), sum(max(line.owed_fen, 0) for line in lines))
    undone = aliased(SaleEvent)
    without_line = (
        select(SaleEvent)
        .where(
            SaleEvent.sale_id == sale_id, SaleEvent.kind == EventKind.RECEIPT, SaleEvent.order_line_id.is_(None),
            SaleEvent.reverses_id.is_(None), ~exists().where(undone.reverses_id == SaleEvent.id),
        )
        .order_by(SaleEvent.id)
    )  # fmt: skip
    for event in session.execute(without_line).scalars().all():
        moved = min(movable, event.amount_fen)
        if moved <= 0:
            return
        told.undo(event, receipt_id=event.receipt_id)
        for line, share in [*shares_of_receipt(lines_of(session, sale_id), moved), (None, event.amount_fen - moved)]:
            if share:
                told.event(
                    EventKind.RECEIPT, share, line, receipt_id=event.receipt_id,
                    salesperson_id=event.salesperson_id, department_id=event.department_id,
                )  # fmt: skip
        movable -= moved


def recorder(step: Step) -> int:
    """Who records an entry; money is never moved by nobody."""
    if step.actor is None:
        raise ValueError("an entry is recorded by a person")
    return step.actor.id
