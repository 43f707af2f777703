"""The tables of the expense advance.

``advance`` is the request, ``advance_spend`` what the money is for, ``advance_entry`` the append-only ledger, and
``settlement`` with its lines what the borrower hands in to clear it. No balance and no state is stored anywhere: both
are derived from the entries (``ledger``, ``standing``).
"""

import datetime as dt
import enum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from workflows.kernel.base import Base, Instant, Key
from workflows.kernel.money import Method


class SpendKind(enum.StrEnum):
    """What an advance may be spent on (G3.1; entertainment and other are filled)."""

    TRANSPORT = "transport"
    LODGING = "lodging"
    MEALS = "meals"
    ENTERTAINMENT = "entertainment"
    OTHER = "other"


class EntryKind(enum.StrEnum):
    """What a ledger entry does to the balance: the first raises it, the others lower it."""

    #: Finance paid money out to the borrower.
    PAID = "paid"
    #: An expense claim line that finance accepted.
    CLAIMED = "claimed"
    #: Money that the borrower gave back.
    RETURNED = "returned"
    #: What is withheld from the borrower's commission, with their consent.
    DEDUCTED = "deducted"


class SettlementKind(enum.StrEnum):
    """The three ways to clear an advance."""

    CLAIM = "claim"
    RETURN = "return"
    DEDUCTION = "deduction"


def _words(kinds: type[enum.StrEnum]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


class AdvanceNumber(Base):
    """The last number given in a year; counted up in the step's own transaction, so that numbers have no gaps."""

    __tablename__ = "advance_number"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Advance(Base):
    """One request for an advance, and the loan that it becomes once approved."""

    __tablename__ = "advance"

    id: Mapped[Key]
    #: Checked at commit, because the engine writes the case's row after the operation that starts it.
    instance_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("process_instance.id", deferrable=True, initially="DEFERRED"), unique=True
    )
    #: JK-2026-000123, without gaps within a year.
    number: Mapped[str] = mapped_column(String(16), unique=True)
    borrower_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    #: The borrower's department when they asked; the printed form shows this one.
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    purpose: Mapped[str] = mapped_column(String(500))
    #: The customer or the sale it is for: in words, and the row of the archive and of the sale where they are known.
    customer: Mapped[str] = mapped_column(String(200), server_default="")
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    sale_id: Mapped[int | None] = mapped_column(ForeignKey("sale.id"), index=True)
    return_on: Mapped[dt.date]
    requested_at: Mapped[Instant]
    approved_on: Mapped[dt.date | None]
    #: Finance decided that what is not yet paid will not be paid.
    rest_closed_at: Mapped[Instant | None]
    rest_closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    rest_closed_reason: Mapped[str | None] = mapped_column(String(500))
    #: When the case ended with nothing owed. Keeps finished loans out of the index of open ones; never a balance.
    closed_at: Mapped[Instant | None]

    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("(rest_closed_at IS NULL) = (rest_closed_reason IS NULL)", name="rest_closed_has_a_reason"),
        Index("ix_advance_borrower", "borrower_id", "id"),
        Index("ix_advance_open", "borrower_id", "return_on", postgresql_where=text("closed_at IS NULL")),
        Index("ix_advance_department", "department_id", "id"),
    )


class AdvanceSpend(Base):
    """How much of an advance is meant for one kind of expense."""

    __tablename__ = "advance_spend"

    advance_id: Mapped[int] = mapped_column(ForeignKey("advance.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint(f"kind IN ({_words(SpendKind)})", name="kind"),
    )


class AdvanceVersion(Base):
    """What a request said before its borrower changed it, so that approvers see what has moved since."""

    __tablename__ = "advance_version"

    advance_id: Mapped[int] = mapped_column(ForeignKey("advance.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    purpose: Mapped[str] = mapped_column(String(500))
    customer: Mapped[str] = mapped_column(String(200))
    return_on: Mapped[dt.date]
    #: Kind -> fen.
    spend: Mapped[dict[str, int]] = mapped_column(JSONB)
    replaced_at: Mapped[Instant]


class Settlement(Base):
    """What a borrower hands in to clear an advance: a claim, money returned, or consent to a deduction.

    A settlement is a case of its own. While it runs, ``amount_fen`` is reserved against the balance; what finance
    accepts becomes entries, and entries alone count afterwards.
    """

    __tablename__ = "settlement"

    id: Mapped[Key]
    instance_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("process_instance.id", deferrable=True, initially="DEFERRED"), unique=True
    )
    advance_id: Mapped[int] = mapped_column(ForeignKey("advance.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    requested_at: Mapped[Instant]
    #: For returned money: when and how.
    occurred_on: Mapped[dt.date | None]
    method: Mapped[str | None] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(80), server_default="")
    note: Mapped[str] = mapped_column(String(500), server_default="")
    #: When the borrower agreed to a deduction from commission.
    consented_at: Mapped[Instant | None]
    #: When what finance accepted was written into the ledger; the case can no longer be withdrawn from then on.
    posted_at: Mapped[Instant | None]

    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint(f"kind IN ({_words(SettlementKind)})", name="kind"),
        CheckConstraint(f"method IN ({_words(Method)})", name="method"),
        CheckConstraint("kind <> 'deduction' OR consented_at IS NOT NULL", name="deduction_needs_consent"),
        CheckConstraint("kind <> 'return' OR (occurred_on IS NOT NULL AND method IS NOT NULL)", name="return_is_dated"),
        # Entries point at a settlement of the same advance, which the database checks through this key.
        UniqueConstraint("id", "advance_id"),
    )


class SettlementLine(Base):
    """One receipt of a claim."""

    __tablename__ = "settlement_line"

    id: Mapped[Key]
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    spent_on: Mapped[dt.date]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(200), server_default="")
    #: Receipts, attached to the settlement's case.
    document_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    #: Finance's audit: empty until it has looked at the line.
    accepted: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(String(500), server_default="")

    __table_args__ = (
        UniqueConstraint("settlement_id", "position"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint(f"kind IN ({_words(SpendKind)})", name="kind"),
        CheckConstraint("accepted IS NOT FALSE OR reason <> ''", name="rejection_has_a_reason"),
    )


class AdvanceEntry(Base):
    """One movement of money on an advance, for ever: a mistake is undone by an entry that names the wrong one."""

    __tablename__ = "advance_entry"

    id: Mapped[Key]
    advance_id: Mapped[int] = mapped_column(ForeignKey("advance.id"))
    kind: Mapped[str] = mapped_column(String(16))
    #: Always positive; the kind says which way it goes, and ``reverses_id`` turns it round.
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    occurred_on: Mapped[dt.date]
    method: Mapped[str | None] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(80), server_default="")
    note: Mapped[str] = mapped_column(String(500), server_default="")
    settlement_id: Mapped[int | None] = mapped_column(BigInteger)
    settlement_line_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_line.id"), unique=True)
    reverses_id: Mapped[int | None] = mapped_column(BigInteger)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    #: Whom the recorder stood in for.
    recorded_for_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    recorded_at: Mapped[Instant]

    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint(f"kind IN ({_words(EntryKind)})", name="kind"),
        CheckConstraint(f"method IN ({_words(Method)})", name="method"),
        CheckConstraint("reverses_id IS NULL OR note <> ''", name="reversal_has_a_reason"),
        # The database itself keeps a reversal equal to what it reverses: same advance, kind and amount, once only.
        UniqueConstraint("id", "advance_id", "kind", "amount_fen"),
        UniqueConstraint("reverses_id"),
        ForeignKeyConstraint(
            ["reverses_id", "advance_id", "kind", "amount_fen"],
            ["advance_entry.id", "advance_entry.advance_id", "advance_entry.kind", "advance_entry.amount_fen"],
            name="fk_advance_entry_reverses_id",
        ),
        ForeignKeyConstraint(
            ["settlement_id", "advance_id"],
            ["settlement.id", "settlement.advance_id"],
            name="fk_advance_entry_settlement_id",
        ),
        Index("ix_advance_entry_advance", "advance_id", "id"),
    )
