"""The cells of decision tables in people's words, written and read: ``(60..180]`` is "above 60 up to 180".

What a page shows can be typed back in, in Chinese and in English, beside the tables' own notation (``<= 500000``).
Numbers may have thousands separators, a unit, and 万 or 亿 behind them. Nothing is guessed: what is not understood
raises ``ValueError`` and stays in the form as it was typed.
"""

import re
import unicodedata
from decimal import Decimal

from flask_babel import gettext as _

from workflows.engine.language.cells import ANYTHING, Condition, Interval, Value, read_condition, read_literal

_SIZES = {"万": 10_000, "亿": 100_000_000}
_NUMBER = r"-?\d+(?:\.\d+)?"
_ABOVE = r"(?:超过|高于|大于|多于|more than|above|over|>)"
_UP_TO = r"(?:不超过|不高于|不大于|不多于|至多|最多|no more than|at most|up to|<=|≤)"
_BELOW = r"(?:低于|小于|少于|不到|不满|不足|less than|below|under|<)"
_FROM = r"(?:不低于|不小于|不少于|至少|at least|from|>=|≥)"
#: Words for one bound -> the sign for it. Longer words stand before the shorter ones that they hold. In the law's own
#: usage 以上, 以下 and 以内 include the number.
_ONE_BOUND = (
    (re.compile(rf"{_UP_TO}\s*({_NUMBER})"), "<="),
    (re.compile(rf"{_FROM}\s*({_NUMBER})"), ">="),
    (re.compile(rf"{_ABOVE}\s*({_NUMBER})"), ">"),
    (re.compile(rf"{_BELOW}\s*({_NUMBER})"), "<"),
    (re.compile(rf"({_NUMBER})\s*(?:及以上|或以上|以上|or more)"), ">="),
    (re.compile(rf"({_NUMBER})\s*(?:及以下|或以下|以下|以内|or less)"), "<="),
)
_TWO_BOUNDS = re.compile(
    rf"(?P<low_sign>{_ABOVE}|{_FROM})?\s*(?P<low>{_NUMBER})\s*(?:,\s*)?"
    rf"(?P<join>至不到|至不满|到不满|到不到|to below|to under|up to|to|不超过|至|到|~|—|–)\s*(?P<high>{_NUMBER})"
)
_NOT = re.compile(r"(?:除\s*(?P<zh>.+?)\s*(?:以外|之外|外)|except\s+(?P<en>.+))", re.DOTALL)
_ANY = frozenset({"", "-", "不限", "任意", "任何", "any"})
_YES = frozenset({"true", "yes", "是"})
_NO = frozenset({"false", "no", "否"})
_OR = re.compile(r"\s*(?:或者|或|、|\bor\b)\s*")


def number_in_words(value: Decimal, unit: str = "") -> str:
    """Write a number as people do: with thousands separators, without zeros at its end, with its unit."""
    text = f"{value:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    if not unit:
        return text
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}"


def value_in_words(value: Value, unit: str = "") -> str:
    """Write one value of any kind."""
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    return number_in_words(value, unit) if isinstance(value, Decimal) else value


def condition_in_words(condition: Condition, unit: str = "") -> str:
    """Write what a cell lets through."""
    if condition == ANYTHING:
        return str(_("any"))
    words = str(_(" or ")).join(_part(part, unit) for part in condition.parts)
    return str(_("except %(these)s", these=words)) if condition.negated else words


def _part(part: Interval | str | bool, unit: str) -> str:
    if not isinstance(part, Interval):
        return value_in_words(part)
    low = None if part.low is None else number_in_words(part.low, unit)
    high = None if part.high is None else number_in_words(part.high, unit)
    if low is None:
        return str(_("up to %(high)s", high=high) if part.with_high else _("below %(high)s", high=high))
    if high is None:
        return str(_("at least %(low)s", low=low) if part.with_low else _("above %(low)s", low=low))
    return low if part.low == part.high else _range(part, low, high)


def _range(part: Interval, low: str, high: str) -> str:
    between = {
        (True, True): _("%(low)s to %(high)s", low=low, high=high),
        (True, False): _("%(low)s to below %(high)s", low=low, high=high),
        (False, True): _("above %(low)s up to %(high)s", low=low, high=high),
        (False, False): _("above %(low)s to below %(high)s", low=low, high=high),
    }
    return str(between[part.with_low, part.with_high])


def editable(condition: Condition, kind: str) -> str:
    """Write a condition for an input: in words where these are read as the same again, else in the notation."""
    words = condition_in_words(condition)
    try:
        return words if read_words(words, kind) == condition else condition_text(condition)
    except ValueError:
        return condition_text(condition)


def condition_text(condition: Condition) -> str:
    """Write a condition in the tables' notation."""
    if condition == ANYTHING:
        return "-"
    text = ", ".join(_part_text(part) for part in condition.parts)
    return f"not({text})" if condition.negated else text


def _part_text(part: Interval | str | bool) -> str:
    if not isinstance(part, Interval):
        return literal_text(part)
    if part.low is None and part.high is not None:
        return f"{'<=' if part.with_high else '<'} {part.high:f}"
    if part.high is None and part.low is not None:
        return f"{'>=' if part.with_low else '>'} {part.low:f}"
    if part.low == part.high and part.low is not None:
        return f"{part.low:f}"
    return f"{'[' if part.with_low else '('}{part.low:f}..{part.high:f}{']' if part.with_high else ')'}"


def literal_text(value: Value) -> str:
    """Write one value in the tables' notation."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def read_words(text: str, kind: str, units: tuple[str, ...] = ()) -> Condition:
    """Read a condition that somebody typed, in words or in the tables' notation; raise ``ValueError``."""
    text = text.strip()
    if text.lower() in _ANY:
        return ANYTHING
    if kind == "string":
        return _texts(text)
    if kind == "boolean":
        return _truths(text)
    plain = _plain(text, units)
    try:
        return read_condition(plain, kind)
    except ValueError:
        pass
    negated = _NOT.fullmatch(plain)
    inner = (negated["zh"] or negated["en"]) if negated else plain
    written = ", ".join(_notation(part) for part in _OR.split(inner))
    return read_condition(f"not({written})" if negated else written, kind)


def read_number(text: str, units: tuple[str, ...] = ()) -> Decimal:
    """Read one number that somebody typed; raise ``ValueError``."""
    value = read_literal(_plain(text, units), "number")
    if not isinstance(value, Decimal):
        raise ValueError(text)
    return value


def _texts(text: str) -> Condition:
    """Texts stand bare, with 、 or "or" between several; the tables' own notation has them in quotation marks."""
    if text.startswith(('"', "not(")):
        return read_condition(text, "string")
    negated = _NOT.fullmatch(text)
    inner = (negated["zh"] or negated["en"]) if negated else text
    parts = tuple(dict.fromkeys(part.strip() for part in _OR.split(inner)))
    if not all(parts):
        raise ValueError(text)
    return Condition(parts, negated=negated is not None)


def _truths(text: str) -> Condition:
    word = text.lower()
    if word in _YES or word in _NO:
        return Condition((word in _YES,))
    return read_condition(text, "boolean")


def _plain(text: str, units: tuple[str, ...]) -> str:
    """Take out full-width signs, thousands separators, units and 万; raise ``ValueError`` at any other comma."""
    # A text's width may be folded, what it says may not: only digits and signs matter here.
    text = unicodedata.normalize("NFKC", text).lower().strip()
    text = re.sub(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?![\d,])", lambda found: found[1].replace(",", ""), text)
    if re.search(r"\d,\d", text):
        raise ValueError(text)
    for unit in sorted(filter(None, units), key=len, reverse=True):
        folded = re.escape(unicodedata.normalize("NFKC", unit).lower())
        text = re.sub(rf"(?<=[\d万亿])\s*{folded}", "", text)
    text = re.sub(rf"({_NUMBER})\s*([万亿])", lambda found: _whole_size(found[1], found[2]), text)
    return re.sub(r"\s+", " ", text).strip()


def _whole_size(number: str, size: str) -> str:
    product = f"{Decimal(number) * _SIZES[size]:f}"
    return product.rstrip("0").rstrip(".") if "." in product else product


def _notation(part: str) -> str:
    """One range in words, in the tables' notation; what is in that notation already is given back."""
    part = part.strip()
    if not part:
        raise ValueError("Nothing stands between two words")
    both = _TWO_BOUNDS.fullmatch(part)
    if both is not None:
        is_open = both["low_sign"] is not None and re.fullmatch(_ABOVE, both["low_sign"]) is not None
        is_below = both["join"].endswith(("不到", "不满", "below", "under"))
        return f"{'(' if is_open else '['}{both['low']}..{both['high']}{')' if is_below else ']'}"
    for words, sign in _ONE_BOUND:
        found = words.fullmatch(part)
        if found is not None:
            return f"{sign} {found[1]}"
    return part
