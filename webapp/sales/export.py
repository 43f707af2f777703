"""The table of sales as a file for spreadsheets; what could be taken for a formula stays words."""

import csv
import io
from collections.abc import Iterator, Sequence

import xlsxwriter
from flask_babel import gettext as _

from webapp.i18n import localized
from webapp.sales import words
from workflows.sale.finding import Card
from workflows.sale.model import SaleStatus, Stage

#: What a spreadsheet takes for the beginning of a formula, also in the wide forms of Chinese input.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Tells Excel that the text is UTF-8.
_MARK = "\ufeff"
#: The columns that hold amounts.
_AMOUNT = 6


def _heads() -> list[str]:
    return [
        _("Number"), _("Sale"), _("Customer"), _("Owner"), _("Stage"), _("Status"), _("Expected amount (yuan)"),
        _("Expected on"), _("In this stage since"),
    ]  # fmt: skip


def _rows(cards: Sequence[Card]) -> Iterator[list[str]]:
    for card in cards:
        yield [
            card.number, card.title, card.customer, localized(card.owner, card.owner_en),
            str(words.STAGES[Stage(card.stage)]), str(words.STATUSES[SaleStatus(card.status)][0]),
            f"{card.expected:.2f}", card.expected_on.isoformat(), card.stage_since.date().isoformat(),
        ]  # fmt: skip


def csv_of(cards: Sequence[Card]) -> bytes:
    """The rows as CSV (RFC 4180) in UTF-8 with a byte order mark."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(_heads())
    writer.writerows([[f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in _rows(cards)])
    return (_MARK + written.getvalue()).encode()


def workbook_of(cards: Sequence[Card]) -> bytes:
    """The rows as an XLSX workbook."""
    written = io.BytesIO()
    # Words stay words: nothing that a name begins with makes a formula, a number or a link of it.
    safe = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, {"in_memory": True, **safe}) as workbook:
        page = workbook.add_worksheet()
        bold, money = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "#,##0.00"})
        page.set_column(0, len(_heads()) - 1, 20)
        page.write_row(0, 0, _heads(), bold)
        for at, row in enumerate(_rows(cards), start=1):
            for column, cell in enumerate(row):
                if column == _AMOUNT:
                    # A workbook knows no exact decimals; sixteen digits hold every amount to the fen.
                    page.write_number(at, column, float(cell), money)
                else:
                    page.write_string(at, column, cell)
        page.freeze_panes(1, 1)
    return written.getvalue()
