"""What a form holds, right or wrong: as JSON for programs, its documents, and a line that tells it from others.

Nothing here checks anything. A form that a page filled in halfway is kept as it is, and what JSON has no place for (a
letter where a number belongs) is left out.
"""

from collections.abc import Iterator
from typing import Any

from forms.base import ProcessForm
from forms.fields import DocumentsField, FlagField, MoneyField, TextField, WholeField, Wire
from forms.tables import object_wire

_LONGEST_WORDS = 80


def as_json(form: Any) -> dict[str, Any]:
    """Give the members that ``forms.json.from_json`` reads, without what is blank."""
    members = {name: _value(field) for name, field in form._fields.items()}
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def as_pairs(form: ProcessForm) -> Wire:
    """Give what a page would have sent for the values that a form holds."""
    return object_wire(type(form)(), "", as_json(form))


def document_fields(form: Any) -> Iterator[DocumentsField]:
    """Give the fields of a form that name documents, those of rows among them."""
    for field in form:
        if isinstance(field, DocumentsField):
            yield field
        for row in getattr(field, "entries", []):
            yield from document_fields(row.form)


def documents_in(form: ProcessForm) -> list[int]:
    """Give the ids of the documents that a form names."""
    return [ident for field in document_fields(form) for ident in field.data or []]


def headline(form: ProcessForm) -> str:
    """Give the first amount and the first words of a form, for a list; empty where there are neither."""
    amount = next((field.data for field in form if isinstance(field, MoneyField) and field.data), None)
    words = next((field.data for field in form if isinstance(field, TextField) and field.data), "")
    return " · ".join(filter(None, [f"¥{amount:,.2f}" if amount else "", words[:_LONGEST_WORDS]]))


def _value(field: Any) -> Any:
    if hasattr(field, "entries"):
        return [as_json(row.form) for row in field.entries]
    if isinstance(field, FlagField):
        return bool(field.data)
    if isinstance(field, DocumentsField | WholeField):
        return field.data
    return field._value() if hasattr(field, "_value") else field.data
