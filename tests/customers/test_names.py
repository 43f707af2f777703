"""When two names mean the same company, and how a name is found by its sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.customers.names import WIDEST_KEY, initials_of, name_key, pinyin_of

SAME = [
    ("华为（杭州）有限公司", "华为(杭州)"),
    ("华为【杭州】", "华为杭州"),
    ("ＡＢＣ科技", "abc 科技"),
    ("杭州 云 图", "杭州云图"),
    ("云图集团股份有限公司", "云图"),
    ("云图有限责任公司", "云图股份有限公司"),
    ("Acme Co., Ltd.", "ACME"),
    ("阿里・云", "阿里云"),
]
DIFFERENT = [("华为（杭州）", "华为（上海）"), ("华为（杭州）", "华为"), ("云图一", "云图二"), ("Zinc", "Z")]

NAMES = st.text(alphabet="华为云图杭州科技ABCxyz019", min_size=1, max_size=30)
KINDS = st.sampled_from(["", "有限公司", "有限责任公司", "股份有限公司", "集团", "集团有限公司", "Co., Ltd."])
PAIRS = st.sampled_from([("(", ")"), ("（", "）"), ("【", "】"), ("[", "]")])


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_mean_the_same_company_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_of_different_companies_have_different_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_a_name_that_is_only_a_kind_of_company_keeps_it() -> None:
    assert name_key("有限公司") == "有限公司"


@given(st.text(max_size=140))
def test_taking_the_key_of_a_key_changes_nothing_and_it_fits_its_column(name: str) -> None:
    key = name_key(name)
    assert name_key(key) == key
    assert len(key) <= WIDEST_KEY


@given(NAMES, KINDS)
def test_what_kind_of_company_it_is_does_not_tell_companies_apart(name: str, kind: str) -> None:
    assert name_key(name + kind) == name_key(name)


@given(NAMES, st.integers(0, 30), st.sampled_from([" ", "　", "·", ".", "-", ","]))
def test_blanks_and_dots_do_not_tell_companies_apart(name: str, where: int, blank: str) -> None:
    assert name_key(name[:where] + blank + name[where:]) == name_key(name)


@given(NAMES, NAMES, PAIRS)
def test_brackets_do_not_tell_companies_apart(name: str, place: str, pair: tuple[str, str]) -> None:
    assert name_key(f"{name}{pair[0]}{place}{pair[1]}") == name_key(f"{name}{place}")


@given(NAMES)
def test_width_does_not_tell_companies_apart(name: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in name)
    assert name_key(wide) == name_key(name) == name_key(name.upper())


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("重庆网络", "chongqingwangluo", "cqwl"),
        ("ABC 科技（杭州）", "abckejihangzhou", "abckjhz"),
        ("360 安全", "360anquan", "360aq"),
        ("吕梁银行", "lvliangyinhang", "llyh"),
    ],
)
def test_a_name_is_found_by_its_sound_and_by_its_initials(name: str, pinyin: str, initials: str) -> None:
    assert (pinyin_of(name), initials_of(name)) == (pinyin, initials)


@given(st.text(max_size=120))
def test_sound_and_initials_fit_their_columns(name: str) -> None:
    assert len(pinyin_of(name)) <= 700
    assert len(initials_of(name)) <= 120
