"""Why a request was refused, in words that know nothing of HTTP.

Every refusal has a ``code`` (stable, for programs), a message id in English (translated where it is shown) and
``params`` that fill the message. ``webapp.errors`` holds the one table that turns a class into a page or a status.
"""

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """Something that a person asked for and that the rules do not allow. Nothing was changed."""

    code = "refused"

    def __init__(self, message: str, /, **params: Any) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.params = params


class NotFound(Refusal):
    """There is no such thing, or none that this person may know of."""

    code = "not_found"


class NotAllowed(Refusal):
    """The thing exists and is not this person's to act on."""

    code = "not_allowed"


class Conflict(Refusal):
    """The thing has moved on: already decided, withdrawn, or changed since the form was opened."""

    code = "conflict"


class StaleRevision(Conflict):
    """The form was opened on an older revision than the one in force."""

    code = "stale_revision"


class Busy(Conflict):
    """Another person's step on the same case holds the lock longer than anyone should wait."""

    code = "busy"


class KeyReused(Refusal):
    """An idempotency key came again with another body."""

    code = "idempotency_key_reused"


class Invalid(Refusal):
    """Fields that break a rule which only the database or the case can know.

    ``fields`` maps a field's name to its messages, each a ``(message id, params)`` pair; the form comes back with
    them at the field.
    """

    code = "invalid"

    def __init__(self, fields: Mapping[str, list[tuple[str, dict[str, Any]]]]) -> None:
        first = next(iter(fields.values()))[0]
        super().__init__(first[0], **first[1])
        self.fields = fields

    @classmethod
    def at(cls, field: str, message: str, /, **params: Any) -> "Invalid":
        """One message at one field."""
        return cls({field: [(message, params)]})
