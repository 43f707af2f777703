"""Tables of fields: rows that all look alike, on a page numbered in their names, in JSON a list of objects."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.fields import FieldList, FormField

from forms.fields import FlagField, Wire, Wrong


class RowField(FormField):  # type: ignore[type-arg]
    """One row of a table of fields."""

    def wire(self, name: str, value: Any) -> Wire:
        """Give the pairs that a page would have sent for this JSON value."""
        return object_wire(self.form, name + self.separator, value)

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the row."""
        return object_schema(self.form)


class RowsField(FieldList):  # type: ignore[type-arg]
    """A table: rows of the same fields, at most ``max_entries`` of them."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the rows, and remember whether there were more than are taken."""
        self.has_too_many = bool(
            formdata and self.max_entries and len(set(self._extract_indices(self.name, formdata))) > self.max_entries
        )
        super().process(formdata, data, extra_filters)

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        # WTForms takes every Unicode digit for an index and then fails to read some; names are matched as a page
        # writes them instead.
        pattern = re.compile(re.escape(prefix) + r"-([0-9]{1,4})(?:-|$)", re.ASCII)
        return (int(found[1]) for found in map(pattern.match, formdata) if found)

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Check the rows; too many are refused rather than dropped."""
        is_valid = super().validate(form, extra_validators)
        if self.has_too_many:
            self.errors = [*self.errors, _("At most %(most)s rows.", most=self.max_entries)]
            return False
        return is_valid

    def wire(self, name: str, value: Any) -> Wire:
        """Give the pairs that a page would have sent for this JSON value."""
        if not isinstance(value, list):
            raise Wrong(name, _("This must be a list."))
        if self.max_entries and len(value) > self.max_entries:
            raise Wrong(name, _("At most %(most)s rows.", most=self.max_entries))
        row = self._blank_row()
        return [pair for index, each in enumerate(value) for pair in row.wire(f"{name}-{index}", each)]

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the table."""
        bound = {"maxItems": self.max_entries} if self.max_entries else {}
        return {"type": "array", "items": self._blank_row().schema(), **bound}

    def _blank_row(self) -> RowField:
        table: Any = self
        options = {"name": f"{self.name}-0", "_meta": table.meta, "translations": None}
        row: RowField = table.meta.bind_field(table._form, table.unbound_field, options)
        row.process(None)
        return row


def object_wire(form: Any, prefix: str, value: Any) -> Wire:
    """Give the pairs for a JSON object; unknown members and wrong types raise ``Wrong`` with the member's path."""
    if not isinstance(value, Mapping):
        raise Wrong(prefix.rstrip("-"), _("This must be an object with named members."))
    pairs: Wire = []
    for name, each in value.items():
        field = form._fields.get(name)
        if field is None:
            raise Wrong(prefix + printable(name), _("There is no such field."))
        pairs += field.wire(prefix + name, each)
    for name, field in form._fields.items():
        if isinstance(field, FlagField) and field.flags.stated and name not in value:
            raise Wrong(prefix + name, _("Please fill this in."))
    return pairs


def object_schema(form: Any) -> dict[str, Any]:
    """The JSON Schema of a form or a row."""
    properties = {}
    for name, field in form._fields.items():
        properties[name] = {"title": str(field.label.text), **field.schema()}
        if field.description:
            properties[name]["description"] = str(field.description)
    wanted = [name for name, field in form._fields.items() if field.flags.required or field.flags.stated]
    return {"type": "object", "properties": properties, "required": wanted, "additionalProperties": False}


def printable(name: Any) -> str:
    """A name from outside, short and fit to be shown."""
    return "".join(sign for sign in str(name)[:64] if sign.isprintable())
