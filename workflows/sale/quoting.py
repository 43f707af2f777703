"""Stage 3, first half: what is offered, in versions, and what the customer says to it (I7.1, B3.4)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update

from workflows.engine.process import Outcome, Step, Values
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, Invalid
from workflows.kernel.money import to_fen, written
from workflows.products.model import Product
from workflows.sale.model import Quotation, QuotationLine, Sale
from workflows.sale.opportunity import title_of
from workflows.sale.pricing import Item, Totals, totals
from workflows.sale.standing import LockedSale, lock_sale

#: A quotation reaches up to here, a billion yuan; more is a slip.
MOST_FEN = 10**11
#: How long a quotation may bind.
LONGEST_VALID = dt.timedelta(days=366)


def quote(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """Offer something: the next version, with the prices of its day. It takes the place of what was offered before."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    _refuse_dates(step, answer)
    lines = _lines(step, answer["lines"])
    sums = totals([item for _, item, _ in lines])
    if not 0 < sums.total_fen <= MOST_FEN:
        raise Invalid.at(
            "lines",
            "A quotation comes to more than nothing and at most ¥%(most)s; this one comes to ¥%(total)s.",
            most=written(MOST_FEN), total=written(sums.total_fen),
        )  # fmt: skip
    step.session.execute(
        update(Quotation)
        .where(Quotation.sale_id == sale.id, Quotation.status.in_(("offered", "accepted")))
        .values(status="replaced")
    )
    quotation_id = _write(step, sale, answer, sums)
    step.session.execute(
        insert(QuotationLine),
        [
            {
                "quotation_id": quotation_id, "position": position, "product_id": product.id, "name": product.name,
                "unit": product.unit, "quantity": item.quantity, "list_price_fen": item.list_price_fen,
                "floor_price_fen": item.floor_price_fen, "unit_price_fen": item.unit_price_fen,
                "discount_bp": item.discount_bp, "amount_fen": item.amount_fen, "note": note,
            }
            for position, (product, item, note) in enumerate(lines, 1)
        ],
    )  # fmt: skip
    return Outcome(
        "submit",
        values={"valid_until": (answer["valid_until"] + dt.timedelta(days=1)).isoformat()},
        title=title_of(sale.number, sale.title, sums.total_fen),
    )


def await_answer(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """What the customer says: accepted, or to be offered anew."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    status = "accepted" if answer["decision"] == "accept" else "refused"
    _answer_offered(step, sale, status, answer.get("opinion") or "")
    return Outcome(answer["decision"], answer.get("opinion") or None)


def expire_quotation(step: Step) -> Values:
    """What nobody answered in time binds nobody."""
    sale = lock_sale(step.session, instance_id=step.instance_id)
    _answer_offered(step, sale, "expired", "")
    return {}


def _answer_offered(step: Step, sale: LockedSale, status: str, words: str) -> None:
    changed = step.session.execute(
        update(Quotation)
        .where(Quotation.sale_id == sale.id, Quotation.status == "offered")
        .values(status=status, answer=words, answered_at=step.now)
        .returning(Quotation.total_fen)
    ).scalar_one_or_none()
    if changed is None:
        raise Conflict("Nothing is offered to this customer just now.")
    if status == "accepted":
        step.session.execute(update(Sale).where(Sale.id == sale.id).values(expected_fen=changed))


def _refuse_dates(step: Step, answer: Mapping[str, Any]) -> None:
    today = day_of(step.now)
    if answer["valid_until"] < today:
        raise Invalid.at("valid_until", "This date lies in the past.")
    if answer["valid_until"] > today + LONGEST_VALID:
        raise Invalid.at("valid_until", "A quotation binds at most a year.")


def _lines(step: Step, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, Item, str]]:
    """Each row with its product and prices; ``row`` is where it stood, for messages at its fields."""
    wanted = {row["product"] for row in rows}
    found = {
        product.id: product
        for product in step.session.execute(
            select(
                Product.id, Product.name, Product.unit, Product.list_price_fen, Product.floor_price_fen
            ).where(Product.id.in_(wanted), Product.active)
        )
    }
    lines = []
    for row in rows:
        product = found.get(row["product"])
        if product is None:
            raise Invalid.at(f"lines-{row['row']}-product", "There is no such product.")
        price_fen = product.list_price_fen if row.get("unit_price") is None else to_fen(row["unit_price"])
        discount_bp = int((row.get("discount") or Decimal(0)) * 100)
        item = Item(row["quantity"], product.list_price_fen, product.floor_price_fen, price_fen, discount_bp)
        if item.amount_fen > MOST_FEN:
            raise Invalid.at(
                f"lines-{row['row']}-quantity", "This line comes to ¥%(amount)s: at most ¥%(most)s.",
                amount=written(item.amount_fen), most=written(MOST_FEN),
            )  # fmt: skip
        lines.append((product, item, row.get("note") or ""))
    return lines


def _write(step: Step, sale: LockedSale, answer: Mapping[str, Any], sums: Totals) -> int:
    newest = select(func.coalesce(func.max(Quotation.version), 0) + 1).where(Quotation.sale_id == sale.id)
    return int(
        step.session.execute(
            insert(Quotation).values(
                sale_id=sale.id, version=newest.scalar_subquery(), valid_until=answer["valid_until"],
                payment_days=answer["payment_days"], payment_terms=answer.get("payment_terms") or "",
                delivery_terms=answer.get("delivery_terms") or "", total_fen=sums.total_fen, list_fen=sums.list_fen,
                floor_fen=sums.floor_fen, is_below_floor=sums.is_below_floor,
                created_by_id=step.author_id, created_at=step.now,
            ).returning(Quotation.id)
        ).scalar_one()
    )  # fmt: skip
