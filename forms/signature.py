"""The field of a handwritten signature, and the forms that have one: drawn on a pad on the page, the same in JSON."""

import json
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import widgets
from wtforms.fields import Field

from forms.base import ProcessForm
from forms.fields import Wire, Wrong
from workflows.engine.signatures import HEIGHT, LARGEST, MOST_STROKES, WIDTH, problem_with


class SignatureField(Field):
    """Strokes of points in a box of 600 × 200, as a JSON list; None where nothing was drawn.

    Whether a signature is needed is for the step to say, not for the form.
    """

    widget = widgets.HiddenInput()

    def _value(self) -> str:
        return json.dumps(self.data, separators=(",", ":")) if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the strokes that the pad wrote."""
        said = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not said:
            self.raw_data = []
            return
        if len(said) > LARGEST:
            raise ValueError(_("The signature is too long. Please clear it and sign again."))
        try:
            strokes = json.loads(said)
        except (ValueError, RecursionError):
            raise ValueError(_("The signature cannot be read. Please clear it and sign again.")) from None
        if strokes == []:
            return
        problem = problem_with(strokes)
        if problem:
            raise ValueError(_(problem))
        self.data = strokes

    def wire(self, name: str, value: Any) -> Wire:
        """Give the pairs that a page would have sent for this JSON value."""
        # Asked here, before what is nested too deep is written out; the page's text is asked again when it is read.
        problem = problem_with(value) if value != [] else None
        if problem:
            raise Wrong(name, _(problem))
        return [(name, json.dumps(value, separators=(",", ":")))]

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the value."""
        point = {
            "type": "array",
            "prefixItems": [
                {"type": "integer", "minimum": 0, "maximum": WIDTH},
                {"type": "integer", "minimum": 0, "maximum": HEIGHT},
            ],
            "minItems": 2,
            "maxItems": 2,
        }
        stroke = {"type": "array", "items": point, "minItems": 1}
        where = f"Strokes of points of x and y in a box of {WIDTH} by {HEIGHT}, where the step asks for a signature."
        return {"type": "array", "items": stroke, "maxItems": MOST_STROKES, "description": where}


class SignableForm(ProcessForm):
    """A form of a step that decides. Its page shows the pad where the step's diagram asks for a signature."""

    signature = SignatureField(_("Signature"))
