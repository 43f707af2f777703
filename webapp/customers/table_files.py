"""Rows of text as files for spreadsheets. Nothing in them becomes a formula, whatever a name begins with."""

import csv
import io
from collections.abc import Sequence

import xlsxwriter
from flask import Response

from workflows.kernel.sheets import formula_safe

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTH = 18


def csv_file(rows: Sequence[Sequence[str]], name: str) -> Response:
    """A CSV in UTF-8 with a byte order mark, as spreadsheets want it."""
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows([[formula_safe(cell) for cell in row] for row in rows])
    return _sent(("\ufeff" + written.getvalue()).encode(), "text/csv; charset=utf-8", name)


def xlsx_file(rows: Sequence[Sequence[str]], name: str, *, title: str) -> Response:
    """A workbook of one sheet whose cells are all text."""
    written = io.BytesIO()
    words = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, {"in_memory": True, **words}) as workbook:
        page = workbook.add_worksheet(title[:31])
        heading = workbook.add_format({"bold": True, "bottom": 1})
        as_text = workbook.add_format({"num_format": "@"})
        page.set_column(0, max(len(rows[0]) - 1, 0), _WIDTH, as_text)
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                page.write_string(number, at, cell, heading if number == 0 else as_text)
        page.freeze_panes(1, 1)
    return _sent(written.getvalue(), _XLSX, name)


def _sent(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, content_type=media_type, headers=headers)
