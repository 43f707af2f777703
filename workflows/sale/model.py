"""The tables of a sale, from the lead to its after-sales care (domain.md section 1; source clauses I7.1 and B4).

``sale`` says where it stands; quotations and contracts are versions that are never edited; money stands in
``workflows.sale.ledger``. A sale's stage and status are moved by the diagram's own steps, each with a row in
``sale_move``.
"""

import datetime as dt
import enum
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from workflows.kernel.base import Base, Instant, Key


class Stage(enum.IntEnum):
    """The five stages (I7.1; the fifth is filled)."""

    INFORMATION = 1
    INITIATION = 2
    NEGOTIATION = 3
    PURCHASE = 4
    AFTER_SALES = 5


class SaleStatus(enum.StrEnum):
    """Whether a sale goes on."""

    OPEN = "open"
    LOST = "lost"
    #: Put aside until a day.
    SUSPENDED = "suspended"
    #: Through all five stages.
    CLOSED = "closed"


class LostReason(enum.StrEnum):
    """Why a sale was lost or put aside."""

    PRICE = "price"
    COMPETITOR = "competitor"
    NO_BUDGET = "no_budget"
    NO_NEED = "no_need"
    TIMING = "timing"
    REFUSED = "refused"
    #: Nobody was in contact for so long that the registration lapsed (I8.1).
    LAPSED = "lapsed"
    OTHER = "other"


class SaleNumber(Base):
    """The last number given of a kind in a year; counted up in the step's own transaction, so there are no gaps."""

    __tablename__ = "sale_number"

    #: XS (sale), HT (contract) or TK (refund)
    kind: Mapped[str] = mapped_column(String(2), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Sale(Base):
    """One sale to one customer, driven by one case of ``sale.bpmn``."""

    __tablename__ = "sale"

    id: Mapped[Key]
    #: Checked at commit, because the engine writes the case's row after the operation that starts it.
    instance_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("process_instance.id", deferrable=True, initially="DEFERRED"), unique=True
    )
    #: XS-2026-000123, without gaps within a year.
    number: Mapped[str] = mapped_column(String(16), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    product_line_id: Mapped[int] = mapped_column(ForeignKey("product_line.id"))
    #: The registration in force, or the last one.
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    title: Mapped[str] = mapped_column(String(120))
    owner_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    #: The owner's department when the sale was given to them.
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    stage: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(String(16), server_default="open")
    stage_since: Mapped[Instant]
    expected_fen: Mapped[int] = mapped_column(BigInteger)
    expected_on: Mapped[dt.date]
    #: Why it was lost or put aside, and until when.
    stopped_reason: Mapped[str | None] = mapped_column(String(16))
    resume_on: Mapped[dt.date | None]
    #: The last entry before the sale was reopened: all money up to it went back, and what came in then counts no more.
    settled_receipt_id: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    #: What the initiation established (gate 2).
    needs: Mapped[str] = mapped_column(Text, server_default="")
    decision_makers: Mapped[str] = mapped_column(Text, server_default="")
    budget_fen: Mapped[int | None] = mapped_column(BigInteger)
    competitors: Mapped[str] = mapped_column(Text, server_default="")
    #: After-sales (gate 5).
    accepted_on: Mapped[dt.date | None]
    satisfaction: Mapped[int | None] = mapped_column(SmallInteger)
    customer_word: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]

    __table_args__ = (
        CheckConstraint("stage BETWEEN 1 AND 5", name="stage"),
        CheckConstraint("status IN ('open', 'lost', 'suspended', 'closed')", name="status"),
        CheckConstraint(
            "(status IN ('lost', 'suspended')) = (stopped_reason IS NOT NULL)", name="stopped_has_a_reason"
        ),
        CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),
        CheckConstraint("expected_fen > 0", name="expected_fen"),
        # The board: one column is one stage of what is open, whoever's it is, one's department's or one's own.
        # The amount goes with it, so that a column is summed without its rows.
        Index(
            "ix_sale_board", "stage", "stage_since", "id", postgresql_where=text("status = 'open'"),
            postgresql_include=["expected_fen"],
        ),
        Index(
            "ix_sale_board_department", "department_id", "stage", "stage_since", "id",
            postgresql_where=text("status = 'open'"), postgresql_include=["expected_fen"],
        ),
        Index(
            "ix_sale_board_owner", "owner_id", "stage", "stage_since", "id",
            postgresql_where=text("status = 'open'"), postgresql_include=["expected_fen"],
        ),
        Index("ix_sale_owner", "owner_id", "id"),
        Index("ix_sale_department", "department_id", "id"),
        Index("ix_sale_customer", "customer_id", "id"),
        Index("ix_sale_resume", "resume_on", postgresql_where=text("status = 'suspended'")),
    )  # fmt: skip


class SaleMove(Base):
    """A sale came to a stage or changed its status or owner. The database refuses to change or delete a row."""

    __tablename__ = "sale_move"

    id: Mapped[Key]
    sale_id: Mapped[int] = mapped_column(ForeignKey("sale.id"))
    #: started, stage, lost, suspended, reopened, reassigned, closed
    kind: Mapped[str] = mapped_column(String(16))
    stage: Mapped[int] = mapped_column(SmallInteger)
    #: The stage it was in before, and since when; empty for the first row.
    from_stage: Mapped[int | None] = mapped_column(SmallInteger)
    since: Mapped[Instant | None]
    reason: Mapped[str] = mapped_column(String(500), server_default="")
    #: Of a reassignment.
    from_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    #: None where the clock did it.
    moved_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    moved_at: Mapped[Instant]

    __table_args__ = (Index("ix_sale_move_sale", "sale_id", "id"),)


class Quotation(Base):
    """One version of what was offered, with its sums; never edited, a change is the next version."""

    __tablename__ = "quotation"

    id: Mapped[Key]
    sale_id: Mapped[int] = mapped_column(ForeignKey("sale.id"))
    version: Mapped[int]
    valid_until: Mapped[dt.date]
    #: Days after delivery until the last of it is paid, and the terms in words.
    payment_days: Mapped[int]
    payment_terms: Mapped[str] = mapped_column(String(300), server_default="")
    delivery_terms: Mapped[str] = mapped_column(String(300), server_default="")
    #: What it comes to, at list prices and at floor prices.
    total_fen: Mapped[int] = mapped_column(BigInteger)
    list_fen: Mapped[int] = mapped_column(BigInteger)
    floor_fen: Mapped[int] = mapped_column(BigInteger)
    #: Whether any item lies below its floor price (H10).
    is_below_floor: Mapped[bool]
    #: offered, accepted, refused, expired or replaced
    status: Mapped[str] = mapped_column(String(16), server_default="offered")
    answer: Mapped[str] = mapped_column(String(500), server_default="")
    created_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    created_at: Mapped[Instant]
    answered_at: Mapped[Instant | None]

    __table_args__ = (
        UniqueConstraint("sale_id", "version"),
        CheckConstraint("total_fen > 0", name="total_fen"),
        CheckConstraint("status IN ('offered', 'accepted', 'refused', 'expired', 'replaced')", name="status"),
        Index(
            "uq_quotation_accepted", "sale_id", unique=True, postgresql_where=text("status = 'accepted'")
        ),
    )  # fmt: skip


class QuotationLine(Base):
    """One item of a quotation, with the prices of its day."""

    __tablename__ = "quotation_line"

    quotation_id: Mapped[int] = mapped_column(ForeignKey("quotation.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    name: Mapped[str] = mapped_column(String(120))
    unit: Mapped[str] = mapped_column(String(16))
    quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    list_price_fen: Mapped[int] = mapped_column(BigInteger)
    floor_price_fen: Mapped[int] = mapped_column(BigInteger)
    unit_price_fen: Mapped[int] = mapped_column(BigInteger)
    #: Hundredths of a percent off the unit price.
    discount_bp: Mapped[int] = mapped_column(server_default="0")
    #: quantity x unit price x (1 - discount), rounded half up to the fen, once, here.
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(200), server_default="")

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("discount_bp BETWEEN 0 AND 10000", name="discount_bp"),
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
    )


class Contract(Base):
    """What is agreed: made from the accepted quotation, approved by whom the decision table names, then signed."""

    __tablename__ = "contract"

    id: Mapped[Key]
    sale_id: Mapped[int] = mapped_column(ForeignKey("sale.id"))
    quotation_id: Mapped[int] = mapped_column(ForeignKey("quotation.id"))
    #: HT-2026-000123, without gaps within a year.
    number: Mapped[str] = mapped_column(String(16), unique=True)
    total_fen: Mapped[int] = mapped_column(BigInteger)
    deliver_on: Mapped[dt.date]
    terms: Mapped[str] = mapped_column(Text, server_default="")
    #: Who had the last word by the decision table: manager, director or general_manager.
    authority: Mapped[str | None] = mapped_column(String(16))
    #: in_approval, approved, signed, rejected or replaced
    status: Mapped[str] = mapped_column(String(16), server_default="in_approval")
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    drafted_at: Mapped[Instant]
    signed_on: Mapped[dt.date | None]

    __table_args__ = (
        CheckConstraint("total_fen > 0", name="total_fen"),
        CheckConstraint("status IN ('in_approval', 'approved', 'signed', 'rejected', 'replaced')", name="status"),
        CheckConstraint("(status = 'signed') = (signed_on IS NOT NULL)", name="signed_has_a_day"),
        Index("ix_contract_sale", "sale_id", "id"),
        Index(
            "uq_contract_live", "sale_id", unique=True,
            postgresql_where=text("status IN ('in_approval', 'approved', 'signed')"),
        ),
    )  # fmt: skip


class Instalment(Base):
    """One payment that the contract plans; the instalments of a contract add up to it."""

    __tablename__ = "instalment"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due_on: Mapped[dt.date] = mapped_column(index=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(200), server_default="")

    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount_fen"),)


class Milestone(Base):
    """A step of the delivery (B4.6): planned when the order is handed over, reached later."""

    __tablename__ = "milestone"

    sale_id: Mapped[int] = mapped_column(ForeignKey("sale.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    planned_on: Mapped[dt.date]
    reached_on: Mapped[dt.date | None]
    note: Mapped[str] = mapped_column(String(200), server_default="")
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
