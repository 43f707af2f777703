"""Customers are found by name, sound, initials and number, by those who may see them, page by page."""

import datetime as dt
from dataclasses import replace

import pytest

from tests.customers.firm import MRS_LI, SEALS, Firm
from workflows.customers.archive import archive_customer
from workflows.customers.finding import Wanted, customers_page
from workflows.customers.model import Customer
from workflows.customers.scope import Slice, sight_of


def found(company: Firm, who: str = "ma", **wanted: object) -> list[str]:
    sight = sight_of(company.session, company.actor(who))
    rows, _ = customers_page(company.session, Wanted(**wanted), sight=sight, seals=SEALS)  # type: ignore[arg-type]
    return [row.name for row in rows]


@pytest.fixture
def company(company: Firm) -> Firm:
    company.customer("杭州云图网络有限公司")
    company.customer("重庆 ABC 科技", "sb", contact=None, grade="A", industry="医疗", standing="buying")
    company.customer("远方贸易", "far", contact=replace(MRS_LI, phone="0571-88886666"))
    return company


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("云图", ["杭州云图网络有限公司"]),
        ("图", ["杭州云图网络有限公司"]),
        ("云图网络有限公司", ["杭州云图网络有限公司"]),
        ("（杭州）云图", ["杭州云图网络有限公司"]),
        ("yuntu", ["杭州云图网络有限公司"]),
        ("YunTu wang", ["杭州云图网络有限公司"]),
        ("hzyt", ["杭州云图网络有限公司"]),
        ("cqabc", ["重庆 ABC 科技"]),
        ("ａｂｃ科", ["重庆 ABC 科技"]),
        ("13800138000", ["杭州云图网络有限公司"]),
        ("+86 138-0013-8000", ["杭州云图网络有限公司"]),
        ("8000", ["杭州云图网络有限公司"]),
        ("8001", []),
        ("6666", []),
        ("%", []),
        ("云%络", []),
        ("不存在", []),
        ("", ["重庆 ABC 科技", "杭州云图网络有限公司"]),
    ],
)
def test_a_customer_is_found_by_its_name_its_sound_and_its_numbers(
    company: Firm, typed: str, names: list[str]
) -> None:
    assert found(company, search=typed) == names


def test_finance_finds_all_names_and_no_numbers(company: Firm) -> None:
    assert found(company, "ac") == ["远方贸易", "重庆 ABC 科技", "杭州云图网络有限公司"]
    assert found(company, "ac", search="8000") == []


def test_lists_are_narrowed(company: Firm) -> None:
    assert found(company, grade="A") == ["重庆 ABC 科技"]
    assert found(company, industry="制造") == ["杭州云图网络有限公司"]
    assert found(company, standing="buying") == ["重庆 ABC 科技"]
    assert found(company, owner="sb") == ["重庆 ABC 科技"]
    # A is due a week after 10 March, B a fortnight.
    assert found(company, due_on=dt.date(2026, 3, 17)) == ["重庆 ABC 科技"]
    assert found(company, due_on=dt.date(2026, 3, 16)) == []
    assert found(company, "sa", part=Slice.MINE) == ["杭州云图网络有限公司"]
    assert found(company, "admin") == []


def test_what_is_archived_is_found_on_request(company: Firm) -> None:
    [customer] = [row.id for row in company.rows(Customer) if row.name == "重庆 ABC 科技"]
    archive_customer(company.session, customer, reason="停业", actor=company.actor("sb"), now=company.now)
    assert found(company) == ["杭州云图网络有限公司"]
    assert found(company, is_archived=True) == ["重庆 ABC 科技"]


def test_a_list_is_read_page_by_page(company: Firm) -> None:
    sight = sight_of(company.session, company.actor("ma"))
    first, following = customers_page(company.session, Wanted(), sight=sight, seals=SEALS, limit=1)
    rest, end = customers_page(company.session, Wanted(), sight=sight, seals=SEALS, after=following, limit=1)
    assert ([row.name for row in first + rest], end) == (["重庆 ABC 科技", "杭州云图网络有限公司"], None)
