"""Names of companies: when two are the same, and how one is found by its sound.

``name_key`` is what duplicates are told by. Full and half width, brackets, blanks, dots, case and what kind of company
it is (有限公司) say nothing about who somebody is; a place in brackets does, and stays: 华为（杭州）有限公司 and
华为(杭州) are the same, 华为 is another.
"""

import unicodedata

from pypinyin import Style, lazy_pinyin

#: As wide as the column that the key stands in.
WIDEST_KEY = 120
WIDEST_PINYIN = 700
#: What companies are called besides their name; longer ones first where one ends in the other. "inc" is missing,
#: because without blanks it is also the end of zinc: such names are only warned of as similar.
_KINDS = (
    "股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "集团公司", "股份公司", "总公司",
    "公司", "集团", "股份",
    "companylimited", "colimited", "coltd", "ltd", "llc", "gmbh", "corporation",
)  # fmt: skip


def name_key(name: str) -> str:
    """What tells companies apart; empty where a name holds no letter or digit at all.

    ``name_key("ＡＢＣ 科技（杭州）有限公司") == "abc科技杭州"``. Taking the key of a key changes nothing.
    """
    key = name
    while (shorter := _without_kind(_letters(key)[:WIDEST_KEY])) != key:
        key = shorter
    return key


def pinyin_of(name: str) -> str:
    """The name's sound without tones and blanks: 重庆网络 is ``chongqingwangluo``."""
    return _letters("".join(lazy_pinyin(_letters(name))))[:WIDEST_PINYIN]


def initials_of(name: str) -> str:
    """The first letters of that, with Latin letters and digits kept whole: 重庆网络 is ``cqwl``, ABC科技 ``abckj``."""
    return _letters("".join(lazy_pinyin(_letters(name), style=Style.FIRST_LETTER)))[:WIDEST_KEY]


def _letters(text: str) -> str:
    """Letters and digits alone, in one width and case."""
    alike = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(sign for sign in alike if sign.isalnum())


def _without_kind(key: str) -> str:
    if key in _KINDS:
        return key
    return key.removesuffix(next(filter(key.endswith, _KINDS), ""))
