"""The tables of a sale's money.

``receipt`` is what finance saw on the account: money in, money back, and corrections, which are new rows that name the
wrong one. ``sale_event`` is the same told by order lines, the facts that commissions are computed from (H9, H10, H3,
H4, G3.2). Both are append-only; what was collected is always their sum.
"""

import datetime as dt
import enum
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from workflows.kernel.base import Base, Instant, Key


class ReceiptKind(enum.StrEnum):
    """Which way the money went."""

    RECEIPT = "receipt"
    REFUND = "refund"


class EventKind(enum.StrEnum):
    """What a sale event says of its order line."""

    #: It was sold, for this amount.
    ORDER = "order"
    #: Money for it came in.
    RECEIPT = "receipt"
    #: Money for it went back (G3.2).
    REFUND = "refund"
    #: It cost this (H3, H10).
    COST = "cost"


class CostKind(enum.StrEnum):
    """The costs that lower a profit base (H3)."""

    PURCHASE = "purchase"
    TAX = "tax"
    LOGISTICS = "logistics"
    OTHER = "other"


class OrderLine(Base):
    """One item of a signed contract: what is delivered, collected and commissioned."""

    __tablename__ = "order_line"

    id: Mapped[Key]
    sale_id: Mapped[int] = mapped_column(ForeignKey("sale.id"))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"))
    position: Mapped[int]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    name: Mapped[str] = mapped_column(String(120))
    unit: Mapped[str] = mapped_column(String(16))
    product_kind: Mapped[str] = mapped_column(String(16))
    quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    floor_fen: Mapped[int] = mapped_column(BigInteger)
    is_procured: Mapped[bool]
    is_outsourced: Mapped[bool]

    __table_args__ = (
        UniqueConstraint("contract_id", "position"),
        UniqueConstraint("id", "sale_id"),
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        Index("ix_order_line_sale", "sale_id", "position"),
    )


class Receipt(Base):
    """Money that came in for a sale or went back. The database refuses to change or delete a row."""

    __tablename__ = "receipt"

    id: Mapped[Key]
    sale_id: Mapped[int] = mapped_column(ForeignKey("sale.id"))
    kind: Mapped[str] = mapped_column(String(8))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    occurred_on: Mapped[dt.date]
    method: Mapped[str] = mapped_column(String(16))
    #: The bank's number; who paid or was paid.
    reference: Mapped[str] = mapped_column(String(80), server_default="")
    payer: Mapped[str] = mapped_column(String(120), server_default="")
    #: Why it was refunded or reversed.
    reason: Mapped[str] = mapped_column(String(500), server_default="")
    #: The case of the refund that it was paid by.
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    #: The row that this one undoes.
    reverses_id: Mapped[int | None] = mapped_column(BigInteger)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    recorded_at: Mapped[Instant]

    __table_args__ = (
        CheckConstraint("kind IN ('receipt', 'refund')", name="kind"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        # A reversal is equal to what it reverses: same sale, kind and amount, once only.
        UniqueConstraint("id", "sale_id", "kind", "amount_fen"),
        UniqueConstraint("reverses_id"),
        ForeignKeyConstraint(
            ["reverses_id", "sale_id", "kind", "amount_fen"],
            ["receipt.id", "receipt.sale_id", "receipt.kind", "receipt.amount_fen"],
            name="fk_receipt_reverses_id",
        ),
        Index("ix_receipt_sale", "sale_id", "id"),
        Index("ix_receipt_day", "occurred_on", "id"),
        # One transfer is recorded once, unless it was reversed: money booked on the wrong sale first.
        Index("ix_receipt_reference", "reference", postgresql_where=text("reference <> ''")),
    )


class SaleEvent(Base):
    """A fact that commissions are computed from. The database refuses to change or delete a row.

    ``amount_fen`` is positive; a row that names another in ``reverses_id`` counts against it. Money that is more than
    the order came to has no order line.
    """

    __tablename__ = "sale_event"

    id: Mapped[Key]
    sale_id: Mapped[int] = mapped_column(ForeignKey("sale.id"))
    kind: Mapped[str] = mapped_column(String(8))
    cost_kind: Mapped[str | None] = mapped_column(String(16))
    occurred_on: Mapped[dt.date]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    order_line_id: Mapped[int | None] = mapped_column(BigInteger)
    product_kind: Mapped[str | None] = mapped_column(String(16))
    is_procured: Mapped[bool] = mapped_column(server_default=text("false"))
    is_outsourced: Mapped[bool] = mapped_column(server_default=text("false"))
    #: Whose sale it was on that day, and their department.
    salesperson_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("sale_event.id"), unique=True)
    note: Mapped[str] = mapped_column(String(200), server_default="")
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    recorded_at: Mapped[Instant]

    __table_args__ = (
        CheckConstraint("kind IN ('order', 'receipt', 'refund', 'cost')", name="kind"),
        CheckConstraint("(kind = 'cost') = (cost_kind IS NOT NULL)", name="a_cost_has_a_kind"),
        CheckConstraint("cost_kind IN ('purchase', 'tax', 'logistics', 'other')", name="cost_kind"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        CheckConstraint("(kind IN ('receipt', 'refund')) = (receipt_id IS NOT NULL)", name="money_has_a_receipt"),
        CheckConstraint("(order_line_id IS NULL) = (product_kind IS NULL)", name="a_line_has_a_kind"),
        ForeignKeyConstraint(
            ["order_line_id", "sale_id"], ["order_line.id", "order_line.sale_id"], name="fk_sale_event_order_line_id"
        ),
        Index("ix_sale_event_sale", "sale_id", "id"),
        Index("ix_sale_event_salesperson", "salesperson_id", "occurred_on", "id"),
    )


class Refund(Base):
    """Money that a customer wants back after it was collected: asked for, approved, then paid; a case each."""

    __tablename__ = "refund"

    id: Mapped[Key]
    instance_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("process_instance.id", deferrable=True, initially="DEFERRED"), unique=True
    )
    #: TK-2026-000123, without gaps within a year.
    number: Mapped[str] = mapped_column(String(16), unique=True)
    sale_id: Mapped[int] = mapped_column(ForeignKey("sale.id"), index=True)
    #: The line that it is for; empty where it is for all of them in proportion.
    order_line_id: Mapped[int | None] = mapped_column(BigInteger)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(500))
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    requested_at: Mapped[Instant]
    #: Set once it is paid, refused or withdrawn; until then it is reserved.
    closed_at: Mapped[Instant | None]
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"))

    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        ForeignKeyConstraint(
            ["order_line_id", "sale_id"], ["order_line.id", "order_line.sale_id"], name="fk_refund_order_line_id"
        ),
    )
