"""The price list for programs: what may be quoted today."""

from flask import Response, request

from webapp.api.blueprint import blueprint
from webapp.api.shapes import answer
from webapp.extensions import db
from webapp.i18n import localized
from workflows.kernel.errors import Invalid
from workflows.kernel.money import from_fen
from workflows.products.catalogue import ProductRow, products_for_sale

_LONGEST_ID = 18


@blueprint.get("/products")
def products() -> Response:
    """What is for sale, on request of one product line."""
    said = request.args.get("line")
    if said is not None and not (said.isascii() and said.isdecimal() and len(said) <= _LONGEST_ID):
        raise Invalid.at("line", "This must be a whole number.")
    line_id = None if said is None else int(said)
    return answer({"items": [_item(row) for row in products_for_sale(db.session(), line_id)]})


def _item(row: ProductRow) -> dict[str, object]:
    return {
        "id": row.id,
        "code": row.code,
        "name": localized(row.name, row.name_en),
        "line": {"id": row.line_id, "name": localized(row.line, row.line_en)},
        "kind": row.kind,
        "unit": row.unit,
        "list_price": str(from_fen(row.list_price_fen)),
        "floor_price": str(from_fen(row.floor_price_fen)),
        "is_procured": row.is_procured,
        "is_outsourced": row.is_outsourced,
    }
