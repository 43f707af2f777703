"""The texts of timer events: ISO 8601 literals, or an expression of the sandbox that gives one.

A date is ``2026-12-01``, an instant ``2026-12-01T09:00:00+08:00``, ``workdays(2)`` the instant two working days from
now; a duration ``P2D`` or ``PT36H``; a cycle ``R3/P1D``: three times, a day apart.
"""

import datetime as dt
import re

from workflows.engine.bpmn.elements import Timer
from workflows.engine.language.expressions import BadExpression, Expression, compile_expression

#: More repetitions than this are a loop in the diagram and not a reminder.
MOST_CYCLES = 100

_DURATION = re.compile(
    r"P(?=.)(?:\d{1,4}W|(?:\d{1,2}Y)?(?:\d{1,3}M)?(?:\d{1,4}D)?(?:T(?=\d)(?:\d{1,4}H)?(?:\d{1,5}M)?(?:\d{1,6}S)?)?)"
)
_CYCLE = re.compile(r"R(\d{1,4})/(.*)", re.DOTALL)
_LITERAL = re.compile(r"R?\d*/?P[\dT]|\d{4}-\d\d-\d\d")


def read_timer(timer: Timer) -> Expression | None:
    """Check a timer's text; give its expression, None for a literal. Raises ``BadExpression``."""
    if _LITERAL.match(timer.text):
        _check_literal(timer.kind, timer.text)
        return None
    if timer.kind == "cycle":
        raise BadExpression(f"A cycle is written as R3/P1D, not {timer.text[:40]!r}")
    expression = compile_expression(timer.text)
    if isinstance(expression.constant, str):
        _check_literal(timer.kind, expression.constant)
    elif expression.constant is not ...:
        raise BadExpression(f"{timer.text[:40]!r} is not a {timer.kind}")
    if timer.kind != "date" and "workdays" in expression.functions:
        raise BadExpression("workdays gives an instant: write it as a timeDate")
    return expression


def _check_literal(kind: str, text: str) -> None:
    if kind == "cycle":
        cycle = _CYCLE.fullmatch(text)
        if not (cycle and 0 < int(cycle[1]) <= MOST_CYCLES and _is_duration(cycle[2])):
            raise BadExpression(f"{text[:40]!r} is not a cycle of 1 to {MOST_CYCLES} times, as R3/P1D")
    elif not (_is_duration(text) if kind == "duration" else _is_instant(text)):
        raise BadExpression(f"{text[:40]!r} is not an ISO 8601 {kind}")


def _is_duration(text: str) -> bool:
    return bool(_DURATION.fullmatch(text)) and any(digit in "123456789" for digit in text)


def _is_instant(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
