"""What is read out of addresses, and carried on from one into the next.

Numbers in addresses are ids, and ids are what a BIGINT column holds. A larger number is the address of nothing: 404
behind a slash, the first page as the place where a page ended. The database would refuse it as an error, and who asked
would read a 500.
"""

from typing import Any

from flask import Flask, request
from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**63 - 1


class Id(IntegerConverter):
    """``<int:…>`` that reads what is too large as the largest id, which no row ever reaches.

    Refused here, it would be a 405 on addresses that take a GET as well, since Werkzeug counts those as found.
    """

    def to_python(self, value: str) -> Any:
        """Give the id."""
        return min(super().to_python(value), LARGEST_ID)


def ident(text: str) -> int:
    """Read an id out of a query; raises ``ValueError`` for what is none, so that ``args.get`` gives its default."""
    number = int(text)
    if not 0 < number <= LARGEST_ID:
        raise ValueError(text)
    return number


def said_here(*names: str) -> dict[str, str]:
    """What this address's query says under these names, to be carried on into a link.

    A query is never handed to ``url_for`` whole: that takes ``_scheme``, ``_external`` and others for its own.
    """
    return {name: request.args[name] for name in names if request.args.get(name)}


def init_addresses(app: Flask) -> None:
    """Bound every ``<int:…>`` of the app; to be called before any route is added."""
    app.url_map.converters["int"] = Id
