"""The same forms for programs: JSON in, JSON Schema out.

JSON values are strictly typed (an amount is a string, never a number), unknown members are refused, and what passes is
read by the very fields that read a page.
"""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from forms.base import ProcessForm
from forms.fields import Wrong
from forms.tables import object_schema, object_wire


def from_json(form_class: type[ProcessForm], fields: Mapping[str, Any]) -> ProcessForm:
    """Fill a form from the ``fields`` of a request; what does not fit stands in its errors after ``validate()``."""
    blank = form_class()
    try:
        pairs = object_wire(blank, "", fields)
    except Wrong as wrong:
        form = form_class(MultiDict())
        form.wire_errors[wrong.path] = wrong.message
        return form
    return form_class(MultiDict(pairs))


def json_schema(form_class: type[ProcessForm]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a form's fields, with titles in the language of the request."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **object_schema(form_class())}
