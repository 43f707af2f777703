"""The rows of a decision table while somebody changes them: as typed, as read, and what is wrong with them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from flask_babel import gettext as _

from forms.decision_cells import condition_text, editable, literal_text, number_in_words, read_number, read_words
from webapp.decisions.sheets import Column, Shown
from webapp.errors import told
from workflows.engine.language.cells import Condition, Interval, read_condition, read_literal
from workflows.engine.language.decisions import MOST_RULES, Fault
from workflows.engine.language.sheets import Label, Row
from workflows.engine.tables import LONGEST_CELL, LONGEST_REASON
from workflows.kernel.errors import Invalid

#: What a file of XML can't hold.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NUMBERS = frozenset({"number", "integer"})
REMARKS = (":remark", ":remark_en")


@dataclass(slots=True)
class Draft:
    """A table in a form. A cell's name is that of its column, beside the two of ``REMARKS``."""

    shown: Shown
    #: The version that the person has seen.
    version: int
    rows: list[dict[str, str]]
    reason: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)
    fault: Fault | None = None
    #: The limit to be replaced (``0|500000``: the column and the number), and the new one.
    limit: str = ""
    new_limit: str = ""

    def errors_at(self, number: int, name: str) -> list[str]:
        """What is wrong with a cell; rows count from 1."""
        return self.errors.get(f"row_{number}.{name}", [])

    def show(self, refusal: Invalid) -> None:
        """Keep the messages of a refusal at their cells."""
        for name, messages in refusal.fields.items():
            self.errors.setdefault(name, []).extend(told(*each) for each in messages)

    def read(self) -> tuple[Row, ...]:
        """Give the rows in the tables' notation; raise ``Invalid`` at every cell that can't be read."""
        wrong: dict[str, list[tuple[str, dict[str, object]]]] = {}
        stored = _stored(self.shown)
        rows = []
        for number, typed in enumerate(self.rows, 1):
            conditions, answers = [], []
            for index, column in enumerate(self.shown.inputs):
                try:
                    condition = read_words(_short(typed[column.name]), column.kind, column.units)
                    conditions.append(stored.get((index, condition)) or condition_text(condition))
                except ValueError:
                    wrong[f"row_{number}.{column.name}"] = [(_unread(column.kind), {})]
            for column in self.shown.outputs:
                try:
                    answers.append(_answer(column, _short(typed[column.name])))
                except ValueError:
                    message = "Choose one of the answers that the table knows."
                    wrong[f"row_{number}.{column.name}"] = [(message, {})]
            for name in REMARKS:
                if len(typed[name]) > LONGEST_CELL:
                    wrong[f"row_{number}.{name}"] = [("At most %(count)s characters.", {"count": LONGEST_CELL})]
            zh, en = (typed[name] for name in REMARKS)
            rows.append(Row(tuple(conditions), tuple(answers), Label(zh or en, en if zh else "")))
        if wrong:
            raise Invalid(wrong)
        return tuple(rows)

    def add(self, after: int | None = None) -> None:
        """Add a copy of a row below it, or an empty row at the end."""
        if len(self.rows) >= MOST_RULES:
            self.errors["rows"] = [_("A table has between 1 and %(most)s rows.", most=MOST_RULES)]
        elif after is None:
            self.rows.append(dict.fromkeys(_names(self.shown), ""))
        elif 0 < after <= len(self.rows):
            self.rows.insert(after, dict(self.rows[after - 1]))

    def remove(self, number: int) -> None:
        """Take a row out."""
        if 0 < number <= len(self.rows):
            del self.rows[number - 1]

    def limits(self) -> list[tuple[str, str]]:
        """The numbers that stand in the rows, column by column, for one of them to be replaced."""
        found = []
        for index, column in enumerate(self.shown.inputs):
            bounds = {
                bound
                for condition in self._conditions(index).values()
                for bound in condition.bounds()
                if column.kind in _NUMBERS and isinstance(bound, Decimal)
            }
            found += [
                (f"{index}|{bound:f}", f"{column.label}{_(': ')}{number_in_words(bound, column.unit)}")
                for bound in sorted(bounds)
            ]
        return found

    def replace(self) -> int:
        """Put the new limit wherever the old one stands in its column, and say in how many cells it stood."""
        if self.limit not in dict(self.limits()):
            self.errors["limit"] = [_("Choose a limit.")]
            return 0
        place, _sign, written = self.limit.partition("|")
        column, old = self.shown.inputs[int(place)], Decimal(written)
        try:
            new = read_number(_short(self.new_limit), column.units)
            if column.kind == "integer" and new % 1:
                raise ValueError(self.new_limit)
        except ValueError:
            self.errors["new_limit"] = [
                _("Write a whole number.") if column.kind == "integer" else _("Write a number, such as 500,000.")
            ]
            return 0
        changed = {}
        for number, condition in self._conditions(int(place)).items():
            if old in condition.bounds():
                replaced = _with_bound(condition, old, new)
                if replaced is None:
                    message = "Row %(row)s would let nothing through: choose a limit between its neighbours."
                    self.errors["new_limit"] = [_(message, row=number)]
                    return 0
                changed[number] = editable(replaced, column.kind)
        for number, text in changed.items():
            self.rows[number - 1][column.name] = text
        self.limit = self.new_limit = ""
        return len(changed)

    def _conditions(self, index: int) -> dict[int, Condition]:
        """The conditions of a column by the number of their row, without those that can't be read."""
        column, found = self.shown.inputs[index], {}
        for number, row in enumerate(self.rows, 1):
            try:
                found[number] = read_words(_short(row[column.name]), column.kind, column.units)
            except ValueError:
                continue
        return found


def draft_of(shown: Shown) -> Draft:
    """A form that holds a version as it is."""
    return Draft(shown, shown.version, [_typed(shown, row) for row in shown.rows])


def draft_sent(shown: Shown, sent: Mapping[str, str]) -> Draft:
    """A form as somebody sent it."""
    count = _whole(sent.get("rows", ""))
    names = _names(shown)
    rows = [
        {name: _clean(sent.get(f"row_{number}.{name}", "")) for name in names}
        for number in range(1, min(count, MOST_RULES) + 1)
    ]
    return Draft(
        shown,
        _whole(sent.get("version", "")),
        rows,
        reason=_clean(sent.get("reason", ""))[: LONGEST_REASON + 1],
        limit=sent.get("limit", ""),
        new_limit=_clean(sent.get("new_limit", ""))[:LONGEST_CELL],
    )


def _names(shown: Shown) -> list[str]:
    return [column.name for column in (*shown.inputs, *shown.outputs)] + list(REMARKS)


def _typed(shown: Shown, row: Row) -> dict[str, str]:
    typed = {}
    for column, cell in zip(shown.inputs, row.conditions, strict=True):
        condition = read_condition(cell, column.kind)
        if column.kind == "boolean":
            typed[column.name] = _truth(condition)
        else:
            typed[column.name] = editable(condition, column.kind)
    for column, cell in zip(shown.outputs, row.answers, strict=True):
        value = read_literal(cell, column.kind)
        typed[column.name] = value if isinstance(value, str) else literal_text(value)
    return typed | {":remark": row.remark.zh, ":remark_en": row.remark.en}


def _truth(condition: Condition) -> str:
    if condition.has(True) == condition.has(False):
        return "-"
    return "true" if condition.has(True) else "false"


def _stored(shown: Shown) -> dict[tuple[int, Condition], str]:
    """How the stored rows write their conditions, so that what is meant alike is not another version."""
    return {
        (index, read_condition(cell, column.kind)): cell
        for row in shown.rows
        for index, (column, cell) in enumerate(zip(shown.inputs, row.conditions, strict=True))
    }


def _answer(column: Column, text: str) -> str:
    if column.kind == "string":
        if column.options and text not in dict(column.options):
            raise ValueError(text)
        return literal_text(text)
    if column.kind == "boolean":
        return literal_text(read_literal(text, "boolean"))
    return literal_text(read_number(text, column.units))


def _unread(kind: str) -> str:
    if kind in _NUMBERS:
        return "This condition can't be read. Write for example: up to 500,000; above 60 up to 180; any."
    return "This condition can't be read."


def _with_bound(condition: Condition, old: Decimal, new: Decimal) -> Condition | None:
    """The condition with another bound; None where a range would hold no number."""
    parts: list[Interval | str | bool] = []
    for part in condition.parts:
        if not isinstance(part, Interval):
            parts.append(part)
            continue
        low, high = (new if bound == old else bound for bound in (part.low, part.high))
        is_one = low == high and part.with_low and part.with_high
        if low is not None and high is not None and low >= high and not is_one:
            return None
        parts.append(Interval(low, high, part.with_low, part.with_high))
    return Condition(tuple(parts), condition.negated)


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("", text).strip()


def _short(text: str) -> str:
    if len(text) > LONGEST_CELL:
        raise ValueError(text[:LONGEST_CELL])
    return text


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 (what a column holds)
