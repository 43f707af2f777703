"""The price list: who is first, what is refused, and what stands in a product's history."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.engine.company import people
from workflows.kernel.errors import Invalid, NotFound, StaleRevision
from workflows.products.catalogue import (
    ProductData,
    add_product,
    deactivate,
    edit_product,
    found_product,
    product_history,
    products_for_sale,
    products_page,
)
from workflows.products.lines import add_line, edit_line, product_lines
from workflows.products.model import Product

NOW = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)


@pytest.fixture
def director(session: Session) -> int:
    return people(session)["di"]


@pytest.fixture
def card(session: Session, director: int) -> ProductData:
    """A card of 3,000 yuan, floor 2,700."""
    line = add_line(session, name="年卡会员", name_en="Membership")
    return ProductData("NK-100", "标准年卡", line.id, "ordinary", "张", 300_000, 270_000)


def add(session: Session, data: ProductData, actor_id: int) -> Product:
    return add_product(session, data, actor_id=actor_id, now=NOW)


def edit(session: Session, product: Product, actor_id: int, *, reason: str = "原料涨价", **facts: object) -> Product:
    known = {name: getattr(product, name) for name in ProductData.__dataclass_fields__}
    return edit_product(
        session, product.id, ProductData(**{**known, **facts}), revision=product.revision, reason=reason,
        actor_id=actor_id, now=NOW,
    )  # fmt: skip


def history(session: Session, product: Product) -> list[tuple[str, str, str, str]]:
    return [(each.field, each.before, each.after, each.reason) for each in product_history(session, product.id)]


def refused(session: Session, data: ProductData, actor_id: int) -> set[str]:
    with pytest.raises(Invalid) as refusal:
        add(session, data, actor_id)
    return set(refusal.value.fields)


def test_a_product_is_added_and_its_history_begins(session: Session, card: ProductData, director: int) -> None:
    product = add(session, card, director)
    assert history(session, product) == [("created", "", "NK-100", "")]
    assert [row.code for row in products_for_sale(session)] == ["NK-100"]


def test_every_changed_fact_leaves_a_row_with_the_reason(session: Session, card: ProductData, director: int) -> None:
    product = add(session, card, director)
    edit(session, product, director, list_price_fen=320_000, kind="high_end", is_procured=True, cost_fen=120_000)
    assert product.revision == 2
    assert sorted(history(session, product))[0] == ("cost_fen", "", "1,200.00", "原料涨价")
    assert sorted(history(session, product)) == [
        ("cost_fen", "", "1,200.00", "原料涨价"),
        ("created", "", "NK-100", ""),
        ("is_procured", "no", "yes", "原料涨价"),
        ("kind", "ordinary", "high_end", "原料涨价"),
        ("list_price_fen", "3,000.00", "3,200.00", "原料涨价"),
    ]


def test_nothing_changed_is_no_change(session: Session, card: ProductData, director: int) -> None:
    product = add(session, card, director)
    edit(session, product, director, reason="")
    assert (product.revision, len(history(session, product))) == (1, 1)


@pytest.mark.parametrize("reason", ["", " ", "x" * 501])
def test_a_change_has_a_reason(session: Session, card: ProductData, director: int, reason: str) -> None:
    product = add(session, card, director)
    with pytest.raises(Invalid) as refusal:
        edit(session, product, director, reason=reason, name="年卡")
    assert set(refusal.value.fields) == {"reason"}
    assert len(history(session, product)) == 1


def test_the_second_of_two_editors_is_refused(session: Session, card: ProductData, director: int) -> None:
    product = add(session, card, director)
    edit(session, product, director, name="年卡")
    with pytest.raises(StaleRevision):
        edit_product(session, product.id, card, revision=1, reason="x", actor_id=director, now=NOW)
    assert found_product(session, product.id).name == "年卡"


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ({"floor_price_fen": 300_001}, {"floor_price_fen"}),
        ({"list_price_fen": -1, "floor_price_fen": -1}, {"list_price_fen", "floor_price_fen"}),
        ({"list_price_fen": 10**14 + 1}, {"list_price_fen"}),
        ({"cost_fen": 10**14 + 1}, {"cost_fen"}),
        ({"kind": "odd"}, {"kind"}),
        ({"line_id": 10**9}, {"line_id"}),
        ({"code": " ", "name": "", "unit": ""}, {"code", "name", "unit"}),
    ],
)
def test_odd_facts_are_refused_at_their_fields(
    session: Session, card: ProductData, director: int, facts: dict[str, object], fields: set[str]
) -> None:
    assert refused(session, dataclasses.replace(card, **facts), director) == fields
    assert products_for_sale(session) == []


def test_a_floor_at_the_list_price_is_taken(session: Session, card: ProductData, director: int) -> None:
    assert add(session, dataclasses.replace(card, floor_price_fen=300_000), director).floor_price_fen == 300_000


def test_a_code_is_given_once(session: Session, card: ProductData, director: int) -> None:
    add(session, card, director)
    with session.begin_nested() as attempt:
        assert refused(session, card, director) == {"code"}
        attempt.rollback()
    assert len(products_for_sale(session)) == 1


def test_a_line_s_name_is_given_once(session: Session, card: ProductData) -> None:
    with session.begin_nested() as attempt:
        with pytest.raises(Invalid):
            add_line(session, name="  年卡会员 ")
        attempt.rollback()
    assert len(product_lines(session)) == 1


def test_what_is_deactivated_is_not_for_sale_but_stays(session: Session, card: ProductData, director: int) -> None:
    product = add(session, card, director)
    deactivate(session, product.id, revision=1, reason="停产", actor_id=director, now=NOW)
    assert products_for_sale(session) == []
    assert [row.code for row in products_page(session, active=False)[0]] == ["NK-100"]
    assert history(session, product)[0] == ("active", "yes", "no", "停产")


def test_a_line_that_is_no_longer_sold_takes_its_products_along(
    session: Session, card: ProductData, director: int
) -> None:
    product = add(session, card, director)
    edit_line(session, card.line_id, name="年卡会员", active=False)
    assert products_for_sale(session) == []
    assert refused(session, dataclasses.replace(card, code="NK-200"), director) == {"line_id"}
    # What stands in the line already may still be changed.
    edit(session, product, director, name="年卡")


def test_products_are_found_by_line_kind_code_and_either_name(
    session: Session, card: ProductData, director: int
) -> None:
    other = add_line(session, name="软件服务")
    add(session, dataclasses.replace(card, name_en="Standard card"), director)
    add(session, dataclasses.replace(card, code="RJ-100", name="系统", line_id=other.id, kind="new"), director)

    def codes(**asked: object) -> list[str]:
        return [row.code for row in products_page(session, **asked)[0]]

    assert codes(search="rj") == ["RJ-100"]
    assert codes(search="年卡") == ["NK-100"]
    assert codes(search="STANDARD") == ["NK-100"]
    assert codes(search="%") == []
    assert codes(line_id=other.id) == ["RJ-100"]
    assert codes(kind="new") == ["RJ-100"]
    assert [row.code for row in products_for_sale(session, other.id)] == ["RJ-100"]


def test_pages_follow_each_other_by_code(session: Session, card: ProductData, director: int) -> None:
    for number in range(5):
        add(session, dataclasses.replace(card, code=f"C{number}"), director)
    first, following = products_page(session, size=2)
    assert ([row.code for row in first], following) == (["C0", "C1"], "C1")
    last, following = products_page(session, size=3, after="C1")
    assert ([row.code for row in last], following) == (["C2", "C3", "C4"], None)


def test_the_history_is_never_changed(session: Session, card: ProductData, director: int) -> None:
    add(session, card, director)
    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE product_change SET reason = 'x'"))


def test_an_unknown_product_is_not_found(session: Session, card: ProductData, director: int) -> None:
    with pytest.raises(NotFound):
        edit_product(session, 10**9, card, revision=1, reason="x", actor_id=director, now=NOW)
