"""What other areas show on the page of a sale: its money, and the advances that were taken for it."""

import datetime as dt
from importlib import import_module, util
from typing import Any

from sqlalchemy.orm import Session

from workflows.sale.record import SaleRow

#: Module and function of each part; an area that is not installed shows nothing.
PARTS = (
    ("webapp.sales_money.context", "money_context"),
    ("webapp.advances.of_sale", "advances_of_sale"),
)


def further_parts(session: Session, sale: SaleRow, today: dt.date) -> dict[str, Any]:
    """The context of the other areas' templates."""
    found: dict[str, Any] = {}
    for module, name in PARTS:
        package = module.rpartition(".")[0]
        if util.find_spec(package) is not None and util.find_spec(module) is not None:
            given = getattr(import_module(module), name)(session, sale.id, today)
            found |= given if isinstance(given, dict) else {name: given}
    return found
