"""Rows as files for spreadsheets. Nothing in them becomes a formula, whatever a name begins with.

A cell is text or an amount in yuan. The first row names the columns.
"""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal

import xlsxwriter
from flask import Response, abort

from workflows.kernel.sheets import formula_safe

Cell = str | Decimal
Rows = Sequence[Sequence[Cell]]

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: Tells Excel that the text is UTF-8.
_MARK = "\ufeff"
_WIDTH = 18
#: As long as a workbook lets the name of a sheet be.
_LONGEST_TITLE = 31


def refuse_other_ending(ending: str) -> None:
    """Answer 404 unless a table is written with this ending; to be asked before anything is read for it."""
    if ending not in _TYPES:
        abort(404)


def table_file(rows: Rows, name: str, *, title: str) -> Response:
    """A file of the kind that its name ends with: CSV (RFC 4180), or a workbook of one sheet."""
    ending = name.rpartition(".")[2]
    content = _csv(rows) if ending == "csv" else _workbook(rows, title)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, content_type=_TYPES[ending], headers=headers)


def _csv(rows: Rows) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows([[_plain(cell) for cell in row] for row in rows])
    return (_MARK + written.getvalue()).encode()


def _plain(cell: Cell) -> str:
    return formula_safe(cell) if isinstance(cell, str) else f"{cell:.2f}"


def _workbook(rows: Rows, title: str) -> bytes:
    written = io.BytesIO()
    # Words stay words: nothing that a name begins with makes a formula, a number or a link of it.
    words = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, {"in_memory": True, **words}) as workbook:
        page = workbook.add_worksheet(title[:_LONGEST_TITLE])
        heading = workbook.add_format({"bold": True, "bottom": 1})
        as_text, money = workbook.add_format({"num_format": "@"}), workbook.add_format({"num_format": "#,##0.00"})
        page.set_column(0, max(len(rows[0]) - 1, 0), _WIDTH, as_text)
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(number, at, cell, heading if number == 0 else as_text)
                else:
                    # A workbook knows no exact decimals; sixteen digits hold every amount to the fen.
                    page.write_number(number, at, float(cell), money)
        page.freeze_panes(1, 1)
    return written.getvalue()
