"""Lists of money as files for spreadsheets; what could be taken for a formula stays words."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal

import xlsxwriter
from flask_babel import gettext as _

from webapp.advances.words import METHOD_NAMES
from webapp.i18n import localized
from webapp.sales_money import words
from workflows.sale.due import Instalment
from workflows.sale.received import Received

#: What a spreadsheet takes for the beginning of a formula, also in the wide forms of Chinese input.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Tells Excel that the text is UTF-8.
_MARK = "\ufeff"

Cells = list[list[str | Decimal]]


def due_rows(rows: Sequence[Instalment]) -> Cells:
    """What is owed, below the names of the columns."""
    heads: list[str | Decimal] = [
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


def received_rows(rows: Sequence[Received]) -> Cells:
    """What came in and went back, below the names of the columns."""
    heads: list[str | Decimal] = [
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


def csv_of(cells: Cells) -> bytes:
    """The rows as CSV (RFC 4180) in UTF-8 with a byte order mark."""
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows([[_plain(cell) for cell in row] for row in cells])
    return (_MARK + written.getvalue()).encode()


def workbook_of(cells: Cells) -> bytes:
    """The rows as an XLSX workbook."""
    written = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, {"in_memory": True, **safe}) as workbook:
        page, money = workbook.add_worksheet(), workbook.add_format({"num_format": "#,##0.00"})
        page.set_column(0, len(cells[0]) - 1, 18)
        for at, row in enumerate(cells):
            for column, cell in enumerate(row):
                if isinstance(cell, Decimal):
                    # A workbook knows no exact decimals; sixteen digits hold every amount to the fen.
                    page.write_number(at, column, float(cell), money)
                else:
                    page.write_string(at, column, cell)
        page.freeze_panes(1, 1)
    return written.getvalue()


def _plain(cell: str | Decimal) -> str:
    if isinstance(cell, Decimal):
        return f"{cell:.2f}"
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
