"""A decision table in the language of the page: what its columns are called, and its cells and answers in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _

from forms.decision_cells import condition_in_words, value_in_words
from webapp.i18n import current_language
from workflows.engine.language.cells import Condition, Value, read_condition, read_literal
from workflows.engine.language.decisions import Table, read_table
from workflows.engine.language.sheets import Heading, Row, Sheet, read_sheet
from workflows.engine.tables import DecisionVersion

#: A unit stands in parentheses at the end of a label: 合同金额(元).
_UNIT = re.compile(r"^(.*?)\s*[(（]([^()（）]{1,12})[)）]$")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the fact or output, its type, and how it is written in the language of the page."""

    name: str
    kind: str
    label: str
    unit: str
    #: In every language, since people may type either.
    units: tuple[str, ...]
    #: The only answers that may be given, with what they are called; empty where any may be.
    options: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """The label with its unit."""
        return _("%(label)s (%(unit)s)", label=self.label, unit=self.unit) if self.unit else self.label


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of a table, read for a page."""

    process_key: str
    id: str
    version: int
    label: str
    text: str
    sheet: Sheet
    table: Table
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows in the tables' own notation."""
        return self.sheet.rows

    def condition(self, index: int, text: str) -> str:
        """What a condition says in words; what can't be read is shown as it stands."""
        column = self.inputs[index]
        try:
            return condition_in_words(read_condition(text, column.kind), column.unit)
        except ValueError:
            return text

    def answer(self, index: int, text: str) -> str:
        """What an answer is called."""
        column = self.outputs[index]
        try:
            return self.answer_in_words(column, read_literal(text, column.kind))
        except ValueError:
            return text

    def answer_in_words(self, column: Column, value: Any) -> str:
        """What an answer that the table gave is called; of a table that collects, all of them."""
        if isinstance(value, list):
            return str(_(", ")).join(self.answer_in_words(column, each) for each in value) or "—"
        return dict(column.options).get(str(value)) or value_in_words(_exact(value), column.unit)

    def facts_in_words(self, values: tuple[Value, ...]) -> str:
        """Facts in one line: amount 500,000 yuan, below floor price: no."""
        return str(_(", ")).join(
            f"{column.label}{_(': ')}{value_in_words(value, column.unit)}"
            for column, value in zip(self.inputs, values, strict=True)
        )


def shown(version: DecisionVersion) -> Shown:
    """Read a version for a page."""
    return shown_text(version.process_key, version.decision_id, version.version, version.text)


def shown_text(process_key: str, decision_id: str, version: int, text: str) -> Shown:
    """Read a table's text for a page."""
    sheet, table = _read(text, f"{decision_id}.dmn")
    inputs = tuple(
        _column(heading, column.kind, column.allowed)
        for heading, column in zip(sheet.inputs, table.inputs, strict=True)
    )
    outputs = tuple(
        _column(heading, output.kind, output.allowed)
        for heading, output in zip(sheet.outputs, table.outputs, strict=True)
    )
    label = sheet.label.of(current_language()) or decision_id
    return Shown(process_key, decision_id, version, label, text, sheet, table, inputs, outputs)


def decided_in_words(text: str, decision_id: str, facts: Mapping[str, Any], answers: Mapping[str, Any]) -> str:
    """What a case's history keeps of a decision, in one line: the facts, and what followed from them."""
    table = shown_text("", decision_id, 0, text)
    told = [
        f"{column.label}{_(': ')}{_fact(column, str(facts[column.name]))}"
        for column in table.inputs
        if column.name in facts
    ]
    given = [table.answer_in_words(column, answers[column.name]) for column in table.outputs if column.name in answers]
    return f"{str(_(', ')).join(told)} → {str(_(', ')).join(given)}"


@lru_cache(maxsize=64)
def _read(text: str, name: str) -> tuple[Sheet, Table]:
    return read_sheet(text, name), read_table(text, name)


def _fact(column: Column, text: str) -> str:
    """A fact as the history keeps it, in words."""
    if column.kind == "boolean":
        return value_in_words(text.lower() == "true")
    try:
        return text if column.kind == "string" else value_in_words(read_literal(text, "number"), column.unit)
    except ValueError:
        return text


def _exact(value: Any) -> Value:
    """Whole answers come as ``int``, and truths are integers in Python, too."""
    if isinstance(value, int) and not isinstance(value, bool):
        return read_literal(str(value), "integer")
    known: Value = value
    return known


def _column(heading: Heading, kind: str, allowed: Condition) -> Column:
    language = current_language()
    label, unit = _split(heading.label.of(language))
    units = tuple(dict.fromkeys(_split(each)[1] for each in (heading.label.zh, heading.label.en)))
    named = {value: said.of(language) or value for value, said in heading.values.items()}
    only = [str(part) for part in allowed.parts] if kind == "string" and not allowed.negated else []
    return Column(heading.name, kind, label, unit, units, tuple((value, named.get(value, value)) for value in only))


def _split(label: str) -> tuple[str, str]:
    found = _UNIT.fullmatch(label)
    return (found[1], found[2]) if found else (label, "")
