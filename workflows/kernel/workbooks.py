"""The first sheet of an XLSX workbook as rows of text, once its packaging was found harmless.

The zip is looked at before anything in it is unpacked: how many parts it has, how large they would be, whether they
are encrypted, hold macros or point elsewhere. A strict first pass over the sheet's own XML counts rows and columns and
finds merged cells and formulas without a value; only then ``openpyxl`` reads the cells.
"""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from openpyxl import load_workbook

from workflows.kernel.errors import Invalid
from workflows.kernel.sheets import (
    MOST_BLANK,
    MOST_COLUMNS,
    MOST_ROWS,
    at_cell,
    too_many_columns,
    too_many_rows,
)

#: Parts of a workbook: a few for each sheet, picture and comment.
MOST_PARTS = 500
LARGEST_UNPACKED = 48 * 1024 * 1024
#: Text of spreadsheets shrinks to a tenth, very uniform text to a hundredth; a bomb to a thousandth.
HIGHEST_RATIO = 250
_RATIO_FROM = 1024 * 1024
_CHUNK = 64 * 1024
#: More digits than a spreadsheet keeps of a number.
_MOST_DIGITS = 15

_MACROS = re.compile(r"vbaproject|vbadata|macrosheets|activex|\.bin$", re.IGNORECASE)
_HARMLESS_BINARY = re.compile(r"printersettings", re.IGNORECASE)
_ELSEWHERE = re.compile(r"externallinks/|connections\.xml$|querytables/", re.IGNORECASE)
_REFERENCE = re.compile(r"^\$?([A-Z]{1,3})\$?([0-9]{1,7})$")


def workbook_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Give number and cells of each row of the first sheet. Raises ``Invalid`` at ``file``."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _look_at_packaging(archive)
            sheet, position = _first_sheet(archive)
            found = _look_at_sheet(archive, sheet)
            _refuse_size(archive)
            _refuse_document_types(archive)
        yield from _cells(content, position, found)
    except Invalid:
        raise
    except Exception as problem:  # Whatever a broken workbook makes the libraries stumble over, the person is told.
        raise _unreadable() from problem


def _unreadable() -> Invalid:
    return Invalid.at("file", "This workbook cannot be read. Open it in a spreadsheet program and save it as .xlsx.")


def _look_at_packaging(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise Invalid.at("file", "This workbook has too many parts.")
    for part in parts:
        if part.flag_bits & 1:
            raise Invalid.at("file", "This workbook is locked with a password or in the old format. Save it as .xlsx.")
        if part.file_size > _RATIO_FROM and part.file_size > HIGHEST_RATIO * max(part.compress_size, 1):
            raise Invalid.at("file", "This file is packed in a way that no spreadsheet is (a “zip bomb”).")
        if _MACROS.search(part.filename) and not _HARMLESS_BINARY.search(part.filename):
            raise Invalid.at("file", "This workbook contains macros. Save it as .xlsx without macros.")
        if _ELSEWHERE.search(part.filename):
            raise Invalid.at("file", "This workbook refers to other files. Keep the values only and save it again.")
    # Where it says what its parts are, a workbook with macros says so, too.
    if b"macroenabled" in _start_of(archive, "[Content_Types].xml").lower():
        raise Invalid.at("file", "This workbook contains macros. Save it as .xlsx without macros.")


def _refuse_size(archive: zipfile.ZipFile) -> None:
    if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
        raise Invalid.at("file", "The file is too large.")


def _refuse_document_types(archive: zipfile.ZipFile) -> None:
    """No part may declare entities; only what stands before the first element can."""
    for part in archive.infolist():
        with archive.open(part) as stream:
            parser = _parser()
            begun: list[str] = []
            parser.StartElementHandler = lambda name, _, begun=begun: begun.append(name)
            try:
                while not begun and (chunk := stream.read(_CHUNK)):
                    parser.Parse(chunk, False)
            except expat.ExpatError:
                if part.filename.lower().endswith((".xml", ".rels")):
                    raise


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()

    def refuse(*_: Any) -> None:
        raise Invalid.at("file", "This workbook declares XML entities, which no spreadsheet does.")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _start_of(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as stream:
        return stream.read(_CHUNK)


def _first_sheet(archive: zipfile.ZipFile) -> tuple[str, int]:
    """The part that holds the first sheet that is not hidden, and its position among the sheets."""
    sheets: list[tuple[str, bool]] = []
    targets: dict[str, str] = {}

    def sheet(name: str, given: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            relation = next((value for key, value in given.items() if key.rpartition(":")[2] == "id"), "")
            sheets.append((relation, given.get("state", "visible") == "visible"))

    def relation(name: str, given: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            targets[given.get("Id", "")] = given.get("Target", "")

    for part, handler in (("xl/workbook.xml", sheet), ("xl/_rels/workbook.xml.rels", relation)):
        parser = _parser()
        parser.StartElementHandler = handler
        parser.Parse(_start_of(archive, part), True)
    shown = next((at for at, (_, is_shown) in enumerate(sheets) if is_shown), None)
    if shown is None:
        raise _unreadable()
    target = targets[sheets[shown][0]]
    return (target[1:] if target.startswith("/") else f"xl/{target}"), shown


@dataclass(slots=True)
class _Sheet:
    """What the first pass counts: which rows hold something, which cells are merged."""

    rows: int = 0
    first_row: int = 0
    last_row: int = 0
    last_column: int = 0
    merged: list[str] = field(default_factory=list)
    _row: int = 0
    _column: int = 0
    _filled_row: int = 0
    _has_formula: bool = False
    _has_value: bool = False
    _kind: str = ""
    _is_in_value: bool = False

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""
        name = name.rpartition(":")[2]
        if name == "row":
            self._row = int(given.get("r", self._row + 1))
            self._column = 0
        elif name == "c":
            place = _REFERENCE.match(given.get("r", ""))
            self._column = _number_of(place[1]) if place else self._column + 1
            self._has_formula = self._has_value = False
            self._kind = given.get("t", "")
        elif name == "f":
            self._has_formula = True
        elif name in ("v", "is"):
            self._is_in_value = True
        elif name == "mergeCell":
            self.merged.append(given.get("ref", ""))

    def text(self, text: str) -> None:
        """Text stands between two tags."""
        if self._is_in_value and text.strip():
            self._has_value = True

    def end(self, name: str) -> None:
        """An element ends; a cell is looked at once all of it is known."""
        name = name.rpartition(":")[2]
        if name in ("v", "is"):
            self._is_in_value = False
        if name != "c" or not (self._has_value or self._has_formula):
            return
        here = self._row, self._column - 1
        if self._kind == "e":
            raise at_cell(*here, "Row %(row)s, column %(column)s holds an error instead of a value.")
        # A formula may well have computed an empty text.
        if not self._has_value and self._kind != "str":
            raise at_cell(*here, "Row %(row)s, column %(column)s holds a formula without a computed value.")
        if self._column > MOST_COLUMNS:
            raise too_many_columns(self._row)
        if self._row != self._filled_row:
            self._filled_row = self._row
            self.rows += 1
        if self.rows > MOST_ROWS + 2 or self._row > MOST_BLANK:
            raise too_many_rows()
        self.first_row = self.first_row or self._row
        self.last_row, self.last_column = max(self.last_row, self._row), max(self.last_column, self._column)

    def refuse_merged(self) -> None:
        """Raise at the first merged cell that reaches into the table."""
        for reference in self.merged:
            left = _REFERENCE.match(reference.partition(":")[0])
            right = _REFERENCE.match(reference.partition(":")[2])
            if left is None or right is None:
                raise _unreadable()
            top, bottom, column = int(left[2]), int(right[2]), _number_of(left[1])
            if bottom >= self.first_row and top <= self.last_row and column <= self.last_column:
                raise at_cell(
                    top, column - 1, "Row %(row)s, column %(column)s: cells are merged there. Split them."
                )


def _look_at_sheet(archive: zipfile.ZipFile, part: str) -> _Sheet:
    """Count what is in a sheet; ends early, without reading on, where it is too much."""
    found = _Sheet()
    parser = _parser()
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.text
    read = 0
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            read += len(chunk)
            if read > LARGEST_UNPACKED:
                raise Invalid.at("file", "The file is too large.")
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    found.refuse_merged()
    return found


def _cells(content: bytes, position: int, found: _Sheet) -> Iterator[tuple[int, list[str]]]:
    if not found.rows:
        return
    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = workbook.worksheets[position]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(min_row=1, max_row=found.last_row, max_col=found.last_column, values_only=True)
        for number, values in enumerate(rows, 1):
            yield number, [_text(value, number, column) for column, value in enumerate(values)]
    finally:
        workbook.close()


def _text(value: Any, row: int, column: int) -> str:
    """What a cell says, as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        exact = Decimal(str(value))
        if not exact.is_finite() or len(exact.normalize().as_tuple().digits) > _MOST_DIGITS:
            raise at_cell(row, column, "Row %(row)s, column %(column)s: write this number as text, or digits get lost.")
        return f"{exact.to_integral_value():f}" if exact == exact.to_integral_value() else f"{exact.normalize():f}"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
