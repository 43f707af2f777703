"""The pages of the price list, and what programs read of it."""

import re
from typing import Any

import pytest
from flask import Flask

from tests.api.company import Api
from tests.application import Visitor
from tests.engine.company import START


@pytest.fixture
def director(demo: Flask) -> Visitor:
    return Visitor(demo).sign_in_as("sales_director")


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def number_of(visitor: Visitor, code: str) -> int:
    found = re.search(r'href="/products/(\d+)"', text(visitor.get(f"/products?search={code}&state=all")))
    assert found
    return int(found[1])


def form_of(visitor: Visitor, product_id: int) -> dict[str, str]:
    """What the form would send if nothing were changed."""
    page = text(visitor.get(f"/products/{product_id}/edit"))
    inputs = re.findall(r"<input([^>]*)>", page)
    sent = {}
    for attributes in inputs:
        pairs = dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))
        if pairs.get("type") != "checkbox" or re.search(r"\bchecked\b", attributes):
            sent[pairs.get("name", "")] = pairs.get("value", "")
    for name, body in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        sent[name] = chosen[1] if chosen else ""
    sent.pop("csrf_token", None)
    return sent


def test_products_are_listed_and_narrowed(director: Visitor) -> None:
    assert "NK-100" in text(director.get("/products"))
    found = text(director.get("/products?kind=referred"))
    assert "联名礼品卡" in found
    assert "NK-100" not in found
    assert "没有符合条件的产品" in text(director.get("/products?search=%25"))


def test_salespeople_see_prices_but_no_cost_and_change_nothing(demo: Flask) -> None:
    seller = Visitor(demo).sign_in_as("salesperson")
    page = text(seller.get("/products?search=NK-100"))
    assert "¥3,000.00" in page
    assert "¥2,700.00" in page
    assert "¥1,200.00" not in page
    product_id = number_of(seller, "NK-100")
    assert "¥1,200.00" not in text(seller.get(f"/products/{product_id}"))
    assert seller.get(f"/products/{product_id}/edit").status_code == 403


def test_a_price_is_changed_with_a_reason_and_stands_in_the_history(director: Visitor) -> None:
    product_id = number_of(director, "NK-100")
    sent = form_of(director, product_id)
    assert sent["list_price_fen"] == "3000.00"
    refused = director.post(f"/products/{product_id}/edit", {**sent, "list_price_fen": "3200"})
    assert "请填写理由" in text(refused)
    assert 'value="3200"' in text(refused)
    done = director.post(f"/products/{product_id}/edit", {**sent, "list_price_fen": "3200", "reason": "原料涨价"})
    assert done.status_code == 302
    page = text(director.get(f"/products/{product_id}"))
    assert "3,000.00" in page
    assert "3,200.00" in page
    assert "原料涨价" in page


def test_the_second_editor_is_told(director: Visitor) -> None:
    product_id = number_of(director, "NK-200")
    sent = form_of(director, product_id)
    director.post(f"/products/{product_id}/edit", {**sent, "unit": "份", "reason": "改单位"})
    late = director.post(f"/products/{product_id}/edit", {**sent, "unit": "套", "reason": "也改"})
    assert late.status_code == 409
    assert "份" in text(director.get(f"/products/{product_id}"))


@pytest.mark.parametrize(
    ("sent", "what"),
    [
        ({"floor_price_fen": "4000"}, "底价不能高于标价"),
        ({"list_price_fen": "-5"}, "is-invalid"),
        ({"list_price_fen": "1e5"}, "is-invalid"),
        ({"code": "NK-200"}, "已有产品使用这个编号"),
        ({"line_id": "999999999999999999999"}, "is-invalid"),
        ({"kind": "odd"}, "is-invalid"),
    ],
)
def test_bad_input_comes_back_at_the_field(director: Visitor, sent: dict[str, str], what: str) -> None:
    product_id = number_of(director, "NK-100")
    form = form_of(director, product_id)
    answer = director.post(f"/products/{product_id}/edit", {**form, **sent, "reason": "试"})
    assert answer.status_code == 200
    assert what in text(answer)


def test_a_product_and_its_line_are_added_in_the_browser(director: Visitor) -> None:
    assert director.post("/products/lines/new", {"name": "咨询服务", "name_en": "Consulting"}).status_code == 302
    line = re.search(r'line_id=(\d+)"><strong>咨询服务', text(director.get("/products/lines")))
    assert line
    sent = {
        "code": "ZX-100", "name": "诊断", "line_id": line[1], "kind": "new", "unit": "次",
        "list_price_fen": "5000", "floor_price_fen": "5000", "active": "y",
    }  # fmt: skip
    assert director.post("/products/new", sent).status_code == 302
    assert "ZX-100" in text(director.get("/products?search=诊断"))


def test_programs_read_what_is_for_sale(demo: Flask) -> None:
    api = Api(demo, START)
    items = api.get("salesperson", "/products").json["items"]
    assert [item["code"] for item in items] == [
        "NK-100", "NK-200", "NK-300", "PX-100", "PX-200", "PX-300", "RJ-100", "RJ-200",
    ]  # fmt: skip
    assert (items[0]["list_price"], items[0]["floor_price"]) == ("3000.00", "2700.00")
    line = items[0]["line"]["id"]
    assert len(api.get("salesperson", f"/products?line={line}").json["items"]) == 3
    assert api.get("salesperson", "/products?line=x").status_code == 422
    assert api.get("hr", "/products").status_code == 403
