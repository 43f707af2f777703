"""Every table of the product, gathered so that migrations and tests see all of them.

A model module is ``workflows/<area>/model.py``; it is found by its name, so that a new area needs no list to stand on.
Tables that stand beside their operations are named in ``BESIDE``.
"""

import importlib
from pathlib import Path

from sqlalchemy import MetaData

import workflows
from workflows.kernel.base import Base

#: Tables whose rows are written once: the database refuses UPDATE, DELETE and TRUNCATE (see ``migrations``).
APPEND_ONLY = (
    "history_event", "advance_entry", "calendar_change", "calendar_day", "employee_change", "product_change",
    "contact_view", "visit", "customer_change", "sales_rule", "sale_move", "receipt", "sale_event", "decision_version",
    "contact_export",
)  # fmt: skip
#: Modules that hold a small table together with its operations.
BESIDE = (
    "workflows.customers.tables_model",
    "workflows.engine.copies",
    "workflows.engine.drafts",
    "workflows.engine.signatures",
    "workflows.engine.tables",
    "workflows.engine.urging",
    "workflows.people.trail",
    "workflows.sale.ledger_model",
)


def all_tables() -> MetaData:
    """The metadata with every model module imported."""
    for package in sorted(Path(workflows.__path__[0]).glob("*/model.py")):
        importlib.import_module(f"workflows.{package.parent.name}.model")
    for module in sorted(Path(__file__).parent.glob("*/model.py")):
        importlib.import_module(f"webapp.{module.parent.name}.model")
    for name in BESIDE:
        importlib.import_module(name)
    return Base.metadata
