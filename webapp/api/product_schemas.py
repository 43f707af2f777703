"""The JSON Schemas of the price list and its parameter, for the description."""

from webapp.api.schemas import ID, WORD, Schema, record, ref

_PRICE: Schema = {"type": "string", "format": "decimal", "examples": ["3000.00"], "description": "Yuan."}
_FLAG: Schema = {"type": "boolean"}
PRODUCT_SCHEMAS: dict[str, Schema] = {
    "Products": record({"items": {"type": "array", "items": ref("Product")}}),
    "Product": record(
        {
            "id": ID,
            "code": WORD,
            "name": WORD,
            "line": record({"id": ID, "name": WORD}),
            "kind": {"type": "string", "enum": ["ordinary", "high_end", "new", "referred"]},
            "unit": WORD,
            "list_price": _PRICE,
            "floor_price": {**_PRICE, "description": "Yuan; a contract below it needs the sales director."},
            "is_procured": _FLAG,
            "is_outsourced": _FLAG,
        }
    ),
}
PRODUCT_PARAMETERS: dict[str, Schema] = {
    "line": {
        "name": "line", "in": "query", "schema": ID, "description": "The id of a product line; every line unless said.",
    },
}  # fmt: skip
