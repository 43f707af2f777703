"""The pages of a sale's money: its ledger, what finance records, refunds, and what is due."""

import re
from typing import Any

import pytest
from flask import Flask

from tests.pages.office import Office
from tests.sale.scene import Scene, scene


@pytest.fixture
def sales(demo: Flask, office: Office) -> Scene:
    return scene(demo, office)


def paid_sale(sales: Scene) -> Any:
    """The oldest open sale that money came in for, with its owner."""
    return sales.look(
        "SELECT s.id, s.number, e.login, s.instance_id FROM sale s JOIN employee e ON e.id = s.owner_id"
        " WHERE s.status = 'open' AND EXISTS (SELECT 1 FROM receipt r WHERE r.sale_id = s.id) ORDER BY s.id LIMIT 1"
    )[0]


def test_the_page_of_a_sale_shows_its_ledger_and_what_commissions_are_computed_from(sales: Scene) -> None:
    sale = paid_sale(sales)
    page = sales.office.page("accountant", f"/sales/{sale.id}")
    for words in ("本单资金", "提成核算依据", "登记回款"):
        assert words in page
    assert "本单资金" in sales.office.page(sale.login, f"/sales/{sale.id}")


def test_finance_reverses_an_entry_from_the_page_of_the_sale(sales: Scene) -> None:
    sale = paid_sale(sales)
    page = sales.office.page("accountant", f"/sales/{sale.id}")
    path = re.search(r'href="(/sales/\d+/reverse_receipt\?receipt=(\d+))"', page)
    assert path
    assert f'<option value="{path[2]}" selected>' in sales.office.page("accountant", path[1])
    answer = sales.office.post("accountant", path[1], {"receipt": path[2], "reason": "记错了客户"})
    assert answer.status_code == 303
    assert "冲正" in sales.office.page("accountant", f"/sales/{sale.id}")


@pytest.mark.parametrize("act", ["record_receipt", "reverse_receipt", "record_cost"])
def test_a_bad_entry_comes_back_filled_in(sales: Scene, act: str) -> None:
    sale = paid_sale(sales)
    answer = sales.office.post("accountant", f"/sales/{sale.id}/{act}", {"amount": "-5", "receipt": "x", "note": "甲"})
    assert answer.status_code == 422
    assert "is-invalid" in answer.get_data(as_text=True)


def test_a_refund_goes_from_the_sale_to_the_payment_by_pages(sales: Scene) -> None:
    sale = paid_sale(sales)
    page = sales.office.page(sale.login, f"/sales/{sale.id}")
    path = re.search(r'href="(/processes/sale_refund/start\?sale=\d+)"', page)
    assert path
    assert sale.number in sales.office.page(sale.login, path[1])
    too_much = {"sale": sale.id, "amount": "999999999.00", "reason": "退货"}
    answer = sales.office.post(sale.login, "/processes/sale_refund/start", too_much)
    assert answer.status_code == 422
    assert "999999999.00" in answer.get_data(as_text=True)
    answer = sales.office.post(sale.login, "/processes/sale_refund/start", {**too_much, "amount": "10.00"})
    assert answer.status_code == 303
    case = int(answer.headers["Location"].rsplit("/", 1)[-1])
    [manager] = sales.look(
        "SELECT e.login FROM user_task t JOIN employee e ON e.id = t.assignee_id WHERE t.instance_id = :case", case=case
    )
    assert "TK-" in sales.office.page(manager.login, f"/tasks/{sales.office.open_task(case)}")
    assert sales.office.decide(manager.login, case).status_code == 303
    task = sales.office.open_task(case)
    assert sales.office.post("accountant", f"/tasks/{task}/claim").status_code == 303
    today = sales.office.now.date().isoformat()
    paid = {"paid_on": today, "method": "cash"}
    answer = sales.office.decide("accountant", case, decision="pay", **paid)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert "已退款" in sales.office.page(sale.login, f"/sales/{sale.id}")
