"""Trying a decision table: facts that somebody types, which row they lead to, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from flask_babel import gettext as _

from forms.decision_cells import editable, number_in_words, read_number
from webapp.decisions.sheets import Column, Shown
from workflows.engine.language.cells import Condition, Value
from workflows.engine.language.decisions import NoRule, Table

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Trial:
    """What was typed, what is wrong with it, and the facts it stands for; None where there is nothing to try yet."""

    typed: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which rows decide, and what they answer in words; or why nothing is answered."""

    rows: tuple[int, ...]
    answers: tuple[tuple[str, str], ...] = ()
    problem: str = ""


def trial(shown: Shown, sent: Mapping[str, str], *, is_asked: bool) -> Trial:
    """Read the facts that were typed; nothing is wrong with an empty form that nobody asked about."""
    typed = {column.name: sent.get(f"try.{column.name}", "").replace("\0", "").strip() for column in shown.inputs}
    if not is_asked:
        return Trial(typed)
    facts: dict[str, Value] = {}
    errors = {}
    for column, known in zip(shown.inputs, shown.table.inputs, strict=True):
        try:
            facts[column.name] = _fact(column, known.allowed, typed[column.name])
        except ValueError as error:
            errors[column.name] = str(error)
    return Trial(typed, errors, None if errors else facts)


def example(shown: Shown, values: tuple[Value, ...]) -> Trial:
    """Facts as if somebody had typed them."""
    return Trial({column.name: _typed(value) for column, value in zip(shown.inputs, values, strict=True)})


def outcome(shown: Shown, table: Table, facts: Mapping[str, Value]) -> Outcome:
    """Ask a table, which may be one that nobody has saved."""
    try:
        ruling = table.rule(facts)
    except NoRule:
        values = tuple(facts[column.fact] for column in table.inputs)
        rows = tuple(rule.number for rule in table.rules if rule.fits(values))
        if not rows:
            return Outcome((), problem=_("No row fits these facts."))
        return Outcome(rows, problem=_("Several rows fit these facts: %(rows)s.", rows=", ".join(map(str, rows))))
    answers = tuple(
        (column.label, shown.answer_in_words(column, ruling.answers[column.name])) for column in shown.outputs
    )
    return Outcome(ruling.rules, answers)


def _typed(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_in_words(value) if isinstance(value, Decimal) else value


def _fact(column: Column, allowed: Condition, text: str) -> Value:
    if not text:
        raise ValueError(_("Please fill this in."))
    if len(text) > _LONGEST:
        raise ValueError(_("At most %(count)s characters.", count=_LONGEST))
    value: Value = text
    if column.kind == "boolean":
        value = text == "true"
    elif column.kind != "string":
        try:
            value = read_number(text, column.units)
        except ValueError:
            raise ValueError(_("Write a number, such as 500,000.")) from None
        if column.kind == "integer" and value % 1:
            raise ValueError(_("Write a whole number."))
    if not allowed.has(value):
        raise ValueError(_("The table knows only: %(these)s.", these=editable(allowed, column.kind)))
    return value
