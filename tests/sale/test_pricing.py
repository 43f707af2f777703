"""What items come to and how sums are shared out: literals worked out by hand, and laws against exact fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.sale.pricing import Item, shared, totals

PRICE = st.integers(0, 10**10)
QUANTITY = st.integers(1, 10**9).map(lambda thousandths: Decimal(thousandths).scaleb(-3))
ITEM = st.builds(
    Item, quantity=QUANTITY, list_price_fen=PRICE, floor_price_fen=PRICE, unit_price_fen=PRICE,
    discount_bp=st.integers(0, 10_000),
)  # fmt: skip


def half_up(exact: Fraction) -> int:
    """Rounded half up, by whole numbers alone."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "amount"),
    [
        ("3", 100_000, 0, 300_000),
        # 1.5 x 333 = 499.5, rounded up.
        ("1.5", 333, 0, 500),
        # 0.333 x 100 = 33.3
        ("0.333", 100, 0, 33),
        # 7 x 999 x 0.875 = 6118.875
        ("7", 999, 1250, 6_119),
        # 1 x 1 x 0.5 = 0.5, rounded up.
        ("1", 1, 5000, 1),
        # 1 x 1 x 0.4999
        ("1", 1, 5001, 0),
        ("5", 100_000, 10_000, 0),
    ],
)
def test_an_item_is_rounded_half_up_once(quantity: str, price: int, discount: int, amount: int) -> None:
    assert Item(Decimal(quantity), 0, 0, price, discount).amount_fen == amount


@given(ITEM)
def test_an_item_agrees_with_exact_fractions(item: Item) -> None:
    whole = Fraction(item.quantity)
    assert item.amount_fen == half_up(whole * item.unit_price_fen * (10_000 - item.discount_bp) / 10_000)
    assert item.list_fen == half_up(whole * item.list_price_fen)
    assert item.floor_fen == half_up(whole * item.floor_price_fen)
    charged = Fraction(item.unit_price_fen * (10_000 - item.discount_bp), 10_000)
    assert item.is_below_floor == (charged < item.floor_price_fen)


def test_at_the_floor_is_not_below_it() -> None:
    assert not Item(Decimal(1), 100_000, 90_000, 100_000, 1_000).is_below_floor
    assert Item(Decimal(1), 100_000, 90_000, 100_000, 1_001).is_below_floor


def test_the_discount_is_rounded_up_so_that_no_limit_is_slipped_under() -> None:
    # 100,000 less 10,000.01 yuan: 10.00001 %, which is above a limit of 10 %.
    sums = totals([Item(Decimal(1), 10_000_000, 0, 8_999_999)])
    assert sums.discount_percent == Decimal("10.01")
    assert totals([Item(Decimal(1), 10_000_000, 0, 9_000_000)]).discount_percent == Decimal("10.00")
    assert totals([Item(Decimal(1), 10_000_000, 0, 11_000_000)]).discount_percent == Decimal("0.00")


@given(st.lists(ITEM, min_size=1, max_size=8))
def test_totals_are_the_sums_of_the_items(items: list[Item]) -> None:
    sums = totals(items)
    assert sums.total_fen == sum(item.amount_fen for item in items)
    assert sums.is_below_floor == any(item.is_below_floor for item in items)
    if sums.list_fen > sums.total_fen:
        exact = Fraction((sums.list_fen - sums.total_fen) * 100, sums.list_fen)
        assert exact <= Fraction(sums.discount_percent) < exact + Fraction(1, 100)


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        # 10 x 2/7 = 2.857, 10 x 5/7 = 7.142: the first has the larger remainder.
        (10, [2, 5], [3, 7]),
        (1, [1, 1], [1, 0]),
        (5, [0, 0], [5, 0]),
        (0, [3, 4], [0, 0]),
        (7, [0, 9], [0, 7]),
    ],
)
def test_a_sum_is_shared_by_largest_remainder(amount: int, weights: list[int], parts: list[int]) -> None:
    assert shared(amount, weights) == parts


@given(st.integers(0, 10**13), st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_shares_add_up_and_lie_within_a_fen_of_exact(amount: int, weights: list[int]) -> None:
    parts = shared(amount, weights)
    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)
    whole = sum(weights)
    if whole:
        assert all(abs(part - Fraction(amount * each, whole)) < 1 for part, each in zip(parts, weights, strict=True))
    if amount <= whole:
        assert all(part <= each for part, each in zip(parts, weights, strict=True))


@pytest.mark.parametrize(("amount", "weights"), [(1, []), (-1, [1]), (1, [2, -1])])
def test_nothing_is_shared_among_nobody_or_below_zero(amount: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="not negative"):
        shared(amount, weights)
