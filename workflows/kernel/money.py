"""Money: yuan as an exact ``Decimal`` at the edges, integer fen in the database, never a float.

Everything here is pure arithmetic. An amount has at most two places and stays below one trillion yuan, which is
what a figure in Chinese capitals is written for in practice.
"""

import enum
import re
from decimal import Decimal

#: Amounts reach up to, and leave out, this many yuan.
LIMIT = Decimal(10) ** 12

_PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
#: A group of four digits below this has nothing in its thousands place.
_THOUSAND = 1000


class Method(enum.StrEnum):
    """How money changed hands (D6.3)."""

    BANK_TRANSFER = "bank_transfer"
    CASH = "cash"
    OTHER = "other"


def parse(text: str) -> Decimal:
    """Read an amount that a person or a program wrote, such as ``12000.00`` or ``12,000``.

    Yuan, not negative, at most two places. Commas are taken only where they part thousands. A sign, an exponent, NaN,
    digits of another script and a third place raise ``ValueError``, since each is more likely a slip than a wish.
    """
    if not isinstance(text, str):
        raise TypeError("an amount is read from text, never from a float")
    plain = text.strip(" ")
    if "," in plain:
        if not re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?", plain, re.ASCII):
            raise ValueError("not an amount of money")
        plain = plain.replace(",", "")
    if not _PLAIN.fullmatch(plain):
        raise ValueError("not an amount of money")
    return Decimal(plain).quantize(Decimal("0.01"))


def to_fen(amount: Decimal) -> int:
    """Turn yuan into fen; raises ``ValueError`` rather than rounding, and ``TypeError`` for anything but a Decimal."""
    if not isinstance(amount, Decimal):
        raise TypeError("money is a Decimal")
    if not amount.is_finite() or abs(amount) >= LIMIT:
        raise ValueError("not an amount of money")
    fen = amount * 100
    if fen != fen.to_integral_value():
        raise ValueError("an amount has at most two places")
    return int(fen)


def from_fen(fen: int) -> Decimal:
    """Turn fen into yuan with exactly two places."""
    if not isinstance(fen, int) or isinstance(fen, bool):
        raise TypeError("fen are whole numbers")
    return Decimal(fen).scaleb(-2)


def written(fen: int) -> str:
    """Write fen as yuan for a message: ``1200000`` becomes ``12,000.00``."""
    return f"{from_fen(fen):,.2f}"


def capital(amount: Decimal) -> str:
    """Write an amount in Chinese capital numerals, as forms and cheques want it (壹万贰仟元整).

    Follows the rules for filling in bills (Payment and Settlement Measures, annex 1): one 零 for any run of zeros
    between digits, none for the zeros at the end, 整 after yuan or jiao but not after fen. Example: 10,304.05 is
    壹万零叁佰零肆元零伍分. Negative amounts are preceded by 负; zero is 零元整.
    """
    fen = to_fen(amount)
    sign, fen = ("负", -fen) if fen < 0 else ("", fen)
    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    text = _capital_whole(yuan) + "元" if yuan else ""
    if jiao:
        text += _DIGITS[jiao] + "角"
    if cents:
        text += ("零" if yuan and not jiao else "") + _DIGITS[cents] + "分"
        return sign + text
    return sign + (text or "零元") + "整"


def _capital_whole(number: int) -> str:
    """Capitals of a positive whole number: groups of four digits, each followed by its own unit."""
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text, gap = "", False
    for index in reversed(range(len(groups))):
        group = groups[index]
        if not group:
            gap = True
            continue
        # A group that does not fill its thousands place leaves a hole towards the group before it.
        if text and (gap or group < _THOUSAND):
            text += "零"
        text += _capital_group(group) + _GROUPS[index]
        gap = False
    return text


def _capital_group(group: int) -> str:
    """Capitals of 1 to 9,999, without leading or trailing 零."""
    text, gap = "", False
    for place in reversed(range(4)):
        digit = group // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return text
