"""What the columns of a table of customers mean, and what is wrong in its rows, without asking the archive.

The first row names the columns, in Chinese as the template has them or in English; their order is free. A row that
begins with the word of explanation is passed over. Every problem names its row and its column.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows.customers.model import Grade, Standing
from workflows.customers.names import name_key
from workflows.customers.phones import is_phone
from workflows.kernel.errors import Invalid
from workflows.kernel.sheets import MOST_ROWS, Row, letter_of, too_many_rows


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key, what its heading says, and what may stand in it."""

    key: str
    label: str
    label_en: str
    hint: str
    longest: int
    is_required: bool = False


COLUMNS = (
    Column("name", "客户名称", "Customer name", "客户全称", 120, True),
    Column("industry", "行业", "Industry", "如：制造", 40, True),
    Column("grade", "等级", "Grade", "A、B、C 或 D", 1, True),
    Column("standing", "状态", "Standing", "潜在、洽谈中、已成交或休眠", 20, True),
    Column("contact", "联系人", "Contact", "主要联系人姓名", 64, True),
    Column("position", "职位", "Position", "联系人职位", 80, True),
    Column("phone", "联系电话", "Phone", "手机或座机，请设为文本格式", 40, True),
    Column("email", "邮箱", "E-mail", "可不填", 120),
    Column("address", "地址", "Address", "可不填", 200),
    Column("source", "来源", "Source", "可不填，如：展会", 80),
    Column("needs", "需求", "Needs", "可不填", 4000),
    Column("owner", "负责人账号", "Owner", "可不填，默认为导入人；仅部门负责人和助理可填他人", 64),
)
#: What a template's second row begins with.
EXPLANATION = "填写说明"
STANDINGS: Mapping[str, str] = {
    "潜在": Standing.POTENTIAL, "潜在客户": Standing.POTENTIAL, "potential": Standing.POTENTIAL,
    "洽谈中": Standing.NEGOTIATING, "洽谈": Standing.NEGOTIATING, "negotiating": Standing.NEGOTIATING,
    "已成交": Standing.BUYING, "成交": Standing.BUYING, "buying": Standing.BUYING,
    "休眠": Standing.DORMANT, "dormant": Standing.DORMANT,
}  # fmt: skip
#: What a standing is called in a table that goes out, so that it can come in again.
STANDING_WORDS: Mapping[str, str] = {
    "potential": "潜在", "negotiating": "洽谈中", "buying": "已成交", "dormant": "休眠",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in one cell: where, under which heading, and what (a message id with its parameters)."""

    row: int
    column: str
    label: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it is meant. ``key`` is what duplicates are told by; empty where the name is none."""

    row: int
    values: Mapping[str, str]
    key: str


@dataclass(slots=True)
class Table:
    """All rows of a file, where its columns stand, and what is wrong."""

    lines: list[Line]
    problems: list[Problem]
    places: dict[str, int]

    def problem(self, line: Line, key: str, message: str, **params: Any) -> None:
        """Note something wrong at a column of a row."""
        column = next(each for each in COLUMNS if each.key == key)
        letter = letter_of(self.places[key]) if key in self.places else ""
        self.problems.append(Problem(line.row, letter, column.label, message, params))


def read_table(rows: Sequence[Row]) -> Table:
    """Give a file's rows their meaning.

    :raises Invalid: at ``file``: a heading is missing, unknown or there twice, or nothing stands below it
    """
    heading, *below = rows
    places = _places(heading)
    lines = [
        _line(row, places) for row in below if not _plain(row.cell(0)).startswith(EXPLANATION)
    ]  # fmt: skip
    if not lines:
        raise Invalid.at("file", "There are no customers below the heading.")
    if len(lines) > MOST_ROWS:
        raise too_many_rows()
    table = Table(lines, [], places)
    for line in lines:
        _check(table, line)
    return table


def _places(heading: Row) -> dict[str, int]:
    known = {_plain(label): each.key for each in COLUMNS for label in (each.label, each.label_en, each.key)}
    places: dict[str, int] = {}
    for at, text in enumerate(heading.cells):
        if not text:
            continue
        key = known.get(_plain(text))
        if key is None:
            raise Invalid.at(
                "file", "Row %(row)s, column %(column)s: there is no column called “%(label)s”. Use the template.",
                row=heading.number, column=letter_of(at), label=text[:40],
            )  # fmt: skip
        if key in places:
            raise Invalid.at(
                "file", "Row %(row)s, column %(column)s: the column “%(label)s” is there twice.", row=heading.number,
                column=letter_of(at), label=text[:40],
            )  # fmt: skip
        places[key] = at
    for each in COLUMNS:
        if each.is_required and each.key not in places:
            raise Invalid.at("file", "The column “%(label)s” is missing. Use the template.", label=each.label)
    return places


def _line(row: Row, places: Mapping[str, int]) -> Line:
    values = {each.key: row.cell(places[each.key]) if each.key in places else "" for each in COLUMNS}
    for key in ("name", "industry", "contact", "position", "phone", "email", "address", "source", "owner"):
        values[key] = " ".join(values[key].split())
    values["grade"] = _plain(values["grade"]).upper()
    values["standing"] = STANDINGS.get(_plain(values["standing"]), values["standing"])
    values["owner"] = values["owner"].lower()
    return Line(row.number, values, name_key(values["name"]))


def _check(table: Table, line: Line) -> None:
    for each in COLUMNS:
        value = line.values[each.key]
        if each.is_required and not value:
            table.problem(line, each.key, "Please fill this in.")
        elif len(value) > each.longest and each.key not in ("grade", "standing"):
            table.problem(line, each.key, "At most %(longest)s characters.", longest=each.longest)
    if line.values["name"] and not line.key:
        table.problem(line, "name", "A company’s name holds letters or digits.")
    if line.values["grade"] and line.values["grade"] not in set(Grade):
        table.problem(line, "grade", "The grade is A, B, C or D.")
    if line.values["standing"] and line.values["standing"] not in set(Standing):
        table.problem(line, "standing", "The standing is 潜在, 洽谈中, 已成交 or 休眠.")
    if line.values["phone"] and not is_phone(line.values["phone"]):
        table.problem(
            line, "phone", "Write a phone number with digits, + and -, such as 138 0013 8000 or 0571-88886666."
        )
    if line.values["email"] and ("@" not in line.values["email"] or " " in line.values["email"]):
        table.problem(line, "email", "This is not an e-mail address.")


def _plain(text: str) -> str:
    """One width and case, without blanks and without the star that marks what is required."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).strip("*")
