"""A decision table as people read and write it: labels, cells and remarks as texts, beside the DMN that holds them.

Beyond DMN's own ``label`` and ``annotationEntry`` a table may say, in the namespace of our diagrams, the English of its
labels (``nameEn``, ``labelEn``, ``textEn``) and what the values of an output are called, as ``values="a=One; b=Two"``
and ``valuesEn``. None of it changes what the table decides. ``rewritten`` puts other rows into a table and leaves the
rest of the file as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from workflows.engine.bpmn.reader import SALESFLOW
from workflows.engine.safe_xml import BadDiagram, local_name, parse_xml


@dataclass(frozen=True, slots=True)
class Label:
    """A name in two languages; where one is missing the other stands in."""

    zh: str
    en: str

    def of(self, locale: str) -> str:
        """Give it in one language."""
        return (self.en or self.zh) if locale.lower().startswith("en") else (self.zh or self.en)


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a column: the fact or output, its label, and what its values are called."""

    name: str
    kind: str
    label: Label
    values: Mapping[str, Label] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One rule in writing: a condition for each input, an answer for each output, and a remark."""

    conditions: tuple[str, ...]
    answers: tuple[str, ...]
    remark: Label = Label("", "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A decision table in writing."""

    id: str
    label: Label
    hit_policy: str
    inputs: tuple[Heading, ...]
    outputs: tuple[Heading, ...]
    rows: tuple[Row, ...]


def read_sheet(text: str, name: str) -> Sheet:
    """Read the labels and cells of a DMN file that ``read_table`` has accepted."""
    decision, table = _table(parse_xml(text, name), name)
    return Sheet(
        id=decision.get("id", ""),
        label=Label(decision.get("name", ""), _own(decision, "nameEn")),
        hit_policy=table.get("hitPolicy", "UNIQUE"),
        inputs=tuple(_input(each) for each in _of(table, "input")),
        outputs=tuple(_output(each) for each in _of(table, "output")),
        rows=tuple(_row(each) for each in _of(table, "rule")),
    )


def rewritten(text: str, name: str, rows: Sequence[Row]) -> str:
    """Give the DMN file with these rows in place of its own."""
    root = parse_xml(text, name)
    _, table = _table(root, name)
    space = etree.QName(table).namespace
    for rule in _of(table, "rule"):
        table.remove(rule)
    for number, row in enumerate(rows, start=1):
        rule = etree.SubElement(table, f"{{{space}}}rule", id=f"row_{number}")
        for tag, cells in (("inputEntry", row.conditions), ("outputEntry", row.answers)):
            for cell in cells:
                _written(rule, f"{{{space}}}{tag}", f"{{{space}}}text", cell)
        if row.remark.of("zh"):
            entry = _written(rule, f"{{{space}}}annotationEntry", f"{{{space}}}text", row.remark.of("zh"))
            if row.remark.en:
                entry.set(f"{{{SALESFLOW}}}textEn", row.remark.en)
    etree.indent(root)
    return etree.tostring(root, encoding="unicode")


def _written(rule: etree._Element, tag: str, inner: str, text: str) -> etree._Element:
    entry = etree.SubElement(rule, tag)
    etree.SubElement(entry, inner).text = text
    return entry


def _table(root: etree._Element, name: str) -> tuple[etree._Element, etree._Element]:
    for decision in _of(root, "decision"):
        for table in _of(decision, "decisionTable"):
            return decision, table
    raise BadDiagram(name, "A file holds one decision with one table")


def _input(node: etree._Element) -> Heading:
    [expression] = _of(node, "inputExpression")
    name = _text(expression)
    return Heading(name, expression.get("typeRef", ""), Label(node.get("label") or name, _own(node, "labelEn")))


def _output(node: etree._Element) -> Heading:
    name = node.get("name", "")
    zh, en = _pairs(_own(node, "values")), _pairs(_own(node, "valuesEn"))
    return Heading(
        name,
        node.get("typeRef", ""),
        Label(node.get("label") or name, _own(node, "labelEn")),
        {value: Label(zh.get(value, ""), en.get(value, "")) for value in {**zh, **en}},
    )


def _pairs(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split(";") if "=" in pair)
    return {value.strip(): said.strip() for value, _, said in pairs}


def _row(node: etree._Element) -> Row:
    remarks = _of(node, "annotationEntry")
    return Row(
        tuple(_text(each) or "-" for each in _of(node, "inputEntry")),
        tuple(_text(each) for each in _of(node, "outputEntry")),
        Label(_text(remarks[0]), _own(remarks[0], "textEn")) if remarks else Label("", ""),
    )


def _of(node: etree._Element, tag: str) -> list[etree._Element]:
    return [child for child in node if isinstance(child.tag, str) and local_name(child) == tag]


def _text(node: etree._Element) -> str:
    return "".join((text.text or "").strip() for text in _of(node, "text"))


def _own(node: etree._Element, attribute: str) -> str:
    return node.get(f"{{{SALESFLOW}}}{attribute}") or ""
