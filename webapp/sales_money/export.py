"""Lists of money as rows for spreadsheets."""

from collections.abc import Sequence

from flask_babel import gettext as _

from webapp.advances.words import METHOD_NAMES
from webapp.i18n import localized
from webapp.sales_money import words
from webapp.spreadsheets import Cell
from workflows.sale.due import Instalment
from workflows.sale.received import Received


def due_rows(rows: Sequence[Instalment]) -> list[list[Cell]]:
    """What is owed, below the names of the columns."""
    heads: list[Cell] = [
        _("Payment due on"), _("Contract"), _("Sale"), _("Customer"), _("Owner"), _("Amount (yuan)"),
        _("Still owed (yuan)"),
    ]  # fmt: skip
    return [heads] + [
        [
            row.due_on.isoformat(), row.contract_number, row.sale_number, row.customer,
            localized(row.owner, row.owner_en), row.amount, row.open,
        ]
        for row in rows
    ]  # fmt: skip


def received_rows(rows: Sequence[Received]) -> list[list[Cell]]:
    """What came in and went back, below the names of the columns."""
    heads: list[Cell] = [
        _("Date"), _("What"), _("Contract"), _("Sale"), _("Customer"), _("Owner"), _("Method"), _("Reference"),
        _("Payer"), _("Amount (yuan)"),
    ]  # fmt: skip
    return [heads] + [
        [
            row.occurred_on.isoformat(), words.entry_name(row), row.contract_number, row.sale_number, row.customer,
            localized(row.owner, row.owner_en), str(METHOD_NAMES.get(row.method, row.method)), row.reference, row.payer,
            row.change,
        ]
        for row in rows
    ]  # fmt: skip
