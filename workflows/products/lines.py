"""The lines that products are sold under, and that needs are registered for."""

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows.kernel.errors import Invalid, NotFound
from workflows.products.model import ProductLine


@dataclass(frozen=True, slots=True)
class LineRow:
    """A product line as lists and filters show it."""

    id: int
    name: str
    name_en: str
    active: bool


def add_line(session: Session, *, name: str, name_en: str = "") -> ProductLine:
    """Add a product line; raise ``Invalid`` at ``name`` where it is empty or taken."""
    line = ProductLine(name=_line_name(name), name_en=name_en.strip())
    session.add(line)
    _flush_line(session)
    return line


def edit_line(session: Session, line_id: int, *, name: str, name_en: str = "", active: bool = True) -> ProductLine:
    """Rename a product line, or say whether it is still sold; raise ``Invalid`` at ``name``."""
    line = found_line(session, line_id)
    line.name, line.name_en, line.active = _line_name(name), name_en.strip(), active
    _flush_line(session)
    return line


def found_line(session: Session, line_id: int) -> ProductLine:
    """Give a product line, or raise ``NotFound``."""
    line = session.get(ProductLine, line_id)
    if line is None:
        raise NotFound("There is no such product line.")
    return line


def product_lines(session: Session, *, only_active: bool = True) -> list[LineRow]:
    """Give the product lines in the order of their numbers."""
    sql = "SELECT id, name, name_en, active FROM product_line WHERE active OR NOT %(only)s ORDER BY id"
    return [LineRow(*row) for row in session.connection().exec_driver_sql(sql, {"only": only_active})]


def _line_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid.at("name", "Please fill this in.")
    return name


def flush_unique(session: Session, constraint: str, field: str, message: str) -> None:
    """Write, and turn a violated constraint into a message at its field; the caller rolls back."""
    try:
        session.flush()
    except IntegrityError as violation:
        if constraint not in str(violation.orig):
            raise
        raise Invalid.at(field, message) from None


def _flush_line(session: Session) -> None:
    flush_unique(session, "uq_product_line_name", "name", "Another product line has this name.")
