"""Tables that somebody hands in (XLSX, CSV), read as rows of text: the same for every import.

A row is the number that the spreadsheet shows beside it and its cells, trimmed. Nothing is believed of a file: its
content tells what it is, not its name; what is too large is refused before it is read whole; a refusal names row and
column. What the columns mean is for whoever reads the rows.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workflows.kernel.errors import Invalid

#: The heading, an explanation and this many rows of data.
MOST_ROWS = 5_000
MOST_COLUMNS = 50
LONGEST_CELL = 5_000
#: Rows with nothing in them may stand in between, but not without end.
MOST_BLANK = 50_000
#: A spreadsheet takes a cell that begins like this for a formula, also in the wide forms of Chinese input.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_ZIP = b"PK"
#: The container of old workbooks, and of those that are locked with a password.
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = ",;\t"
_KEPT_CONTROLS = "\n\t"
_LETTERS = 26


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something; ``number`` counts from 1, as spreadsheets do."""

    number: int
    cells: tuple[str, ...]

    def cell(self, column: int) -> str:
        """The text in a column, counted from 0; empty where the row is shorter."""
        return self.cells[column] if column < len(self.cells) else ""


def read_sheet(content: bytes) -> list[Row]:
    """Give the rows of a workbook's first sheet, or of a CSV file, without those that are empty.

    CSV may be UTF-8 with or without mark, UTF-16 with mark, or GB18030, and separated by commas, semicolons or tabs.

    :raises Invalid: at ``file``
    """
    from workflows.kernel.workbooks import workbook_rows  # noqa: PLC0415 (reading a workbook loads a large library)

    if not content.strip(b"\0 \t\r\n"):
        raise Invalid.at("file", "The file is empty.")
    if content.startswith(_COMPOUND):
        raise Invalid.at("file", "This workbook is locked with a password or in the old format. Save it as .xlsx.")
    rows = workbook_rows(content) if content.startswith(_ZIP) else _text_rows(content)
    found = list(_bounded(rows))
    if not found:
        raise Invalid.at("file", "The file is empty.")
    return found


def too_many_rows() -> Invalid:
    """The refusal of a table that goes on and on."""
    return Invalid.at(
        "file", "The table has more than %(most)s rows. Split it into several files.", most=MOST_ROWS
    )


def too_many_columns(row: int) -> Invalid:
    """The refusal of a table that is too wide."""
    return Invalid.at("file", "Row %(row)s has more than %(most)s columns.", row=row, most=MOST_COLUMNS)


def at_cell(row: int, column: int, message: str) -> Invalid:
    """A refusal at one cell: ``message`` has places for ``row`` and ``column``; columns count from 0."""
    return Invalid.at("file", message, row=row, column=letter_of(column))


def letter_of(column: int) -> str:
    """What spreadsheets call a column, counted from 0.

    >>> letter_of(0), letter_of(25), letter_of(26)
    ('A', 'Z', 'AA')
    """
    letters, left = "", column + 1
    while left:
        left, place = divmod(left - 1, _LETTERS)
        letters = chr(ord("A") + place) + letters
    return letters


def formula_safe(text: str) -> str:
    """Put a sign before what a spreadsheet would take for a formula; ``read_sheet`` takes it away again."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _bounded(rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Row]:
    """Trim the cells, leave out what is empty, and refuse what is too much."""
    # The heading and an explanation below it are no data.
    left = MOST_ROWS + 2
    for number, raw in rows:
        cells = [_cell(text, number, column) for column, text in enumerate(raw)]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            if number > MOST_BLANK:
                raise too_many_rows()
            continue
        if len(cells) > MOST_COLUMNS:
            raise too_many_columns(number)
        if not left:
            raise too_many_rows()
        left -= 1
        yield Row(number, tuple(cells))


def _cell(text: str, row: int, column: int) -> str:
    if len(text) > LONGEST_CELL:
        raise at_cell(row, column, "Row %(row)s, column %(column)s: the text is too long.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in _KEPT_CONTROLS for sign in text):
        raise at_cell(row, column, "Row %(row)s, column %(column)s holds characters that cannot be printed.")
    return text[1:].strip() if text.startswith("'") and text[1:].startswith(FORMULA_SIGNS) else text


def _text_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content)
    if "\0" in text:
        raise Invalid.at("file", "This is neither an XLSX workbook nor a CSV file.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield number, cells
    except csv.Error:
        unread = number + 1
        raise Invalid.at("file", "Row %(row)s cannot be read: a quotation mark is not closed.", row=unread) from None


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith(_WIDE) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid.at("file", "This is neither an XLSX workbook nor a CSV file.")


def _separator(text: str) -> str:
    """The sign that stands most often in the first line that holds anything, outside quotation marks."""
    first = next((line for line in text.splitlines() if line.strip(f"{_SEPARATORS} ")), "")
    bare = "".join(first.split('"')[::2])
    return max(_SEPARATORS, key=bare.count)
