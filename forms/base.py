"""The base of every form that starts a case or answers a user task.

A form says what an answer looks like; it knows neither the case nor the time. ``answer()`` gives typed values, and
``refusal()`` the errors as the operations' own kind of refusal, each at its field.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from wtforms import Form

from workflows.kernel.errors import Invalid


class ProcessForm(Form):
    """Fields with labels; the CSRF token stands in the template, outside the form."""

    def __init__(self, formdata: Any = None, **kwargs: Any) -> None:
        #: Errors found while JSON was read: path -> message.
        self.wire_errors: dict[str, Any] = {}
        super().__init__(formdata, **kwargs)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, then what concerns several of them (``check``); JSON that was not read is not checked."""
        if self.wire_errors:
            return False
        is_valid = super().validate(extra_validators)
        if is_valid:
            self.check()
            for field in self:
                _gather_rows(field)
        return not any(self._messages(self))

    def check(self) -> None:
        """Look at several fields together, once each of them is right by itself; errors go to ``put``."""

    def put(self, field: str, message: Any) -> None:
        """Put a message at a field."""
        self[field].errors = [*self[field].errors, message]

    def answer(self) -> dict[str, Any]:
        """The typed values; to be called on a valid form."""
        return dict(self.data)

    def refusal(self) -> Invalid:
        """The errors of an invalid form, by path (``spend-0-amount``)."""
        fields: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        for path, message in [*self.wire_errors.items(), *self._messages(self)]:
            fields.setdefault(path, []).append((str(message), {}))
        return Invalid(fields)

    def show(self, refusal: Invalid, told: Any) -> None:
        """Put an operation's refusal at the fields; ``told`` writes a message id with its parameters.

        What belongs to no field stands above the form, so that nothing is swallowed.
        """
        for path, messages in refusal.fields.items():
            texts = [told(*each) for each in messages]
            field = _find(self, path)
            if field is None:
                self.form_errors = [*self.form_errors, *texts]
            else:
                field.errors = [*field.errors, *texts]

    def _messages(self, form: Any) -> Iterator[tuple[str, Any]]:
        for message in form.form_errors:
            yield "", message
        for field in form:
            yield from _messages_of(field)


def _gather_rows(field: Any) -> None:
    """Let a table know what ``check`` found in its rows, as if its own validation had found it."""
    found = [entry.errors for entry in getattr(field, "entries", [])]
    if any(found):
        field.errors = [*field.errors, *found]


def _messages_of(field: Any) -> Iterator[tuple[str, Any]]:
    rows = getattr(field, "entries", None)
    inner = rows if rows is not None else list(getattr(field, "form", None) or [])
    for each in inner:
        yield from _messages_of(each)
    # A table's and a row's own errors stand beside those of their fields, which appear again inside as lists.
    for message in field.errors if not isinstance(field.errors, Mapping) else []:
        if not isinstance(message, Mapping | list | tuple):
            yield field.name, message


def _find(form: Any, path: str) -> Any:
    """The field of a path such as ``lines-0-amount``, or None."""
    name, _, rest = path.partition("-")
    field = form._fields.get(name)
    while field is not None and rest:
        head, _, rest = rest.partition("-")
        if hasattr(field, "entries"):
            field = field.entries[int(head)] if head.isdecimal() and int(head) < len(field.entries) else None
        elif hasattr(field, "form"):
            field = field.form._fields.get(head)
        else:
            field = None
    return field
