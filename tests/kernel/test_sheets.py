"""Tables that people hand in: what is read, and how what is harmful, broken or too large is refused."""

import csv
import datetime as dt
import io
import time
import zipfile
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from workflows.kernel.errors import Invalid
from workflows.kernel.sheets import formula_safe, letter_of, read_sheet

HEADING = ["客户名称", "行业", "联系电话"]
_SHEET = "xl/worksheets/sheet1.xml"


def workbook(*rows: list[Any], merged: str = "") -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def shared(*rows: list[Any], merged: str = "") -> bytes:
    """A workbook as most programs write it: the texts stand in a part of their own."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
        if merged:
            page.merge_range(merged, "")
    return out.getvalue()


def with_parts(content: bytes, parts: dict[str, bytes]) -> bytes:
    """The same archive with parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in parts:
                new.writestr(part.filename, old.read(part))
        for name, data in parts.items():
            new.writestr(name, data)
    return out.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def cells(content: bytes) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.number, row.cells) for row in read_sheet(content)]


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        read_sheet(content)
    assert list(refused.value.fields) == ["file"]
    return str(refused.value)


def test_cells_of_a_workbook_become_text_as_people_would_type_it() -> None:
    content = workbook(
        HEADING, ["华为", None, 13800138000], [], [" 联想\r\n ", True, 0.5, dt.date(2026, 3, 1), 12.0]
    )  # fmt: skip
    assert cells(content) == [
        (1, ("客户名称", "行业", "联系电话")),
        (2, ("华为", "", "13800138000")),
        (4, ("联想", "TRUE", "0.5", "2026-03-01", "12")),
    ]


def test_the_first_sheet_that_is_shown_is_read() -> None:
    book = Workbook()
    book.active.append(["hidden"])
    book.active.sheet_state = "hidden"
    book.create_sheet("客户").append(["shown"])
    out = io.BytesIO()
    book.save(out)
    assert cells(out.getvalue()) == [(1, ("shown",))]


def test_a_formula_gives_the_value_that_was_computed_last() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet().write_formula(0, 0, "=1+2", value=3)
    assert cells(out.getvalue()) == [(1, ("3",))]


def test_a_formula_without_a_value_is_refused_at_its_cell() -> None:
    assert refusal(workbook(HEADING, ["a", "b", "=1+2"])) == (
        "Row 2, column C holds a formula without a computed value."
    )


def test_an_error_in_a_cell_is_refused_at_its_cell() -> None:
    content = workbook(HEADING, ["a", "#N/A"])
    assert refusal(content) == "Row 2, column B holds an error instead of a value."


def test_merged_cells_inside_the_table_are_refused_and_those_beside_it_are_not() -> None:
    rows = [HEADING, ["a", "b", "c"], ["d", "e", "f"]]
    assert refusal(workbook(*rows, merged="B2:B3")) == "Row 2, column B: cells are merged there. Split them."
    assert len(cells(workbook(*rows, merged="F2:G3"))) == 3
    assert len(cells(workbook(*rows, merged="A9:C9"))) == 3


def test_a_number_of_more_digits_than_a_spreadsheet_keeps_is_refused() -> None:
    assert "Row 2, column A" in refusal(workbook(HEADING, [1234567890123456789]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_is_read_in_every_encoding_and_separation_that_spreadsheets_write(encoding: str, separator: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(
        [HEADING, ["华为，技术", "通信; 电子, 等\t与", "'+86 138"], [], ["联想"]]
    )
    assert cells(out.getvalue().encode(encoding)) == [
        (1, ("客户名称", "行业", "联系电话")),
        (2, ("华为，技术", "通信; 电子, 等\t与", "+86 138")),
        (4, ("联想",)),
    ]


def test_a_quotation_mark_that_is_not_closed_is_refused_at_its_row() -> None:
    assert refusal(b'a,b\n"c,d\n') == "Row 2 cannot be read: a quotation mark is not closed."


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xef\xbb\xbf", b",,\n,,\n", workbook(), workbook([None, " "])])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert refusal(content) == "The file is empty."


def test_characters_that_cannot_be_printed_are_refused_at_their_cell() -> None:
    assert refusal(b"a,b\nc,d\x07\n") == "Row 2, column B holds characters that cannot be printed."


def test_a_cell_may_have_five_thousand_characters_and_no_more() -> None:
    assert cells(b"x" * 5000)[0][1] == ("x" * 5000,)
    assert refusal(b"a," + b"x" * 5001) == "Row 1, column B: the text is too long."


def test_a_table_may_have_fifty_columns_and_no_more() -> None:
    assert len(cells(workbook(["x"] * 50))[0][1]) == 50
    assert refusal(workbook(["x"] * 51)) == "Row 1 has more than 50 columns."
    assert refusal(b",".join([b"x"] * 51)) == "Row 1 has more than 50 columns."


def test_a_table_may_have_five_thousand_rows_below_heading_and_explanation() -> None:
    assert len(cells("\n".join(["x"] * 5002).encode())) == 5002
    assert "more than 5000 rows" in refusal("\n".join(["x"] * 5003).encode())


def test_a_hundred_thousand_rows_are_refused_before_they_are_read() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True}) as book:
        page = book.add_worksheet()
        for number in range(100_000):
            page.write_row(number, 0, [f"客户{number}", "制造", f"138{number:08}"])
    begun = time.perf_counter()
    assert "more than 5000 rows" in refusal(out.getvalue())
    assert time.perf_counter() - begun < 1


def test_a_row_far_below_the_others_is_refused() -> None:
    book = Workbook()
    book.active["A1"] = "x"
    book.active["A1048576"] = "y"
    out = io.BytesIO()
    book.save(out)
    assert "more than 5000 rows" in refusal(out.getvalue())


def test_macros_are_refused_whatever_the_file_is_called() -> None:
    plain = workbook(HEADING)
    assert "contains macros" in refusal(with_parts(plain, {"xl/vbaProject.bin": b"x"}))
    types = (
        part_of(plain, "[Content_Types].xml")
        .replace(b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml")
        .replace(b"openxmlformats-officedocument.sheet.macro", b"ms-excel.sheet.macro")
    )
    assert "contains macros" in refusal(with_parts(plain, {"[Content_Types].xml": types}))


def test_links_to_other_files_are_refused() -> None:
    content = with_parts(workbook(HEADING), {"xl/externalLinks/externalLink1.xml": b"<x/>"})
    assert "refers to other files" in refusal(content)


def test_a_locked_workbook_and_the_old_format_are_refused() -> None:
    assert "locked with a password or in the old format" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    content = bytearray(workbook(HEADING))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    assert "locked with a password" in refusal(bytes(content))


def test_a_zip_bomb_is_refused_without_being_unpacked() -> None:
    begun = time.perf_counter()
    assert "zip bomb" in refusal(with_parts(workbook(HEADING), {_SHEET: b" " * 40_000_000}))
    assert "too many parts" in refusal(with_parts(workbook(HEADING), {f"x{number}": b"" for number in range(501)}))
    noise = bytes(range(256)) * 40
    many = {f"xl/media/{number}": (noise * 100)[:1_000_000] for number in range(60)}
    assert "too large" in refusal(with_parts(workbook(HEADING), many))
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("part", [_SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_are_refused_in_every_part(part: str, encoding: str) -> None:
    plain = shared(HEADING)
    text = part_of(plain, part).decode()
    body = text[text.index("?>") + 2 :] if text.startswith("<?xml") else text
    lol = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    assert "XML entities" in refusal(with_parts(plain, {part: (lol + body).encode(encoding)}))


@pytest.mark.parametrize("part", [_SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"])
def test_broken_parts_are_refused(part: str) -> None:
    assert "cannot be read" in refusal(with_parts(shared(HEADING), {part: b"<broken"}))


def test_columns_have_the_letters_of_spreadsheets() -> None:
    assert [letter_of(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@given(st.binary(max_size=3000))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    read_or_refused(content)


@given(st.binary(max_size=800).map(lambda tail: b"PK\x03\x04" + tail))
@settings(max_examples=100, deadline=None)
def test_any_bytes_that_begin_like_a_workbook_are_read_or_refused(content: bytes) -> None:
    read_or_refused(content)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(_WHOLE)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_or_refused(bytes(content[: data.draw(st.integers(1, len(content)))]))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_workbook_with_damaged_xml_is_read_or_refused(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from([_SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"]))
    text = bytearray(part_of(_WHOLE, part))
    at = data.draw(st.integers(0, len(text) - 1))
    text[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    read_or_refused(with_parts(_WHOLE, {part: bytes(text)}))


_WORDS = (
    st.text(st.characters(blacklist_categories=["Cc", "Cs"]), min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda text: text and not text.startswith(("'", "\ufeff")))
)


@given(st.lists(st.lists(_WORDS, min_size=1, max_size=6), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_what_was_written_safely_is_read_back_as_it_was(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    # A separator in the heading could be taken for the file's; what we write has none there.
    csv.writer(out, lineterminator="\r\n").writerows(
        [["a", "b"], *([formula_safe(cell) for cell in row] for row in rows)]
    )
    assert [row.cells for row in read_sheet(b"\xef\xbb\xbf" + out.getvalue().encode())[1:]] == [tuple(r) for r in rows]


def read_or_refused(content: bytes) -> None:
    try:
        read_sheet(content)
    except Invalid as refused:
        assert list(refused.fields) == ["file"]


_WHOLE = shared(HEADING, ["华为", "通信", 13800138000], ["联想", dt.date(2026, 1, 2), 0.5], merged="F1:G2")
