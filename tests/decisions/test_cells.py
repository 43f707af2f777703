"""Cells in people's words: read as they are shown, in both languages, and never guessed."""

from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from forms.decision_cells import condition_in_words, condition_text, editable, read_number, read_words
from workflows.engine.language.cells import ANYTHING, Condition, Interval, read_condition

UNITS = ("元", "CNY", "%", "天")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("超过 500,000 元至 2,000,000 元", "(500000..2000000]"),
        ("above 60 up to 180", "(60..180]"),
        ("60 至 180", "[60..180]"),
        ("5 至不到 9", "[5..9)"),
        ("from 5 to below 9", "[5..9)"),
        ("超过 5 至不到 9", "(5..9)"),
        ("不超过50万元", "<= 500000"),
        ("1.5亿以内", "<= 150000000"),
        ("60天以内", "<= 60"),
        ("５００，０００ 以上", ">= 500000"),
        ("低于 10%", "< 10"),
        ("> 50万", "> 500000"),
        ("at least 3", ">= 3"),
        ("3 或 5", "3, 5"),
        ("除 3 或 5 以外", "not(3, 5)"),
        ("except 3 or 5", "not(3, 5)"),
        ("不限", "-"),
        ("any", "-"),
        ("", "-"),
        ("<= 500000", "<= 500000"),
    ],
)
def test_words_are_read(typed: str, meant: str) -> None:
    assert condition_text(read_words(typed, "number", UNITS)) == meant


@pytest.mark.parametrize(
    "typed", ["12,50", "1,5000", "超过", "几十万", "超过 180 至 60", "5 至", "<>5", "5 元元", "或"]
)
def test_what_is_not_understood_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_words(typed, "number", UNITS)


def test_texts_stand_without_quotation_marks() -> None:
    assert read_words("质量、迟交", "string") == Condition(("质量", "迟交"))
    assert read_words('"a or b"', "string") == Condition(("a or b",))


def test_a_text_that_words_would_split_is_offered_in_the_notation(demo: Flask) -> None:
    with demo.test_request_context():
        assert editable(Condition(("a or b",)), "string") == '"a or b"'


def test_numbers_are_exact() -> None:
    assert read_number("1,234,567.89 元", UNITS) == Decimal("1234567.89")
    assert read_number("0.1万", UNITS) == Decimal(1000)


BOUNDS = st.decimals(-(10**12), 10**12, places=2).map(lambda each: Decimal(f"{each:f}"))


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = sorted([draw(BOUNDS), draw(BOUNDS)])
    kind = draw(st.sampled_from(["low", "high", "both"])) if low < high else "one"
    if kind == "one":
        return Interval(low, low, True, True)
    with_low, with_high = draw(st.booleans()), draw(st.booleans())
    return Interval(
        None if kind == "high" else low, None if kind == "low" else high,
        with_low and kind != "high", with_high and kind != "low",
    )  # fmt: skip


@pytest.fixture(scope="module")
def speaking(databases: object) -> Flask:
    """An application without a database: only its languages are asked for."""
    from webapp.i18n import init_i18n  # noqa: PLC0415
    from webapp.messages import compile_translations  # noqa: PLC0415

    compile_translations()
    app = Flask("webapp")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    init_i18n(app)
    return app


@given(st.lists(intervals(), min_size=1, max_size=3), st.booleans(), st.sampled_from(["zh_Hans", "en"]))
def test_what_is_shown_is_read_as_what_it_is(
    speaking: Flask, parts: list[Interval], negated: bool, language: str
) -> None:
    condition = Condition(tuple(parts), negated)
    with speaking.test_request_context(), force_locale(language):
        for unit in ("", "元"):
            assert read_words(condition_in_words(condition, unit), "number", UNITS) == condition
    assert read_condition(condition_text(condition), "number") == condition


def test_anything_is_written_in_both_languages(speaking: Flask) -> None:
    with speaking.test_request_context(), force_locale("zh_Hans"):
        assert condition_in_words(ANYTHING) == "不限"
        limits = read_condition("(500000..2000000]", "number")
        assert condition_in_words(limits, "元") == "超过 500,000 元 至 2,000,000 元"
    with speaking.test_request_context(), force_locale("en"):
        assert condition_in_words(read_condition("(60..180]", "integer"), "days") == "above 60 days up to 180 days"
