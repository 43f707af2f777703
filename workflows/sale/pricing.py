"""What a quotation comes to, and how a sum is shared out. Pure arithmetic: fen are whole, parts add up to the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

#: Hundredths of a percent in the whole.
WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a quotation: prices in fen for one unit, the discount in hundredths of a percent."""

    quantity: Decimal
    list_price_fen: int
    floor_price_fen: int
    unit_price_fen: int
    discount_bp: int = 0

    @property
    def amount_fen(self) -> int:
        """What the line costs, rounded half up to the fen, once."""
        exact = self.quantity * self.unit_price_fen * (WHOLE_BP - self.discount_bp) / WHOLE_BP
        return _rounded(exact)

    @property
    def list_fen(self) -> int:
        """The line at list price."""
        return _rounded(self.quantity * self.list_price_fen)

    @property
    def floor_fen(self) -> int:
        """The line at floor price."""
        return _rounded(self.quantity * self.floor_price_fen)

    @property
    def is_below_floor(self) -> bool:
        """Whether it is sold below the floor (H10), compared exactly and before any rounding."""
        return self.unit_price_fen * (WHOLE_BP - self.discount_bp) < self.floor_price_fen * WHOLE_BP


@dataclass(frozen=True, slots=True)
class Totals:
    """What the lines of a quotation add up to, in fen."""

    total_fen: int
    list_fen: int
    floor_fen: int
    is_below_floor: bool

    @property
    def discount_percent(self) -> Decimal:
        """How far it lies below list prices, to two places, rounded up so that no limit is slipped under; from 0."""
        if self.total_fen >= self.list_fen:
            return Decimal("0.00")
        exact = Decimal(self.list_fen - self.total_fen) * 100 / self.list_fen
        return exact.quantize(Decimal("0.01"), rounding=ROUND_CEILING)


def totals(items: Sequence[Item]) -> Totals:
    """Add the lines up; below the floor is the whole as soon as one line is."""
    return Totals(
        sum(item.amount_fen for item in items),
        sum(item.list_fen for item in items),
        sum(item.floor_fen for item in items),
        any(item.is_below_floor for item in items),
    )


def shared(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """Share a sum out in proportion to the weights; the parts add up to it exactly.

    Each part is rounded down and what is left goes, a fen each, to the largest remainders, the first of equal ones
    first (Hamilton's method). With no weight at all everything goes to the first.

    :raises ValueError: there is nobody to share with, or a negative figure
    """
    if not weights or amount_fen < 0 or any(weight < 0 for weight in weights):
        raise ValueError("a sum that is not negative is shared among at least one")
    whole = sum(weights)
    if whole == 0:
        return [amount_fen, *[0] * (len(weights) - 1)]
    parts = [amount_fen * weight // whole for weight in weights]
    remainders = [amount_fen * weight % whole for weight in weights]
    neediest = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in neediest[: amount_fen - sum(parts)]:
        parts[index] += 1
    return parts


def _rounded(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
