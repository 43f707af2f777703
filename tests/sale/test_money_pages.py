"""The pages of a sale's money: its ledger, what finance records, refunds, and what is due."""

import re
from typing import Any

import pytest

from tests.sale.scene import Scene


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


def test_finance_sees_what_is_due_and_goes_from_there_to_the_receipt(sales: Scene) -> None:
    page = sales.office.page("accountant", "/receipts")
    path = re.search(r'href="(/sales/\d+/record_receipt)"', page)
    assert path
    assert "登记回款" in sales.office.page("accountant", path[1])
    assert "没有符合条件的应收款" in sales.office.page("accountant", "/receipts?q=没有这个客户")


def test_what_is_due_is_paged_through_once_and_adds_up(sales: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = {"after": None, "limit": 1}
    monkeypatch.setattr("workflows.sale.due.open_instalments.__kwdefaults__", usual)
    path, seen = "/receipts", []
    while path:
        page = sales.office.page("accountant", path)
        seen += re.findall(r'class="fw-bold" href="/sales/(\d+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = following[1] if following else ""
    [row] = sales.look(
        "SELECT count(*) AS n FROM instalment i JOIN contract c ON c.id = i.contract_id JOIN sale s ON s.id = c.sale_id"
        " WHERE c.status = 'signed' AND s.status = 'open' AND (SELECT sum(j.amount_fen) FROM instalment j WHERE"
        " j.contract_id = i.contract_id AND (j.due_on, j.position) <= (i.due_on, i.position)) > coalesce((SELECT"
        " sum(CASE WHEN r.reverses_id IS NULL THEN r.amount_fen ELSE -r.amount_fen END) FROM receipt r"
        " WHERE r.sale_id = s.id AND r.kind = 'receipt'), 0)"
    )
    assert len(seen) == row.n >= 1


def test_the_entries_are_listed_by_day_with_the_sum_of_each(sales: Scene) -> None:
    page = sales.office.page("accountant", "/receipts/received")
    [day] = sales.look("SELECT occurred_on, sum(amount_fen) AS fen FROM receipt GROUP BY 1 ORDER BY 1 DESC LIMIT 1")
    assert f"¥{day.fen / 100:,.2f}" in page
    assert sales.office.page("accountant", "/receipts/received?after=nonsense&month=2026-99")


@pytest.mark.parametrize("what", ["due", "received"])
def test_the_lists_are_files_for_spreadsheets(sales: Scene, what: str) -> None:
    assert sales.office.get("accountant", f"/receipts/{what}.xlsx").data[:2] == b"PK"
    text = sales.office.get("accountant", f"/receipts/{what}.csv").data.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("应收日期" if what == "due" else "日期")
    assert len(text.splitlines()) > 1


def test_who_sells_sees_only_the_money_of_sales_that_they_see_and_hr_none(sales: Scene) -> None:
    [hidden] = sales.look(
        "SELECT k.name FROM receipt r JOIN sale s ON s.id = r.sale_id JOIN customer k ON k.id = s.customer_id"
        " WHERE s.department_id = (SELECT department_id FROM employee WHERE login = 'salesperson') LIMIT 1"
    )
    assert hidden.name in sales.office.page("salesperson", "/receipts/received")
    assert hidden.name not in sales.office.page("salesperson3", "/receipts/received")
    assert sales.office.get("hr", "/receipts").status_code == 403
