"""The tables of the catalogue.

A product line is what a customer needs and a salesperson registers (I8.1); a product of it is what a quotation lists.
Quotations and orders copy what they need, so that a changed price never changes what was agreed.
"""

import enum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.kernel.base import Base, Instant, Key


class ProductKind(enum.StrEnum):
    """The kinds by which commissions differ (D4)."""

    ORDINARY = "ordinary"
    HIGH_END = "high_end"
    NEW = "new"
    #: Referred by a partner.
    REFERRED = "referred"


#: Prices and amounts reach up to this many fen, a trillion yuan.
MOST_FEN = 10**14


class ProductLine(Base):
    """A group of products for one need."""

    __tablename__ = "product_line"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    name_en: Mapped[str] = mapped_column(String(80), server_default="")
    #: Lines that are no longer sold stay for what was sold of them.
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class Product(Base):
    """Something that is sold, with today's prices."""

    __tablename__ = "product"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), server_default="")
    line_id: Mapped[int] = mapped_column(ForeignKey("product_line.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str] = mapped_column(String(16))
    list_price_fen: Mapped[int] = mapped_column(BigInteger)
    #: Below it a sale needs the director, and commission is paid on the audited profit (H10).
    floor_price_fen: Mapped[int] = mapped_column(BigInteger)
    #: What one unit usually costs to buy; empty where that is not known beforehand.
    cost_fen: Mapped[int | None] = mapped_column(BigInteger)
    #: Bought from outside (H3), and carried out by others (H4).
    is_procured: Mapped[bool] = mapped_column(server_default=text("false"))
    is_outsourced: Mapped[bool] = mapped_column(server_default=text("false"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    #: Counts edits, so that two people do not overwrite each other.
    revision: Mapped[int] = mapped_column(server_default="1")

    __table_args__ = (
        CheckConstraint("kind IN ('ordinary', 'high_end', 'new', 'referred')", name="kind"),
        CheckConstraint(f"list_price_fen BETWEEN 0 AND {MOST_FEN}", name="list_price_fen"),
        CheckConstraint("floor_price_fen BETWEEN 0 AND list_price_fen", name="floor_price_fen"),
        CheckConstraint(f"cost_fen BETWEEN 0 AND {MOST_FEN}", name="cost_fen"),
    )


class ProductChange(Base):
    """One fact about a product that changed, in words. The database refuses to change or delete a row."""

    __tablename__ = "product_change"

    id: Mapped[Key]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    #: The column's name; ``created`` for the first row.
    field: Mapped[str] = mapped_column(String(32))
    before: Mapped[str] = mapped_column(Text, server_default="")
    after: Mapped[str] = mapped_column(Text, server_default="")
    reason: Mapped[str] = mapped_column(String(500), server_default="")
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    changed_at: Mapped[Instant]

    __table_args__ = (Index("ix_product_change_product", "product_id", "id"),)
