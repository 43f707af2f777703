"""The base of the forms of pages that belong to no process: people, profile, lists.

A form checks what can be checked without the database; what only the database knows comes back from the operation as
``Invalid`` and is shown at the same fields. The hidden CSRF token is checked before a view runs, so it is no field.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import get_locale
from wtforms import Form, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.meta import DefaultMeta
from wtforms.widgets import CheckboxInput, ListWidget


def stripped(text: str | None) -> str | None:
    """Spaces around what was typed are never meant, and NUL cannot be stored."""
    return text.replace("\0", "").strip() if text else text


class LocalizedMeta(DefaultMeta):
    """WTForms' own messages in the language of the page."""

    @property
    def locales(self) -> list[str]:  # type: ignore[override]
        """The language that WTForms should look its messages up in."""
        locale = get_locale()
        return ["en"] if locale is None or locale.language == "en" else ["zh"]

    def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Any:
        """Strip every line of text."""
        if issubclass(unbound_field.field_class, StringField):
            options = {**options, "filters": [stripped, *options.get("filters", ())]}
        return super().bind_field(form, unbound_field, options)


class PageForm(Form):
    """A form on a page."""

    Meta = LocalizedMeta


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Choices from pairs of value and label."""
    return [SelectChoice(value, label) for value, label in pairs]


class CheckboxesField(SelectMultipleField):
    """Several of a few choices, each with its own box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def chosen(self) -> Sequence[str]:
        """What was ticked, in the order of the choices."""
        ticked = set(self.data or ())
        return [option.data for option in self if option.data in ticked]
