"""The price list: products of the lines (``lines``), who changed which of their facts, and what is for sale.

An edit names the revision that its author saw, every fact that changed leaves a row in ``product_change``, and products
are never removed: what is no longer sold is deactivated. Prices are in fen. Whoever calls this has seen to it that the
actor may change the price list.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflows.kernel.errors import Invalid, NotFound, StaleRevision
from workflows.kernel.money import written
from workflows.people.model import Employee
from workflows.products.lines import flush_unique
from workflows.products.model import MOST_FEN, Product, ProductChange, ProductKind, ProductLine

LONGEST_REASON = 500
_PRICES = frozenset({"list_price_fen", "floor_price_fen", "cost_fen"})


@dataclass(frozen=True, slots=True)
class ProductData:
    """What a form says about a product; ``cost_fen`` is None where the cost is not known beforehand."""

    code: str
    name: str
    line_id: int
    kind: str
    unit: str
    list_price_fen: int
    floor_price_fen: int
    name_en: str = ""
    cost_fen: int | None = None
    is_procured: bool = False
    is_outsourced: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product as lists show it."""

    id: int
    code: str
    name: str
    name_en: str
    line_id: int
    line: str
    line_en: str
    kind: str
    unit: str
    list_price_fen: int
    floor_price_fen: int
    cost_fen: int | None
    is_procured: bool
    is_outsourced: bool
    active: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One fact that changed: the column's name, and both values as ``written_value`` writes them."""

    field: str
    before: str
    after: str
    reason: str
    changed_by: str
    changed_by_en: str
    changed_at: dt.datetime


def add_product(session: Session, data: ProductData, *, actor_id: int, now: dt.datetime, reason: str = "") -> Product:
    """Add a product; its first row of history says so. Raises ``Invalid`` at the fields."""
    _refuse_odd(session, data)
    product = Product(**asdict(data))
    session.add(product)
    _flush_product(session)
    _note(session, product.id, {"created": ("", data.code)}, reason=reason, actor_id=actor_id, now=now)
    return product


def edit_product(
    session: Session,
    product_id: int,
    data: ProductData,
    *,
    revision: int,
    reason: str,
    actor_id: int,
    now: dt.datetime,
) -> Product:
    """Change a product's facts, each with a row of its own that gives the reason.

    ``revision`` is the one that the person saw. Raises ``StaleRevision``, ``NotFound``, and ``Invalid`` at the fields,
    at ``reason`` too where something changed and none is given.
    """
    product = session.get(Product, product_id, with_for_update=True, populate_existing=True)
    if product is None:
        raise NotFound("There is no such product.")
    if product.revision != revision:
        raise StaleRevision("This product was changed in the meantime. Open it again to see how it is now.")
    _refuse_odd(session, data, product)
    changes = {
        field: (written_value(field, getattr(product, field)), written_value(field, value))
        for field, value in asdict(data).items()
        if getattr(product, field) != value
    }
    if not changes:
        return product
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid.at("reason", "Please give a reason.")
    if len(reason) > LONGEST_REASON:
        raise Invalid.at("reason", "At most %(most)s characters.", most=LONGEST_REASON)
    for field, value in asdict(data).items():
        setattr(product, field, value)
    product.revision += 1
    _flush_product(session)
    _note(session, product_id, changes, reason=reason, actor_id=actor_id, now=now)
    return product


def deactivate(
    session: Session, product_id: int, *, revision: int, reason: str, actor_id: int, now: dt.datetime
) -> Product:
    """Take a product off the list of what is for sale; what was sold of it stays."""
    product = found_product(session, product_id)
    data = data_of(product) | {"active": False}
    return edit_product(
        session, product_id, ProductData(**data), revision=revision, reason=reason, actor_id=actor_id, now=now
    )


def data_of(product: Product) -> dict[str, Any]:
    """What a form would say if nothing were changed."""
    return {name: getattr(product, name) for name in ProductData.__dataclass_fields__}


def found_product(session: Session, product_id: int) -> Product:
    """Give a product, or raise ``NotFound``."""
    product = session.get(Product, product_id)
    if product is None:
        raise NotFound("There is no such product.")
    return product


def products_for_sale(session: Session, line_id: int | None = None) -> list[ProductRow]:
    """Give what may be quoted today: active products of active lines, on request of one line, by code."""
    query = _rows().where(Product.active, ProductLine.active).order_by(Product.code)
    if line_id is not None:
        query = query.where(Product.line_id == line_id)
    return [ProductRow(**row) for row in session.execute(query).mappings()]


def products_page(
    session: Session,
    *,
    search: str = "",
    line_id: int | None = None,
    kind: str | None = None,
    active: bool | None = True,
    after: str | None = None,
    size: int = 50,
) -> tuple[list[ProductRow], str | None]:
    """Give one page of products by code, and the code after which the next page begins, None at the end.

    ``search`` is a part of the code or of either name.
    """
    query = _rows().order_by(Product.code).limit(size + 1)
    if search.strip():
        part = search.strip()
        query = query.where(
            Product.code.icontains(part, autoescape=True)
            | Product.name.icontains(part, autoescape=True)
            | Product.name_en.icontains(part, autoescape=True)
        )
    if line_id is not None:
        query = query.where(Product.line_id == line_id)
    if kind is not None:
        query = query.where(Product.kind == kind)
    if active is not None:
        query = query.where(Product.active == active)
    if after is not None:
        query = query.where(Product.code > after)
    rows = [ProductRow(**row) for row in session.execute(query).mappings()]
    return rows[:size], rows[size - 1].code if len(rows) > size else None


def product_history(session: Session, product_id: int) -> list[ChangeRow]:
    """Give what changed about a product, the newest first."""
    query = (
        select(
            ProductChange.field,
            ProductChange.before,
            ProductChange.after,
            ProductChange.reason,
            Employee.name.label("changed_by"),
            Employee.name_en.label("changed_by_en"),
            ProductChange.changed_at,
        )
        .join(Employee, Employee.id == ProductChange.changed_by_id)
        .where(ProductChange.product_id == product_id)
        .order_by(ProductChange.id.desc())
    )
    return [ChangeRow(**row) for row in session.execute(query).mappings()]


def written_value(field: str, value: Any) -> str:
    """Write a fact for the history: prices in yuan (``12,000.00``), flags as yes and no, a line by its number."""
    if value is None:
        return ""
    if field in _PRICES:
        return written(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _rows() -> Any:
    return select(
        Product.id,
        Product.code,
        Product.name,
        Product.name_en,
        Product.line_id,
        ProductLine.name.label("line"),
        ProductLine.name_en.label("line_en"),
        Product.kind,
        Product.unit,
        Product.list_price_fen,
        Product.floor_price_fen,
        Product.cost_fen,
        Product.is_procured,
        Product.is_outsourced,
        Product.active,
    ).join(ProductLine, ProductLine.id == Product.line_id)


def _refuse_odd(session: Session, data: ProductData, before: Product | None = None) -> None:
    """What the fields themselves do not know: bounds, floor against list price, and whether the line is still sold."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for field in ("code", "name", "unit"):
        if not getattr(data, field).strip():
            found[field] = [("Please fill this in.", {})]
    if data.kind not in set(ProductKind):
        found["kind"] = [("Please choose one of the list.", {})]
    for field in ("list_price_fen", "floor_price_fen", "cost_fen"):
        value = getattr(data, field)
        if value is not None and not 0 <= value <= MOST_FEN:
            found[field] = [("A price lies between 0 and %(most)s yuan.", {"most": written(MOST_FEN)})]
    if "floor_price_fen" not in found and data.floor_price_fen > data.list_price_fen:
        found["floor_price_fen"] = [("The floor price is not above the list price.", {})]
    line = session.get(ProductLine, data.line_id)
    if line is None or (not line.active and (before is None or before.line_id != line.id)):
        found["line_id"] = [("Please choose one of the list.", {})]
    if found:
        raise Invalid(found)


def _note(
    session: Session,
    product_id: int,
    changes: Mapping[str, tuple[str, str]],
    *,
    reason: str,
    actor_id: int,
    now: dt.datetime,
) -> None:
    rows = [
        {
            "product_id": product_id,
            "field": field,
            "before": before,
            "after": after,
            "reason": reason,
            "changed_by_id": actor_id,
            "changed_at": now,
        }
        for field, (before, after) in changes.items()
    ]
    session.execute(insert(ProductChange), rows)


def _flush_product(session: Session) -> None:
    flush_unique(session, "uq_product_code", "code", "Another product has this code.")
