"""The pages of sales: pipeline, one sale, its tasks and what is done to it."""

import csv
import io

import pytest
from sqlalchemy import text

from tests.sale.scene import Scene
from webapp.extensions import db


def test_the_board_shows_each_stage_with_its_count_and_sum(sales: Scene) -> None:
    page = sales.office.page("sales_manager", "/sales?part=department")
    for stage in ("信息开发", "立项", "商务谈判", "成交收款", "售后"):
        assert stage in page
    counted = sales.look(
        "SELECT stage, count(*) AS number, sum(expected_fen) AS fen FROM sale s JOIN department d ON d.id ="
        " s.department_id WHERE status = 'open' AND d.name = '华东销售部' GROUP BY stage"
    )
    for row in counted:
        assert f"{row.number} 个销售 · ¥{row.fen / 100:,.2f}" in page


def test_everybody_sees_their_own_slices_and_finance_all(sales: Scene) -> None:
    names = {row.login: row.title for row in sales.look(
        "SELECT e.login, max(s.title) AS title FROM sale s JOIN employee e ON e.id = s.owner_id GROUP BY e.login"
    )}  # fmt: skip
    assert names["salesperson3"] not in sales.office.page("salesperson", "/sales/table?part=department")
    assert names["salesperson3"] in sales.office.page("accountant", "/sales/table")
    assert sales.office.get("hr", "/sales").status_code == 403


def test_the_table_is_searched_by_number_name_pinyin_and_initials(sales: Scene) -> None:
    row = sales.look(
        "SELECT s.number, s.title, c.name, c.pinyin, c.initials FROM sale s JOIN customer c ON c.id = s.customer_id"
        " JOIN employee e ON e.id = s.owner_id WHERE e.login = 'salesperson' ORDER BY s.id LIMIT 1"
    )[0]
    for typed in (row.number, row.name[:4], row.pinyin[:6], row.initials[:4]):
        assert row.title in sales.office.page("salesperson", f"/sales/table?q={typed}"), typed
    assert "没有符合条件的销售" in sales.office.page("salesperson", "/sales/table?q=没有这个客户")


@pytest.mark.parametrize("sort", ["newest", "oldest", "amount", "expected", "waiting"])
def test_the_table_pages_through_every_sale_once_in_every_order(
    sales: Scene, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = {"sort": "newest", "after": None, "limit": 3}
    monkeypatch.setattr("workflows.sale.finding.sales_page.__kwdefaults__", usual)
    seen: list[str] = []
    path = f"/sales/table?sort={sort}"
    while path:
        page = sales.office.page("accountant", path)
        seen += [part.split("<")[0] for part in page.split('<div class="text-secondary small">XS-')[1:]]
        following = page.split('rel="next"')[0].rsplit('href="', 1)[-1].split('"')[0] if 'rel="next"' in page else ""
        path = following
    assert len(seen) == len(set(seen)) == len(sales.look("SELECT id FROM sale"))


def test_the_export_holds_what_the_table_shows_and_no_formulas(sales: Scene) -> None:
    with sales.office.app.app_context():
        db.session.execute(text("UPDATE sale SET title = '=cmd|calc' WHERE id = (SELECT min(id) FROM sale)"))
        db.session.commit()
    answer = sales.office.get("accountant", "/sales/table.csv")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert len(rows) == 1 + len(sales.look("SELECT id FROM sale"))
    assert "'=cmd|calc" in {row[1] for row in rows}
    assert sales.office.get("accountant", "/sales/table.xlsx").get_data()[:2] == b"PK"


def test_every_sale_of_the_demo_opens_for_its_owner_its_manager_and_finance(sales: Scene) -> None:
    owners = sales.look("SELECT s.id, e.login FROM sale s JOIN employee e ON e.id = s.owner_id")
    for row in owners:
        manager = "sales_manager2" if row.login == "salesperson3" else "sales_manager"
        for who in (row.login, manager, "accountant", "general_manager"):
            assert "XS-" in sales.office.page(who, f"/sales/{row.id}")
    theirs = next(row.id for row in owners if row.login == "salesperson3")
    assert sales.office.get("salesperson", f"/sales/{theirs}").status_code == 404


def test_every_open_task_shows_its_form_in_chinese(sales: Scene) -> None:
    for task_id, login in sales.tasks.values():
        assert "XS-" in sales.office.page(login, f"/tasks/{task_id}")


def test_a_sale_is_lost_and_reopened_on_its_page(sales: Scene) -> None:
    first, owner = sales.look(
        "SELECT s.id, e.login FROM sale s JOIN employee e ON e.id = s.owner_id WHERE s.stage = 1 AND status = 'open'"
    )[0]
    refused = sales.office.post(owner, f"/sales/{first}/lose_sale", {"reason": "price", "words": ""})
    assert refused.status_code == 422
    assert "请填写理由" in refused.get_data(as_text=True)
    said = {"reason": "price", "words": "太贵"}
    assert sales.office.post(owner, f"/sales/{first}/lose_sale", said).status_code == 303
    page = sales.office.page(owner, f"/sales/{first}")
    assert "丢单" in page
    assert "太贵" in page
    assert sales.office.post(owner, f"/sales/{first}/lose_sale", said).status_code == 409
    assert sales.office.post(owner, f"/sales/{first}/reopen_sale", {"words": "又来了"}).status_code == 303


def test_acts_are_offered_and_open_to_whom_they_belong(sales: Scene) -> None:
    [ordered, *_] = sales.sales[4, "open"]
    assert "record_receipt" in sales.office.page("accountant", f"/sales/{ordered}")
    assert "record_receipt" not in sales.office.page("salesperson", f"/sales/{ordered}")
    assert sales.office.get("salesperson", f"/sales/{ordered}/record_receipt").status_code == 403
    assert sales.office.get("salesperson", f"/sales/{ordered}/reassign_sale").status_code == 403
    assert sales.office.get("salesperson", f"/sales/{ordered}/nonsense").status_code == 404
    assert sales.office.get("hr", f"/sales/{ordered}/lose_sale").status_code == 404


def test_an_opportunity_is_registered_once_and_the_second_is_shown_who_was_first(sales: Scene) -> None:
    row = sales.look(
        "SELECT r.customer_id, r.product_line_id FROM registration r JOIN employee e ON e.id = r.owner_id"
        " WHERE e.login = 'salesperson' AND r.ended_at IS NULL ORDER BY r.id LIMIT 1"
    )[0]
    fields = {
        "customer": row.customer_id, "product_line": row.product_line_id, "need": "同一需求",
        "expected_amount": "1000.00", "expected_on": "2026-05-01",
    }  # fmt: skip
    answer = sales.office.post("sales_manager", "/processes/sale/start", fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "张小明" in page
    assert "registration_contest" in page
    assert "同一需求" in page


def test_a_quotation_is_sent_from_its_page_and_comes_back_filled_in_when_it_is_wrong(sales: Scene) -> None:
    sales.answer("await_answer", decision="revise", opinion="再便宜一点")
    product = sales.look("SELECT id FROM product WHERE code = 'NK-100'")[0][0]
    fields = {
        "lines-0-product": str(product), "lines-0-quantity": "-5", "lines-0-note": "含配送", "lines-1-product": "",
        "valid_until": "2026-04-30", "payment_days": "30", "payment_terms": "货到付款", "delivery_terms": "",
    }  # fmt: skip
    refused = sales.answer("quote", **fields)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    for typed in ("-5", "含配送", "货到付款"):
        assert typed in page
    assert sales.answer("quote", **{**fields, "lines-0-quantity": "12.5"}).status_code == 303
    # 12.5 x ¥3,000.00 = ¥37,500.00
    offered = sales.look("SELECT version, total_fen FROM quotation WHERE status = 'offered'")
    assert [tuple(row) for row in offered] == [(2, 3_750_000)]


def test_finance_reads_a_sale_without_its_visits(sales: Scene) -> None:
    [visit] = sales.look("SELECT s.id, v.content FROM visit v JOIN sale s ON s.instance_id = v.instance_id LIMIT 1")
    assert visit.content in sales.office.page("sales_director", f"/sales/{visit.id}")
    assert visit.content not in sales.office.page("accountant", f"/sales/{visit.id}")
