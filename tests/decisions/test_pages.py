"""The pages on decision tables: who reads them, who changes them, and how the form answers."""

import html
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.application import Visitor
from webapp.decisions.views import decided
from webapp.extensions import db
from webapp.processes import current_diagrams
from workflows.engine.tables import DecisionVersion

TABLE = "/decisions/sale/contract_authority"


@pytest.fixture
def manager(demo: Flask) -> Visitor:
    """Who sets the limits."""
    return Visitor(demo).sign_in_as("general_manager")


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.get_data(as_text=True)))


def plain(answer: Any) -> str:
    """The page's words without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text(answer)))


def sent_by(answer: Any) -> dict[str, str]:
    """What the form of a page would send if nothing were changed."""
    page = answer.get_data(as_text=True)
    page = page[page.index('id="rows"') :]
    sent = {}
    for attributes in re.findall(r"<input([^>]*)>", page):
        pairs = dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))
        sent[html.unescape(pairs.get("name", ""))] = html.unescape(pairs.get("value", ""))
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        values = re.findall(r'<option value="([^"]*)"( selected)?', body)
        sent[name] = next((value for value, chosen in values if chosen), values[0][0])
    sent.pop("csrf_token", None)
    return sent


def form_of(visitor: Visitor) -> dict[str, str]:
    return sent_by(visitor.get(f"{TABLE}/edit"))


def replaced(visitor: Visitor, old: str, new: str) -> dict[str, str]:
    """The form after one limit was changed everywhere."""
    answer = visitor.post(f"{TABLE}/edit", {**form_of(visitor), "act": "replace", "limit": old, "new_limit": new})
    assert answer.status_code == 200, plain(answer)
    return sent_by(answer)


def numbers(demo: Flask) -> list[int]:
    with demo.app_context():
        query = select(DecisionVersion.version).where(DecisionVersion.decision_id == "contract_authority")
        return sorted(db.session.scalars(query))


def test_tables_are_listed_and_read_in_words(demo: Flask) -> None:
    reader = Visitor(demo).sign_in_as("sales_manager")
    assert "合同审批权限" in text(reader.get("/decisions"))
    page = plain(reader.get(TABLE))
    assert "超过 500,000 元 至 2,000,000 元" in page
    assert "不超过 10%" in page
    assert "销售总监" in page
    assert "/edit" not in text(reader.get(TABLE))
    english = plain(reader.get(f"{TABLE}?lang=en"))
    assert "above 500,000 CNY up to 2,000,000 CNY" in english
    assert "Sales director" in english


def test_who_does_not_work_by_tables_sees_none_of_them_and_readers_change_nothing(demo: Flask) -> None:
    seller = Visitor(demo).sign_in_as("salesperson")
    assert seller.get("/decisions").status_code == 403
    assert seller.get(TABLE).status_code == 403
    director = Visitor(demo).sign_in_as("sales_director")
    assert director.get(f"{TABLE}/history").status_code == 200
    assert director.get(f"{TABLE}/edit").status_code == 403
    assert director.post(f"{TABLE}/edit", {"act": "save"}).status_code == 403
    assert director.get("/decisions/sale/nothing").status_code == 404


@pytest.mark.parametrize(
    ("amount", "days", "said"),
    [
        ("500,000", "60", "由第 1 行判定：审批人 销售经理"),
        ("500000.01", "60", "由第 5 行判定：审批人 销售总监"),
        ("50万", "61", "由第 2 行判定：审批人 销售总监"),
        ("200万元", "181", "由第 6 行判定：审批人 总经理"),
    ],
)
def test_facts_are_tried(demo: Flask, amount: str, days: str, said: str) -> None:
    reader = Visitor(demo).sign_in_as("sales_manager")
    facts = {"try.amount": amount, "try.discount_percent": "0", "try.below_floor": "false", "try.payment_days": days}
    assert said in plain(reader.get(TABLE, query_string={**facts, "try": "1"}))


def test_facts_that_can_not_be_read_are_marked(demo: Flask) -> None:
    reader = Visitor(demo).sign_in_as("sales_manager")
    facts = {"try.amount": "很多", "try.payment_days": "1.5", "try": "1"}
    page = plain(reader.get(TABLE, query_string=facts))
    assert "请填写数字" in page
    assert "请填写整数" in page


def test_one_limit_is_raised_in_one_action_and_stands_in_the_history(demo: Flask, manager: Visitor) -> None:
    form = replaced(manager, "0|500000", "60万")
    assert form["row_1.amount"] == "不超过 600,000"
    assert form["row_5.amount"] == "超过 600,000 至 2,000,000"
    unexplained = manager.post(f"{TABLE}/edit", {**form, "act": "save"})
    assert unexplained.status_code == 422
    assert 'value="不超过 600,000"' in text(unexplained)
    assert manager.post(f"{TABLE}/edit", {**form, "act": "save", "reason": "价格上涨"}).status_code == 303
    assert numbers(demo) == [1, 2]
    page = plain(manager.get(f"{TABLE}/history"))
    assert "第 2 版" in page
    assert "价格上涨" in page
    assert "第 1 行 合同金额：不超过 500,000 元 → 不超过 600,000 元" in page
    assert "第 5 行 合同金额：超过 500,000 元 至 2,000,000 元 → 超过 600,000 元 至 2,000,000 元" in page
    assert "低于底价：" not in page.split("第 1 版")[0].replace("本版全部各行", "").split("行 备注")[0]


def test_the_same_form_sent_twice_is_one_change(demo: Flask, manager: Visitor) -> None:
    form = {**replaced(manager, "0|500000", "600000"), "act": "save", "reason": "价格上涨"}
    assert manager.post(f"{TABLE}/edit", form).status_code == 303
    assert manager.post(f"{TABLE}/edit", form).status_code == 303
    assert numbers(demo) == [1, 2]


def test_the_second_editor_keeps_the_rows_sees_what_changed_and_may_go_on(demo: Flask, manager: Visitor) -> None:
    other = Visitor(demo).sign_in_as("administrator")
    late = replaced(other, "3|60", "90")
    manager.post(f"{TABLE}/edit", {**replaced(manager, "0|500000", "600000"), "act": "save", "reason": "价格上涨"})
    refused = other.post(f"{TABLE}/edit", {**late, "act": "save", "reason": "放宽账期"})
    assert refused.status_code == 409
    assert "此决策表刚被他人修改" in plain(refused)
    assert "不超过 500,000 元 → 不超过 600,000 元" in plain(refused)
    assert 'value="不超过 90"' in text(refused)
    assert numbers(demo) == [1, 2]
    again = sent_by(other.post(f"{TABLE}/edit", {**sent_by(refused), "act": "rebase"}))
    assert again["version"] == "2"
    assert other.post(f"{TABLE}/edit", {**again, "act": "save"}).status_code == 303
    assert numbers(demo) == [1, 2, 3]


def test_cells_that_can_not_be_read_are_all_marked(demo: Flask, manager: Visitor) -> None:
    wrong = {
        "row_1.amount": "很多",
        "row_2.payment_days": "1.5",
        "row_3.authority": "chairman",
        "row_4.:remark": "x" * 201,
    }
    answer = manager.post(f"{TABLE}/edit", {**form_of(manager), **wrong, "act": "save", "reason": "试"})
    assert answer.status_code == 422
    page = text(answer)
    for name in wrong:
        assert f'aria-describedby="{name}-error"' in page
    assert 'value="很多"' in page
    assert "无法识别这个条件。请这样填写" in page
    assert numbers(demo) == [1]


def test_an_overlap_and_a_gap_are_named_by_an_example(demo: Flask, manager: Visitor) -> None:
    form = {**form_of(manager), "act": "save", "reason": "试"}
    overlap = manager.post(f"{TABLE}/edit", {**form, "row_1.amount": "不超过 600,000"})
    assert overlap.status_code == 422
    assert "第 1、5 行有重叠：合同金额：" in plain(overlap)
    gap = manager.post(f"{TABLE}/edit", {**form, "row_8.amount": "超过 3,000,000"})
    assert gap.status_code == 422
    assert "有遗漏：合同金额：" in plain(gap)
    assert numbers(demo) == [1]


def test_rows_are_copied_and_removed_and_added_without_being_saved(demo: Flask, manager: Visitor) -> None:
    form = form_of(manager)
    assert form["rows"] == "8"
    copied = sent_by(manager.post(f"{TABLE}/edit", {**form, "act": "copy-2"}))
    assert (copied["rows"], copied["row_3.payment_days"]) == ("9", "超过 60 至 180")
    removed = sent_by(manager.post(f"{TABLE}/edit", {**copied, "act": "remove-3"}))
    assert {**removed, "act": ""} == {**form, "act": ""}
    assert sent_by(manager.post(f"{TABLE}/edit", {**form, "act": "add"}))["row_9.amount"] == ""
    assert numbers(demo) == [1]


def test_facts_are_tried_before_and_after_the_change(manager: Visitor) -> None:
    facts = {"try.amount": "550000", "try.discount_percent": "5", "try.below_floor": "false", "try.payment_days": "30"}
    answer = manager.post(f"{TABLE}/edit", {**replaced(manager, "0|500000", "600000"), **facts, "act": "try"})
    page = plain(answer)
    assert "由第 5 行判定：审批人 销售总监" in page
    assert "由第 1 行判定：审批人 销售经理" in page


def test_a_limit_beyond_its_neighbour_is_refused_at_its_field(manager: Visitor) -> None:
    form = {**form_of(manager), "act": "replace", "limit": "0|500000", "new_limit": "300万"}
    assert "第 5 行将没有任何数值符合" in plain(manager.post(f"{TABLE}/edit", form))
    assert "请填写数字" in plain(manager.post(f"{TABLE}/edit", {**form, "new_limit": "多"}))
    assert "请选择要更改的限额" in plain(manager.post(f"{TABLE}/edit", {**form, "limit": "0|7"}))


def test_saving_what_is_there_already_is_no_version(demo: Flask, manager: Visitor) -> None:
    answer = manager.post(f"{TABLE}/edit", {**form_of(manager), "act": "save", "reason": "试"})
    assert answer.status_code == 422
    assert "没有任何改动" in plain(answer)
    assert numbers(demo) == [1]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"rows": "999999999999"},
        {"rows": "2", "version": "x", "row_1.amount": "\x00\x01￾", "row_1.:remark": "\x0b"},
        {"act": "remove-99999", "rows": "1"},
        {"act": "copy-x", "rows": "1"},
        {"act": "replace", "limit": "9|x", "rows": "1"},
        {"act": "save", "version": "1", "rows": "0", "reason": "x"},
        {"act": "try", "try.amount": "9" * 500},
    ],
)
def test_odd_forms_are_answered(manager: Visitor, sent: dict[str, str]) -> None:
    assert manager.post(f"{TABLE}/edit", sent).status_code in (200, 409, 422)


def test_odd_addresses_are_not_found(manager: Visitor) -> None:
    assert manager.get("/decisions/%00/%00").status_code == 404
    assert manager.get(f"{TABLE}/history?before=1").status_code == 404
    assert manager.get(f"{TABLE}/history?before=x").status_code == 200


def test_a_case_says_in_words_what_was_decided_by_which_facts(demo: Flask) -> None:
    kept = {
        "table": "contract_authority", "version": 1, "rules": [5], "answers": {"authority": "director"},
        "facts": {"amount": "800000", "discount_percent": "7.5", "below_floor": "True", "payment_days": "30"},
    }  # fmt: skip
    with demo.test_request_context():
        said = decided(kept, current_diagrams(db.session())["sale"])
    assert said == "合同金额：800,000 元、折扣：7.5%、低于底价：是、账期：30 天 → 销售总监"
