"""The fields that forms are made of, strict alike for a page's text and for a program's JSON.

Each field knows two things more than WTForms': how a JSON value becomes the text that a page would have sent
(``wire``, which refuses every other JSON type), and its JSON Schema. Messages are English ids, translated when shown.
"""

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import widgets
from wtforms.fields import BooleanField, Field, RadioField, SelectField
from wtforms.validators import InputRequired, StopValidation, ValidationError

from workflows.kernel import money

#: Largest id that a BIGINT column holds.
_LARGEST_ID = 2**63 - 1
_WHOLE = re.compile(r"[0-9]{1,19}", re.ASCII)
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_YEARS = range(2000, 2100)


class Wrong(Exception):
    """A JSON value that does not fit its field: the field's path, and the message id with its parameters."""

    def __init__(self, path: str, message: Any) -> None:
        super().__init__(path)
        self.path = path
        self.message = message


Wire = list[tuple[str, str]]


def needed(message: Any = None) -> InputRequired:
    """The validator of a field that must be filled in."""
    return InputRequired(message or _("Please fill this in."))


class Written:
    """A field whose JSON value is a string, as on the page."""

    def wire(self, name: str, value: Any) -> Wire:
        """Give the pairs that a page would have sent for this JSON value."""
        if not isinstance(value, str):
            raise Wrong(name, _("This must be a text in quotation marks."))
        return [(name, value)]


class TextField(Written, Field):
    """Text of a bounded length, trimmed, without control characters. ``lines`` allows more than one line."""

    def __init__(
        self,
        label: Any = None,
        validators: list[Any] | None = None,
        *,
        longest: int,
        lines: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("widget", widgets.TextArea() if lines else widgets.TextInput())
        kwargs["render_kw"] = {"maxlength": longest, **(kwargs.get("render_kw") or {})}
        super().__init__(label, validators, **kwargs)
        self.longest = longest
        self.lines = lines

    def _value(self) -> str:
        return self.data or ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the text; line ends become ``\\n``, and an only-blank text counts as none."""
        text = valuelist[0].replace("\r\n", "\n").replace("\r", "\n") if valuelist else ""
        text = text.strip() if self.lines else " ".join(text.split())
        self.data = text
        # Codes that no keyboard gives (NUL among them) can't be stored, and halves of surrogate pairs can't be written.
        if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\t" for sign in text):
            self.data = ""
            raise ValueError(_("The text holds characters that cannot be stored."))
        if len(text) > self.longest:
            raise ValueError(_("At most %(longest)s characters.", longest=self.longest))
        if not text and self.raw_data:
            # What is blank is not filled in, whatever it is made of.
            self.raw_data = []

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the value."""
        return {"type": "string", "maxLength": self.longest}


class Parsed(Field):
    """A field whose text is read by ``parse``. Blank is none, whatever it is made of."""

    def parse(self, text: str) -> Any:
        """Give the value of a text that is not blank; raises ``ValueError`` with the message."""
        raise NotImplementedError

    def show(self, value: Any) -> str:
        """Write a value as people type it."""
        return str(value)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.show(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the first text."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if text:
            self.data = self.parse(text)
        else:
            self.raw_data = []


class MoneyField(Written, Parsed):
    """An amount in yuan with at most two places, read exactly (``workflows.kernel.money.parse``)."""

    widget = widgets.TextInput()

    def __init__(self, label: Any = None, validators: list[Any] | None = None, **kwargs: Any) -> None:
        kwargs["render_kw"] = {"inputmode": "decimal", "autocomplete": "off", **(kwargs.get("render_kw") or {})}
        super().__init__(label, validators, **kwargs)

    def show(self, value: Any) -> str:
        """Write the amount with both its places."""
        return f"{value:.2f}"

    def parse(self, text: str) -> Any:
        """Read the amount."""
        try:
            return money.parse(text)
        except ValueError:
            raise ValueError(_("Write an amount in yuan with at most two places, such as 12000.00.")) from None

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the value; a number is refused because it may have been rounded on the way."""
        return {"type": "string", "format": "decimal", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$"}


class ExactField(Written, Parsed):
    """A number that is not negative, exact to ``places`` and at most ``most``: a quantity, a percentage, days."""

    widget = widgets.TextInput()

    def __init__(
        self, label: Any = None, validators: list[Any] | None = None, *, places: int, most: Decimal, **kwargs: Any
    ) -> None:
        kind = "decimal" if places else "numeric"
        kwargs["render_kw"] = {"inputmode": kind, "autocomplete": "off", **(kwargs.get("render_kw") or {})}
        super().__init__(label, validators, **kwargs)
        self.places, self.most = places, most
        digits = len(str(int(most)))
        self._form = rf"[0-9]{{1,{digits}}}" + (rf"(\.[0-9]{{1,{places}}})?" if places else "")

    def parse(self, text: str) -> Any:
        """Read the number; a sign, an exponent, commas and digits of another script are refused."""
        if not re.fullmatch(self._form, text, re.ASCII) or Decimal(text) > self.most:
            if not self.places:
                raise ValueError(_("Write a whole number up to %(most)s.", most=f"{self.most:,}"))
            raise ValueError(
                _("Write a number up to %(most)s with at most %(places)s places.", most=f"{self.most:,}",
                  places=self.places)
            )  # fmt: skip
        return Decimal(text)

    def show(self, value: Any) -> str:
        """Write the number without zeros at its end."""
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the value; a number is refused because it may have been rounded on the way."""
        return {"type": "string", "format": "decimal", "pattern": f"^{self._form}$"}


class DayField(Written, Parsed):
    """A day, written as 2026-03-05."""

    widget = widgets.DateInput()

    def parse(self, text: str) -> Any:
        """Read the day."""
        try:
            day = dt.date.fromisoformat(text) if _ISO_DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None or day.year not in _YEARS:
            raise ValueError(_("Write a day as 2026-03-05."))
        return day

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the value."""
        return {"type": "string", "format": "date"}


class OneOf(Written):
    """One of a few words."""

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the value."""
        return {"type": "string", "enum": [choice.value for choice in self.choices]}  # type: ignore[attr-defined]

    def pre_validate(self, _form: Any) -> None:
        """Refuse a word that is not offered; one that was not given is left to the validators."""
        field: Any = self
        if field.data in (None, ""):
            field.data = None
            return
        if field.data not in {choice.value for choice in field.choices}:
            raise StopValidation(_("Choose one of the options."))


class ChoiceField(OneOf, RadioField):
    """One of a few words, all of them in sight."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Templates tell fields apart by the name of WTForms' own class.
        self.type = RadioField.__name__


class ListField(OneOf, SelectField):
    """One of some words, in a drop-down list."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = SelectField.__name__

    def _value(self) -> str:
        """For a row whose kind is fixed and stands in a hidden input."""
        return self.data or ""


class WholeField(Parsed):
    """A whole number that is not negative: an id, a position."""

    widget = widgets.HiddenInput()

    def parse(self, text: str) -> Any:
        """Read the number."""
        return whole(text)

    def wire(self, name: str, value: Any) -> Wire:
        """Give the pairs that a page would have sent for this JSON value."""
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST_ID:
            raise Wrong(name, _("This must be a whole number."))
        return [(name, str(value))]

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the value."""
        return {"type": "integer", "minimum": 0, "maximum": _LARGEST_ID}


def whole(text: str) -> int:
    """Read an id as a page sends it."""
    if not _WHOLE.fullmatch(text) or int(text) > _LARGEST_ID:
        raise ValueError(_("This must be a whole number."))
    return int(text)


class FlagField(BooleanField):
    """Yes or no. A page sends nothing for no; a program says ``false``, and leaves it out only where it may."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = BooleanField.__name__

    def wire(self, name: str, value: Any) -> Wire:
        """Give the pairs that a page would have sent for this JSON value."""
        if not isinstance(value, bool):
            raise Wrong(name, _("This must be true or false."))
        return [(name, "y")] if value else []

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the value."""
        return {"type": "boolean"}


class DocumentsField(Field):
    """Ids of uploaded documents: on a page one box for each file that is already uploaded."""

    widget = widgets.HiddenInput()

    def __init__(
        self, label: Any = None, validators: list[Any] | None = None, *, most: int = 20, **kwargs: Any
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.most = most

    def process_data(self, value: Any) -> None:
        """Take the ids that a case already has."""
        self.data = list(value or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the ids, each once. A value that begins with ``!`` says why a file sent with the page was refused."""
        self.data = []
        ids = list(dict.fromkeys(whole(text) for text in valuelist if text and not text.startswith("!")))
        if len(ids) > self.most:
            raise ValueError(_("At most %(most)s documents.", most=self.most))
        self.data = ids
        refused = [text[1:] for text in valuelist if text.startswith("!")]
        if refused:
            raise ValueError(" ".join(refused))

    def wire(self, name: str, value: Any) -> Wire:
        """Give the pairs that a page would have sent for this JSON value."""
        if not isinstance(value, list):
            raise Wrong(name, _("This must be a list."))
        whole_number = WholeField.wire
        return [pair for each in value for pair in whole_number(self, name, each)]  # type: ignore[arg-type]

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the value."""
        return {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": self.most}


class Stated:
    """Marks a flag that a program must give, since leaving it out would not say whether it was forgotten."""

    field_flags = {"stated": True}  # noqa: RUF012 (WTForms reads a plain dict)

    def __call__(self, form: Any, field: Any) -> None:
        """Nothing is checked on a page: an empty box is an answer."""


def more_than_zero(_form: Any, field: Any) -> None:
    """Refuse an amount of zero."""
    if field.data is not None and field.data <= Decimal(0):
        raise ValidationError(_("The amount must be more than zero."))
