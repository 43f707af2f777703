"""What one sale has to show: where it stands, what was offered and agreed, its plan, its delivery and its moves."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from workflows.kernel.money import from_fen
from workflows.sale.pricing import Totals


@dataclass(frozen=True, slots=True)
class SaleRow:
    """A sale with the names around it; amounts are yuan."""

    id: int
    instance_id: int
    number: str
    title: str
    customer_id: int
    customer: str
    grade: str
    product_line_id: int
    product_line: str
    product_line_en: str
    owner_id: int
    owner: str
    owner_en: str
    department_id: int
    department: str
    department_en: str
    stage: int
    status: str
    stage_since: dt.datetime
    expected: Decimal
    expected_on: dt.date
    stopped_reason: str | None
    stopped_words: str | None
    resume_on: dt.date | None
    needs: str
    decision_makers: str
    budget: Decimal | None
    competitors: str
    accepted_on: dt.date | None
    satisfaction: int | None
    customer_word: str
    created_at: dt.datetime
    closed_at: dt.datetime | None
    registered_at: dt.datetime
    lapses_on: dt.date
    registration_ended_why: str | None
    contracted: Decimal
    received: Decimal
    refunded: Decimal
    visits: int

    @property
    def held(self) -> Decimal:
        """What the company holds of it."""
        return self.received - self.refunded

    @property
    def owed(self) -> Decimal:
        """What is still to be collected."""
        return max(self.contracted - self.received, Decimal(0))


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """One item of a quotation."""

    position: int
    product_id: int
    name: str
    unit: str
    quantity: Decimal
    list_price: Decimal
    floor_price: Decimal
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    note: str

    @property
    def is_below_floor(self) -> bool:
        """Whether it is sold below its floor price (H10)."""
        return self.unit_price * (100 - self.discount) < self.floor_price * 100


@dataclass(frozen=True, slots=True)
class QuotationRow:
    """One version of what was offered."""

    id: int
    version: int
    valid_until: dt.date
    payment_days: int
    payment_terms: str
    delivery_terms: str
    total: Decimal
    discount_percent: Decimal
    is_below_floor: bool
    status: str
    answer: str
    created_at: dt.datetime
    lines: list[QuotedLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PlannedPayment:
    """One instalment, with what of it is covered by the money that is held, the earliest first."""

    position: int
    due_on: dt.date
    amount: Decimal
    covered: Decimal
    note: str

    @property
    def open(self) -> Decimal:
        """What of it is still owed."""
        return self.amount - self.covered


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract with its plan."""

    id: int
    number: str
    quotation_id: int
    total: Decimal
    deliver_on: dt.date
    terms: str
    authority: str | None
    status: str
    drafted_at: dt.datetime
    signed_on: dt.date | None
    plan: list[PlannedPayment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """One step of the delivery."""

    position: int
    name: str
    planned_on: dt.date
    reached_on: dt.date | None
    note: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One move of the sale."""

    kind: str
    stage: int
    from_stage: int | None
    since: dt.datetime | None
    reason: str
    giver: str | None
    giver_en: str | None
    to: str | None
    to_en: str | None
    by: str | None
    by_en: str | None
    moved_at: dt.datetime


_SALE = """
SELECT s.id, s.instance_id, s.number, s.title, s.customer_id, c.name AS customer, c.grade, s.product_line_id,
       p.name AS product_line, p.name_en AS product_line_en, s.owner_id, e.name AS owner, e.name_en AS owner_en,
       s.department_id, d.name AS department, d.name_en AS department_en, s.stage, s.status, s.stage_since,
       s.expected_fen AS expected, s.expected_on, s.stopped_reason,
       (SELECT m.reason FROM sale_move m WHERE m.sale_id = s.id AND m.kind IN ('lost', 'suspended')
         ORDER BY m.id DESC LIMIT 1) AS stopped_words,
       s.resume_on, s.needs, s.decision_makers, s.budget_fen AS budget, s.competitors, s.accepted_on, s.satisfaction,
       s.customer_word, s.created_at, s.closed_at, r.registered_at, r.lapses_on,
       r.ended_why AS registration_ended_why,
       coalesce((SELECT k.total_fen FROM contract k WHERE k.sale_id = s.id AND k.status = 'signed'), 0) AS contracted,
       coalesce(m.received, 0) AS received, coalesce(m.refunded, 0) AS refunded,
       (SELECT count(*) FROM visit v WHERE v.instance_id = s.instance_id) AS visits
  FROM sale s JOIN customer c ON c.id = s.customer_id JOIN product_line p ON p.id = s.product_line_id
  JOIN employee e ON e.id = s.owner_id JOIN department d ON d.id = s.department_id
  JOIN registration r ON r.id = s.registration_id
  LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN reverses_id IS NULL THEN amount_fen ELSE -amount_fen END) FILTER (WHERE kind = 'receipt')
             AS received,
           sum(CASE WHEN reverses_id IS NULL THEN amount_fen ELSE -amount_fen END) FILTER (WHERE kind = 'refund')
             AS refunded
      FROM receipt WHERE sale_id = s.id AND id > s.settled_receipt_id) m ON true
 WHERE s.{named} = %(id)s
"""
_FEN = ("expected", "contracted", "received", "refunded")
_QUOTATIONS = """
SELECT q.id, q.version, q.valid_until, q.payment_days, q.payment_terms, q.delivery_terms, q.total_fen, q.list_fen,
       q.floor_fen, q.is_below_floor, q.status, q.answer, q.created_at,
       (SELECT json_agg(json_build_array(l.position, l.product_id, l.name, l.unit, l.quantity::text, l.list_price_fen,
                                         l.floor_price_fen, l.unit_price_fen, l.discount_bp, l.amount_fen, l.note)
                        ORDER BY l.position) FROM quotation_line l WHERE l.quotation_id = q.id) AS lines
  FROM quotation q WHERE q.sale_id = %(id)s ORDER BY q.version DESC
"""
_CONTRACTS = """
SELECT c.id, c.number, c.quotation_id, c.total_fen, c.deliver_on, c.terms, c.authority, c.status, c.drafted_at,
       c.signed_on,
       (SELECT json_agg(json_build_array(i.position, i.due_on, i.amount_fen, i.note) ORDER BY i.due_on, i.position)
          FROM instalment i WHERE i.contract_id = c.id) AS plan
  FROM contract c WHERE c.sale_id = %(id)s ORDER BY c.id DESC
"""
_MILESTONES = """
SELECT position, name, planned_on, reached_on, note FROM milestone WHERE sale_id = %(id)s
 ORDER BY planned_on, position
"""
_MOVES = """
SELECT m.kind, m.stage, m.from_stage, m.since, m.reason, f.name AS giver, f.name_en AS giver_en, t.name AS to,
       t.name_en AS to_en, b.name AS by, b.name_en AS by_en, m.moved_at
  FROM sale_move m LEFT JOIN employee f ON f.id = m.from_id LEFT JOIN employee t ON t.id = m.to_id
  LEFT JOIN employee b ON b.id = m.moved_by_id
 WHERE m.sale_id = %(id)s ORDER BY m.id
"""


def sale_of(session: Session, *, sale_id: int | None = None, instance_id: int | None = None) -> SaleRow | None:
    """One sale, named by its own or its case's id."""
    named = "id" if sale_id is not None else "instance_id"
    found = _read(session, _SALE.format(named=named), sale_id if sale_id is not None else instance_id)
    if not found:
        return None
    values = dict(found[0]._mapping)
    values |= {name: from_fen(int(values[name])) for name in _FEN}
    values["budget"] = None if values["budget"] is None else from_fen(values["budget"])
    return SaleRow(**values)


def quotations_of(session: Session, sale_id: int) -> list[QuotationRow]:
    """Every version of what was offered, the newest first."""
    return [_quotation(row) for row in _read(session, _QUOTATIONS, sale_id)]


def contracts_of(session: Session, sale_id: int, *, received: Decimal) -> list[ContractRow]:
    """The contracts of a sale, the newest first; what came in covers the instalments of the signed one in turn."""
    found = []
    for row in _read(session, _CONTRACTS, sale_id):
        values = dict(row._mapping)
        covering = received if values["status"] == "signed" else Decimal(0)
        plan = covered(
            [(p, dt.date.fromisoformat(due), from_fen(fen), note) for p, due, fen, note in values["plan"] or []],
            covering,
        )
        total = from_fen(values.pop("total_fen"))
        found.append(ContractRow(**{**values, "total": total, "plan": plan}))
    return found


def covered(plan: Sequence[tuple[int, dt.date, Decimal, str]], money: Decimal) -> list[PlannedPayment]:
    """Let money cover instalments, the one that is due first before the others."""
    rows = []
    for position, due_on, amount, note in plan:
        part = min(amount, money)
        rows.append(PlannedPayment(position, due_on, amount, part, note))
        money -= part
    return rows


def milestones_of(session: Session, sale_id: int) -> list[MilestoneRow]:
    """The steps of the delivery, in the order of their days."""
    return [MilestoneRow(*row) for row in _read(session, _MILESTONES, sale_id)]


def moves_of(session: Session, sale_id: int) -> list[MoveRow]:
    """Every move of a sale, the oldest first."""
    return [MoveRow(**row._mapping) for row in _read(session, _MOVES, sale_id)]


def _quotation(row: Any) -> QuotationRow:
    values = dict(row._mapping)
    sums = Totals(values.pop("total_fen"), values.pop("list_fen"), values.pop("floor_fen"), values["is_below_floor"])
    lines = [_line(each) for each in values.pop("lines") or []]
    return QuotationRow(
        **values, total=from_fen(sums.total_fen), discount_percent=sums.discount_percent, lines=lines
    )


def _line(values: list[Any]) -> QuotedLine:
    """A line as the database put it into JSON."""
    position, product_id, name, unit, quantity, listed, floor, price, discount_bp, amount, note = values
    return QuotedLine(
        position, product_id, name, unit, Decimal(quantity).normalize(), from_fen(listed), from_fen(floor),
        from_fen(price), Decimal(discount_bp) / 100, from_fen(amount), note,
    )  # fmt: skip


def _read(session: Session, sql: str, ident: int | None) -> list[Any]:
    return list(session.connection().exec_driver_sql(sql, {"id": ident}))
