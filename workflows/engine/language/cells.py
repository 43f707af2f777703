"""The cells of a decision table: conditions on one input, exact and finite to reason about.

A condition lets values through: intervals of exact decimals, certain texts, booleans, or all but those. All the
conditions of a column cut its values into pieces that none of them divides (between two bounds, at a bound, one text,
all other texts). One ``representative`` of each piece stands for it, so that overlap and gap are proved by looking at
finitely many values.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import pairwise

Value = Decimal | str | bool

KINDS = frozenset({"string", "number", "integer", "boolean"})


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers between two bounds; None is no bound. A single number is the closed interval from it to itself."""

    low: Decimal | None
    high: Decimal | None
    with_low: bool = False
    with_high: bool = False

    def has(self, value: Decimal) -> bool:
        """Say whether a number lies between the bounds."""
        above = self.low is None or value > self.low or (self.with_low and value == self.low)
        below = self.high is None or value < self.high or (self.with_high and value == self.high)
        return above and below


@dataclass(frozen=True, slots=True)
class Condition:
    """What one cell lets through: any of its parts, or, ``negated``, none of them. No parts, negated: everything."""

    parts: tuple[Interval | str | bool, ...]
    negated: bool = False

    def has(self, value: Value) -> bool:
        """Say whether a value passes."""
        return any(_passes(part, value) for part in self.parts) is not self.negated

    def bounds(self) -> set[Value]:
        """Give the values at which the answer may change."""
        found: set[Value] = set()
        for part in self.parts:
            if isinstance(part, Interval):
                found |= {bound for bound in (part.low, part.high) if bound is not None}
            else:
                found.add(part)
        return found


ANYTHING = Condition((), negated=True)


def _passes(part: Interval | str | bool, value: Value) -> bool:
    if isinstance(part, Interval):
        return isinstance(value, Decimal) and part.has(value)
    return part == value


def representatives(kind: str, conditions: Iterable[Condition], domain: Condition) -> list[Value]:
    """Give one value of each piece into which the conditions cut the values that the domain lets through."""
    bounds = set().union(domain.bounds(), *(condition.bounds() for condition in conditions))
    if kind == "boolean":
        pieces: list[Value] = [False, True]
    elif kind == "string":
        texts = sorted(str(bound) for bound in bounds)
        pieces = [*texts, _other_than(texts)]
    else:
        pieces = list(_numbers(sorted(bound for bound in bounds if isinstance(bound, Decimal)), kind == "integer"))
    return [value for value in pieces if domain.has(value)]


def _other_than(texts: list[str]) -> str:
    other = "any other"
    while other in texts:
        other += " text"
    return other


def _numbers(bounds: list[Decimal], whole: bool) -> Iterable[Decimal]:
    """Give a number below all bounds, each bound, one between each two, one above; only whole ones if asked."""
    if not bounds:
        yield Decimal(0)
        return
    # Bounds have at most 30 digits; a hundred are enough to halve the distance of any two exactly.
    with localcontext(prec=100):
        yield -_next_whole(-bounds[0])
        for low, high in pairwise([*bounds, None]):
            if low is not None and not (whole and low % 1):
                yield low
            if low is not None and high is not None:
                between = _next_whole(low) if whole else (low + high) / 2
                if between < high:
                    yield between
        yield _next_whole(bounds[-1])


def _next_whole(value: Decimal) -> Decimal:
    """Give the smallest whole number above a number."""
    cut = value // 1
    return cut + 1 if cut <= value else cut


#: Without leading zeros, so that "< 1,000" is not read as "< 1, 0".
_NUMBER = r"-?(?:0|[1-9]\d{0,19})(?:\.\d{1,10})?"
_TEXT = r'"(?:[^"\\]|\\.)*"'
_LITERAL = re.compile(rf"{_NUMBER}|{_TEXT}|true|false")
_TEST = re.compile(
    rf"""\s*(?:
        (?P<open>[\[\](])\s*(?P<from>{_NUMBER})\s*\.\.\s*(?P<to>{_NUMBER})\s*(?P<close>[\])\[])
      | (?P<sign><=|>=|<|>)\s*(?P<bound>{_NUMBER})
      | (?P<value>{_NUMBER}|{_TEXT}|true|false)
    )\s*(?P<end>,|$)""",
    re.VERBOSE,
)
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)


def read_condition(text: str, kind: str) -> Condition:
    """Read unary tests: ``-``, ``"a", "b"``, ``not("a")``, ``< 10``, ``[10..20)``; raise ``ValueError``."""
    text = text.strip()
    if text in {"", "-"}:
        return ANYTHING
    negated = _NOT.fullmatch(text)
    return Condition(tuple(_parts(negated.group(1) if negated else text, kind)), negated=bool(negated))


def _parts(text: str, kind: str) -> Iterable[Interval | str | bool]:
    position, ended = 0, False
    while not ended:
        found = _TEST.match(text, position)
        if found is None:
            raise ValueError(f"{text!r} can't be read")
        yield _part(found, kind)
        position, ended = found.end(), found["end"] == ""


def _part(found: re.Match[str], kind: str) -> Interval | str | bool:
    if found["value"] is not None:
        value = read_literal(found["value"], kind)
        return Interval(value, value, True, True) if isinstance(value, Decimal) else value
    if kind not in {"number", "integer"}:
        raise ValueError(f"{found.group().strip()!r} is a range, but the column holds a {kind}")
    if found["sign"]:
        bound, closed = Decimal(found["bound"]), "=" in found["sign"]
        if found["sign"].startswith("<"):
            return Interval(None, bound, with_high=closed)
        return Interval(bound, None, with_low=closed)
    interval = Interval(Decimal(found["from"]), Decimal(found["to"]), found["open"] == "[", found["close"] == "]")
    ends_at_once = Decimal(found["from"]) == Decimal(found["to"]) and interval.with_low and interval.with_high
    if Decimal(found["from"]) >= Decimal(found["to"]) and not ends_at_once:
        raise ValueError(f"{found.group().strip()!r} holds no number")
    return interval


def read_literal(text: str, kind: str) -> Value:
    """Read one value of a kind, numbers as exact decimals; raise ``ValueError``."""
    text = text.strip()
    if not _LITERAL.fullmatch(text):
        raise ValueError(f"{text!r} is not a value")
    if text.startswith('"'):
        value: Value = re.sub(r"\\(.)", r"\1", text[1:-1])
    elif text in {"true", "false"}:
        value = text == "true"
    else:
        value = Decimal(text)
    wanted = {"string": str, "boolean": bool}.get(kind, Decimal)
    if not isinstance(value, wanted) or (kind == "integer" and isinstance(value, Decimal) and value % 1):
        raise ValueError(f"{text} is not a {kind}")
    return value
