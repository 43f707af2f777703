"""Who approves a contract: both sides of every limit, and which limit wins where several are passed."""

from decimal import Decimal
from pathlib import Path

import pytest

import workflows.sale
from workflows.engine.language.decisions import check_table, read_table

FILE = Path(workflows.sale.__file__).parent / "contract_authority.dmn"


@pytest.fixture(scope="module")
def authority():
    table = read_table(FILE.read_text(), "contract_authority.dmn")

    def decide(amount="1", discount="0", below_floor=False, days=0):
        facts = {
            "amount": Decimal(amount),
            "discount_percent": Decimal(discount),
            "below_floor": below_floor,
            "payment_days": days,
        }
        return table.decide(facts)["authority"]

    return decide


def test_the_rows_neither_overlap_nor_leave_a_gap():
    check_table(read_table(FILE.read_text(), "contract_authority.dmn"))


@pytest.mark.parametrize(
    ("amount", "who"),
    [
        ("0.01", "manager"),
        ("499999.99", "manager"),
        ("500000", "manager"),
        ("500000.01", "director"),
        ("2000000", "director"),
        ("2000000.01", "general_manager"),
    ],
)
def test_the_amount_decides_on_both_sides_of_each_limit(authority, amount, who):
    assert authority(amount=amount) == who


@pytest.mark.parametrize(
    ("discount", "who"),
    [
        # Sold above the list price.
        ("-5", "manager"),
        ("10", "manager"),
        ("10.01", "director"),
        ("25", "director"),
        ("25.01", "general_manager"),
        ("100", "general_manager"),
    ],
)
def test_the_discount_decides_on_both_sides_of_each_limit(authority, discount, who):
    assert authority(discount=discount) == who


@pytest.mark.parametrize(
    ("days", "who"), [(60, "manager"), (61, "director"), (180, "director"), (181, "general_manager")]
)
def test_the_payment_term_decides_on_both_sides_of_each_limit(authority, days, who):
    assert authority(days=days) == who


@pytest.mark.parametrize(
    ("facts", "who"),
    [
        ({"below_floor": True}, "director"),
        ({"below_floor": True, "amount": "500000", "discount": "10", "days": 60}, "director"),
        ({"below_floor": True, "amount": "2000000", "discount": "25", "days": 180}, "director"),
        ({"below_floor": True, "amount": "2000000.01"}, "general_manager"),
        ({"below_floor": True, "discount": "25.01"}, "general_manager"),
        ({"below_floor": True, "days": 181}, "general_manager"),
        ({"amount": "500000", "discount": "10", "days": 60}, "manager"),
        ({"amount": "2000000", "discount": "25", "days": 180}, "director"),
        ({"amount": "2000000", "discount": "25", "days": 181}, "general_manager"),
        ({"amount": "2000000", "discount": "25.01", "days": 180}, "general_manager"),
    ],
)
def test_where_several_limits_are_passed_the_highest_decides(authority, facts, who):
    assert authority(**facts) == who
