"""Decision tables: a subset of DMN 1.3 that is computed exactly and can be proved complete.

A table has inputs (texts, exact numbers, whole numbers, booleans), outputs and rules. Hit policy UNIQUE: exactly one
rule fits; FIRST: the first that fits; COLLECT: all that fit, as lists. A table with a single input column looks like

    amount    | authority          check_table finds that 100000 fits no rule when the second row says > 100000,
    < 100000  | "director"         and that 50000 fits two when the first says < 60000 and the second >= 50000.
    >= 100000 | "general_manager"

Numbers are ``Decimal`` and never floats. Allowed input values (``inputValues``) narrow what has to be covered; a fact
outside of them is an error when the table is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any, cast

from lxml import etree

from workflows.engine.language.cells import (
    ANYTHING,
    KINDS,
    Condition,
    Value,
    read_condition,
    read_literal,
    representatives,
)
from workflows.engine.safe_xml import BadDiagram, local_name, parse_xml

HIT_POLICIES = frozenset({"UNIQUE", "FIRST", "COLLECT"})
#: A proof that takes more steps than this is given up, and the table refused as too large to be proved.
LONGEST_PROOF = 50_000
MOST_RULES = 500


class NoRule(ValueError):
    """No rule, or with UNIQUE more than one, fits the facts; or a fact is missing or of the wrong type."""


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions: the fact that it looks at, its type and the values that are allowed at all."""

    fact: str
    kind: str
    allowed: Condition


@dataclass(frozen=True, slots=True)
class Output:
    """A column of answers: its name, its type and the values that may be answered at all (``outputValues``)."""

    name: str
    kind: str
    allowed: Condition = ANYTHING


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: one condition for each input and one answer for each output. ``number`` counts from 1."""

    number: int
    conditions: tuple[Condition, ...]
    answers: tuple[Value, ...]

    def fits(self, facts: tuple[Value, ...]) -> bool:
        """Say whether all conditions let their facts through."""
        return all(condition.has(fact) for condition, fact in zip(self.conditions, facts, strict=True))


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a table says of some facts: the answers, the numbers of the rows that said so, and the facts it read."""

    answers: dict[str, Any]
    rules: tuple[int, ...]
    facts: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table."""

    id: str
    name: str
    hit_policy: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    def decide(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Give the answers for these facts; raise ``NoRule`` when there is none.

        Numbers must come as ``int`` or ``Decimal`` and are given as ``Decimal``, whole numbers as ``int``. COLLECT
        gives a list for each output, empty when no rule fits.
        """
        return self.rule(facts).answers

    def rule(self, facts: Mapping[str, Any]) -> Ruling:
        """Give the answers for these facts as ``decide`` does, and which rows they come from."""
        values = tuple(_fact(column, facts) for column in self.inputs)
        read = {column.fact: value for column, value in zip(self.inputs, values, strict=True)}
        fitting = [rule for rule in self.rules if rule.fits(values)]
        if self.hit_policy == "COLLECT":
            lists = {
                output.name: [_answer(output, rule.answers[index]) for rule in fitting]
                for index, output in enumerate(self.outputs)
            }
            return Ruling(lists, tuple(rule.number for rule in fitting), read)
        if not fitting:
            raise NoRule(f"{self.id}: no rule fits {_example(self, values)}")
        if self.hit_policy == "UNIQUE" and len(fitting) > 1:
            numbers = " and ".join(str(rule.number) for rule in fitting)
            raise NoRule(f"{self.id}: the rules {numbers} fit {_example(self, values)}")
        answers = zip(self.outputs, fitting[0].answers, strict=True)
        said = {output.name: _answer(output, value) for output, value in answers}
        return Ruling(said, (fitting[0].number,), read)


def _fact(column: Input, facts: Mapping[str, Any]) -> Value:
    value = facts.get(column.fact)
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    wanted = {"string": str, "boolean": bool}.get(column.kind, Decimal)
    if not isinstance(value, wanted) or (isinstance(value, Decimal) and not value.is_finite()):
        raise NoRule(f"The fact {column.fact!r} is missing or not a {column.kind}")
    if column.kind == "integer" and isinstance(value, Decimal) and value != value.to_integral_value():
        raise NoRule(f"The fact {column.fact!r} is not a whole number")
    known = cast(Value, value)
    if not column.allowed.has(known):
        raise NoRule(f"The fact {column.fact!r} has a value that the table does not allow")
    return known


def _answer(output: Output, value: Value) -> Any:
    return int(value) if output.kind == "integer" else value


def _example(table: Table, values: tuple[Value, ...]) -> str:
    written = {True: "true", False: "false"}
    return ", ".join(
        f"{column.fact} = {written[value] if isinstance(value, bool) else value}"
        for column, value in zip(table.inputs, values, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """Two rows of a UNIQUE table that fit the same facts, or facts that no row fits (``rows`` is empty then)."""

    rows: tuple[int, ...]
    example: tuple[Value, ...]


def check_table(table: Table) -> None:
    """Prove that a UNIQUE table neither overlaps nor leaves a gap, and a FIRST table no gap; raise ``BadDiagram``.

    The reason names the rows and an example of the facts.
    """
    for rule in table.rules:
        for output, value in zip(table.outputs, rule.answers, strict=True):
            if not output.allowed.has(value):
                raise BadDiagram(table.id, f"Row {rule.number} answers {value!r}, which {output.name} does not allow")
    fault = find_fault(table)
    if fault is not None and fault.rows:
        rows = " and ".join(map(str, fault.rows))
        raise BadDiagram(table.id, f"The rows {rows} overlap: {_example(table, fault.example)}")
    if fault is not None:
        raise BadDiagram(table.id, f"No row fits {_example(table, fault.example)}")


def find_fault(table: Table) -> Fault | None:
    """Find the first overlap (UNIQUE) or gap (UNIQUE and FIRST); raise ``BadDiagram`` where the proof is too long."""
    columns = [
        representatives(column.kind, (rule.conditions[index] for rule in table.rules), column.allowed)
        for index, column in enumerate(table.inputs)
    ]
    if table.hit_policy == "UNIQUE":
        for one, other in combinations(table.rules, 2):
            example = _common(columns, one, other)
            if example is not None:
                return Fault((one.number, other.number), example)
    if table.hit_policy != "COLLECT":
        gap = _Proof(table.id, columns).gap(table.rules)
        if gap is not None:
            return Fault((), gap)
    return None


def _common(columns: list[list[Value]], one: Rule, other: Rule) -> tuple[Value, ...] | None:
    example = []
    for index, column in enumerate(columns):
        shared = (value for value in column if one.conditions[index].has(value) and other.conditions[index].has(value))
        value = next(shared, None)
        if value is None:
            return None
        example.append(value)
    return tuple(example)


class _Proof:
    """Goes through the columns, keeping the rules that still fit, and remembers which sets of rules leave no gap."""

    def __init__(self, table_id: str, columns: list[list[Value]]) -> None:
        self.table_id = table_id
        self.columns = columns
        self.covered: set[tuple[int, frozenset[int]]] = set()
        self.steps = 0

    def gap(self, rules: tuple[Rule, ...], index: int = 0) -> tuple[Value, ...] | None:
        """Give facts for the columns from ``index`` on that none of the rules fits, None when there are none."""
        if index == len(self.columns):
            return None if rules else ()
        key = (index, frozenset(rule.number for rule in rules))
        if key in self.covered:
            return None
        for value in self.columns[index]:
            self.steps += 1
            if self.steps > LONGEST_PROOF:
                raise BadDiagram(self.table_id, "The table is too large to be proved complete: split it")
            fitting = tuple(rule for rule in rules if rule.conditions[index].has(value))
            rest = self.gap(fitting, index + 1)
            if rest is not None:
                return (value, *rest)
        self.covered.add(key)
        return None


def read_table(text: str, name: str) -> Table:
    """Read the one decision table of a DMN file; raise ``BadDiagram`` when it is not in the subset.

    ``name`` is the file's: the table's id and ``.dmn``.
    """
    root = parse_xml(text, name)
    if local_name(root) != "definitions" or "DMN" not in str(etree.QName(root).namespace):
        raise BadDiagram(name, "The file is not a DMN decision table")
    decisions = [node for node in root if local_name(node) == "decision"]
    tables = [table for decision in decisions for table in _of(decision, "decisionTable")]
    if len(decisions) != 1 or len(tables) != 1:
        raise BadDiagram(name, "A file holds one decision with one table")
    decision, node = decisions[0], tables[0]
    table_id = decision.get("id", "")
    if f"{table_id}.dmn" != name:
        raise BadDiagram(table_id or name, f"The decision in {name} must have the id {name.removesuffix('.dmn')!r}")
    policy = " ".join(filter(None, (node.get("hitPolicy", "UNIQUE"), node.get("aggregation"))))
    if policy not in HIT_POLICIES:
        raise BadDiagram(table_id, f"The hit policy {policy} is not supported")
    inputs = tuple(_input(each, table_id) for each in _of(node, "input"))
    outputs = tuple(_output(each, table_id) for each in _of(node, "output"))
    names = [each.fact for each in inputs] + [each.name for each in outputs]
    if not inputs or not outputs or not all(name.isidentifier() for name in names) or len(set(names)) < len(names):
        raise BadDiagram(table_id, "A table needs inputs and outputs, each with a name of its own that is one word")
    rules = tuple(
        _rule(number, each, inputs, outputs, table_id) for number, each in enumerate(_of(node, "rule"), start=1)
    )
    if not 0 < len(rules) <= MOST_RULES:
        raise BadDiagram(table_id, f"A table has between 1 and {MOST_RULES} rows, this one {len(rules)}")
    return Table(table_id, decision.get("name", table_id), policy, inputs, outputs, rules)


def _of(node: etree._Element, tag: str) -> list[etree._Element]:
    return [child for child in node if isinstance(child.tag, str) and local_name(child) == tag]


def _kind(node: etree._Element, table_id: str) -> str:
    kind = {"long": "integer"}.get(node.get("typeRef", ""), node.get("typeRef", ""))
    if kind not in KINDS:
        raise BadDiagram(table_id, f"The type {kind!r} is not supported: use {', '.join(sorted(KINDS))}")
    return kind


def _text(nodes: list[etree._Element]) -> str:
    return "".join((text.text or "").strip() for node in nodes for text in _of(node, "text"))


def _input(node: etree._Element, table_id: str) -> Input:
    expressions = _of(node, "inputExpression")
    if len(expressions) != 1:
        raise BadDiagram(table_id, "An input has one expression, the name of a fact")
    kind = _kind(expressions[0], table_id)
    return Input(_text([expressions[0]]), kind, _allowed(node, "inputValues", kind, table_id))


def _output(node: etree._Element, table_id: str) -> Output:
    kind = _kind(node, table_id)
    return Output(node.get("name", ""), kind, _allowed(node, "outputValues", kind, table_id))


def _allowed(node: etree._Element, tag: str, kind: str, table_id: str) -> Condition:
    try:
        return read_condition(_text(_of(node, tag)), kind)
    except ValueError as error:
        raise BadDiagram(table_id, f"Allowed values: {error}") from None


def _rule(
    number: int, node: etree._Element, inputs: tuple[Input, ...], outputs: tuple[Output, ...], table_id: str
) -> Rule:
    conditions, answers = _of(node, "inputEntry"), _of(node, "outputEntry")
    if len(conditions) != len(inputs) or len(answers) != len(outputs):
        raise BadDiagram(table_id, f"Row {number} does not have a cell for each column")
    try:
        return Rule(
            number,
            tuple(read_condition(_text([cell]), column.kind) for cell, column in zip(conditions, inputs, strict=True)),
            tuple(read_literal(_text([cell]), column.kind) for cell, column in zip(answers, outputs, strict=True)),
        )
    except ValueError as error:
        raise BadDiagram(table_id, f"Row {number}: {error}") from None
