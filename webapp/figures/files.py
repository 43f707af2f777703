"""The figures as files for spreadsheets: one table as CSV, all of them as a workbook.

Times are hours with two places, so that they can be reckoned with. Names come from people and could be taken for
formulas: in CSV a sign in front keeps them words, a workbook holds them as words anyway.
"""

import csv
import io
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from webapp.figures.tables import Column, Sheet
from workflows.kernel.sheets import formula_safe

#: Tells Excel that the text is UTF-8.
_MARK = "\ufeff"
_SECONDS = 3_600
_WIDTHS = {"text": 24, "count": 12, "time": 16, "share": 16, "money": 18}


def csv_of(sheet: Sheet) -> bytes:
    """The table as CSV (RFC 4180) in UTF-8 with a byte order mark."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([formula_safe(_heading(column)) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_plain(column, cell) for column, cell in zip(sheet.columns, row.cells, strict=True)])
    return (_MARK + written.getvalue()).encode()


def workbook_of(sheets: list[Sheet], about: list[str]) -> bytes:
    """All tables as an XLSX workbook, with a first page that says what they are about and what is counted."""
    written = io.BytesIO()
    # Words stay words: nothing that a person's name begins with makes a formula, a number or a link of it.
    words = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, {"in_memory": True, **words}) as workbook:
        page = workbook.add_worksheet(_("About these figures"))
        page.set_column(0, 0, 100, workbook.add_format({"text_wrap": True, "valign": "top"}))
        for number, line in enumerate(about):
            page.write_string(number, 0, line)
        for sheet in sheets:
            _add(workbook, sheet)
    return written.getvalue()


def _add(workbook: Any, sheet: Sheet) -> None:
    page = workbook.add_worksheet(sheet.title)
    heading = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    formats = {
        "time": workbook.add_format({"num_format": "0.00"}),
        "share": workbook.add_format({"num_format": "0.0%"}),
        "money": workbook.add_format({"num_format": "#,##0.00"}),
    }
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, _WIDTHS[column.kind])
        page.write_string(0, at, _heading(column), heading)
    for number, row in enumerate(sheet.rows, start=1):
        for at, (column, cell) in enumerate(zip(sheet.columns, row.cells, strict=True)):
            if column.kind == "text":
                page.write_string(number, at, cell)
            elif cell is not None:
                value = cell / _SECONDS if column.kind == "time" else cell
                page.write_number(number, at, value, formats.get(column.kind))
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)


def _heading(column: Column) -> str:
    return _("%(column)s (hours)", column=column.label) if column.kind == "time" else column.label


def _plain(column: Column, cell: Any) -> str:
    if cell is None:
        return ""
    if column.kind == "text":
        return formula_safe(cell)
    if column.kind == "time":
        return f"{cell / _SECONDS:.2f}"
    return f"{cell:.4f}" if column.kind == "share" else str(cell)
