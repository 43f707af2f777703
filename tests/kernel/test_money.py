"""Money is exact, and Chinese capitals are written as a bank would accept them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.kernel import money


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("12000.00", "12000.00"),
        ("12,000", "12000.00"),
        ("0.5", "0.50"),
        (" 7 ", "7.00"),
        ("1,234,567.89", "1234567.89"),
    ],
)
def test_an_amount_is_read_as_it_is_written(text: str, yuan: str) -> None:
    assert money.parse(text) == Decimal(yuan)
    assert str(money.parse(text)) == yuan


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-1", "+1", "1e3", "NaN", "Infinity", "1.234", "1.", ".5", "1,00", "12,34.5", "0x10", "１２", "٣",
        "1 000", "1_000", "1\x00", "1\n", "1000000000000", "9" * 10_000, "¥5",
    ],
)  # fmt: skip
def test_what_is_no_plain_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        money.parse(text)


@pytest.mark.parametrize("value", [12000.0, 12000, True, None])
def test_an_amount_is_never_read_from_a_number(value: object) -> None:
    with pytest.raises(TypeError):
        money.parse(value)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        money.to_fen(value)  # type: ignore[arg-type]


def test_a_third_place_is_refused_rather_than_rounded() -> None:
    with pytest.raises(ValueError, match="two places"):
        money.to_fen(Decimal("0.005"))


@given(st.integers(min_value=-(10**14) + 1, max_value=10**14 - 1))
def test_fen_survive_the_way_to_yuan_and_back(fen: int) -> None:
    assert money.to_fen(money.from_fen(fen)) == fen


@given(st.integers(min_value=0, max_value=10**14 - 1))
def test_what_is_written_can_be_read_again(fen: int) -> None:
    assert money.to_fen(money.parse(money.written(fen))) == fen


@pytest.mark.parametrize(
    ("yuan", "capitals"),
    [
        ("0", "零元整"),
        ("12000", "壹万贰仟元整"),
        ("10304.05", "壹万零叁佰零肆元零伍分"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10", "壹拾元整"),
        ("100000000", "壹亿元整"),
        ("100000001", "壹亿零壹元整"),
        ("100010000", "壹亿零壹万元整"),
        ("1000100010.01", "壹拾亿零壹拾万零壹拾元零壹分"),
        ("20001000", "贰仟万壹仟元整"),
        ("999999999999.99", "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
        ("-5", "负伍元整"),
    ],
)
def test_capitals_follow_the_rules_for_filling_in_bills(yuan: str, capitals: str) -> None:
    assert money.capital(Decimal(yuan)) == capitals


def read_capitals(text: str) -> int:
    """Read capitals back into fen, in the plainest way, so that the writer has something to agree with."""
    fen = group = total = 0
    digit = 0
    for sign in text.removesuffix("整"):
        if sign in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(sign)
        elif sign in "拾佰仟":
            group, digit = group + digit * {"拾": 10, "佰": 100, "仟": 1000}[sign], 0
        elif sign in "万亿元":
            total, group, digit = total + (group + digit) * {"万": 10**4, "亿": 10**8, "元": 1}[sign], 0, 0
        else:
            fen, digit = fen + digit * {"角": 10, "分": 1}[sign], 0
    return total * 100 + fen


@given(st.integers(min_value=0, max_value=10**14 - 1))
def test_capitals_say_the_same_amount_and_never_repeat_a_zero(fen: int) -> None:
    text = money.capital(money.from_fen(fen))
    assert read_capitals(text) == fen
    assert "零零" not in text
