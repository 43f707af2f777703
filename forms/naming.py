"""The field that takes several people by their names."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import widgets
from wtforms.fields import Field

from forms.fields import Wire, Wrong
from workflows.people.naming import MOST_PEOPLE, names_in

#: Characters of the whole line: thirty people, generously.
LONGEST_LINE = 1000


class PeopleField(Field):
    """People by login or name, separated by commas; who is meant is found by the operation.

    A page may send the field several times, a program sends a list. The value is a list of names.
    """

    widget = widgets.TextInput()

    def process_data(self, value: Any) -> None:
        """Take names that are known already."""
        self.data: list[str] = list(value or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the names, each once."""
        self.data = []
        typed = ",".join(valuelist).replace("\0", "")
        if len(typed) > LONGEST_LINE:
            raise ValueError(_("At most %(longest)s characters.", longest=LONGEST_LINE))
        names = [name for name in names_in(typed) if name.isprintable()]
        if len(names) > MOST_PEOPLE:
            raise ValueError(_("At most %(most)s people at once.", most=MOST_PEOPLE))
        self.data = names
        if not names:
            # What is blank is not filled in, whatever it is made of.
            self.raw_data = []

    def _value(self) -> str:
        return ", ".join(self.data or [])

    def wire(self, name: str, value: Any) -> Wire:
        """Give the pairs that a page would have sent for this JSON value."""
        if not isinstance(value, list):
            raise Wrong(name, _("This must be a list."))
        if not all(isinstance(each, str) for each in value):
            raise Wrong(name, _("This must be a text in quotation marks."))
        return [(name, each) for each in value]

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the value."""
        return {"type": "array", "items": {"type": "string", "maxLength": 64}, "maxItems": MOST_PEOPLE}
