"""The blueprint of sales, and what their templates know."""

import datetime as dt

from flask import Blueprint

from webapp.sales import words

blueprint = Blueprint("sales", __name__, url_prefix="/sales")
#: An id in an address, as far as a column holds one.
ID = "int(max=9223372036854775807)"


def days_since(then: dt.datetime, now: dt.datetime) -> int:
    """Whole days between two instants."""
    return (now - then).days


blueprint.add_app_template_global(words, "sale_words")
blueprint.add_app_template_global(days_since, "days_since")
