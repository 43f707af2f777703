"""What one advance has to show: what it was meant for, its ledger, its settlements, the decisions on it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from workflows.kernel.money import from_fen


@dataclass(frozen=True, slots=True)
class Spend:
    """What one kind of expense was meant to cost."""

    kind: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Version:
    """What the request said before a change."""

    version: int
    amount: Decimal
    purpose: str
    return_on: dt.date
    replaced_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One ledger entry; ``change`` says what it does to the balance, ``balance`` is what it leaves."""

    id: int
    kind: str
    amount: Decimal
    change: Decimal
    balance: Decimal
    occurred_on: dt.date
    method: str | None
    reference: str
    note: str
    reverses_id: int | None
    recorded_by: str
    recorded_by_en: str
    recorded_for: str | None
    recorded_for_en: str | None
    recorded_at: dt.datetime
    settlement_instance_id: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One receipt of a claim."""

    position: int
    kind: str
    spent_on: dt.date
    amount: Decimal
    note: str
    document_ids: list[int]
    accepted: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """A settlement with its lines and what has become of it."""

    id: int
    instance_id: int
    advance_id: int
    kind: str
    amount: Decimal
    requested_at: dt.datetime
    occurred_on: dt.date | None
    method: str | None
    reference: str
    note: str
    consented_at: dt.datetime | None
    status: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision on a request, with the name of whom the decider stood in for."""

    element_id: str
    decision: str
    opinion: str | None
    by: str
    by_en: str
    on_behalf_of: str | None
    on_behalf_of_en: str | None
    at: dt.datetime
    task_id: int


def spend_of(session: Session, advance_id: int) -> list[Spend]:
    """What the money is for, by kind."""
    rows = _read(session, "SELECT kind, amount_fen FROM advance_spend WHERE advance_id = %(id)s", id=advance_id)
    order = ["transport", "lodging", "meals", "entertainment", "other"]
    return sorted((Spend(row.kind, from_fen(row.amount_fen)) for row in rows), key=lambda each: order.index(each.kind))


def versions_of(session: Session, advance_id: int) -> list[Version]:
    """What the request said before, the newest first."""
    rows = _read(
        session,
        "SELECT version, amount_fen, purpose, return_on, replaced_at FROM advance_version"
        " WHERE advance_id = %(id)s ORDER BY version DESC",
        id=advance_id,
    )
    return [Version(r.version, from_fen(r.amount_fen), r.purpose, r.return_on, r.replaced_at) for r in rows]


def entries_of(session: Session, advance_id: int) -> list[Entry]:
    """The ledger, the oldest first, with the balance after each entry."""
    rows = _read(
        session,
        """
SELECT e.id, e.kind, e.amount_fen, e.occurred_on, e.method, e.reference, e.note, e.reverses_id, e.recorded_at,
       p.name AS recorded_by, p.name_en AS recorded_by_en, q.name AS recorded_for, q.name_en AS recorded_for_en,
       s.instance_id AS settlement_instance_id,
       CASE WHEN e.kind = 'paid' THEN 1 ELSE -1 END * CASE WHEN e.reverses_id IS NULL THEN 1 ELSE -1 END AS sign
  FROM advance_entry e
  JOIN employee p ON p.id = e.recorded_by_id
  LEFT JOIN employee q ON q.id = e.recorded_for_id
  LEFT JOIN settlement s ON s.id = e.settlement_id
 WHERE e.advance_id = %(id)s ORDER BY e.id""",
        id=advance_id,
    )
    entries, balance = [], 0
    for row in rows:
        values = dict(row._mapping)
        fen, sign = values.pop("amount_fen"), values.pop("sign")
        balance += sign * fen
        entries.append(Entry(amount=from_fen(fen), change=from_fen(sign * fen), balance=from_fen(balance), **values))
    return entries


def settlements_of(
    session: Session, *, advance_id: int | None = None, instance_id: int | None = None
) -> list[SettlementRow]:
    """The settlements of an advance, or the one of a case, with their lines."""
    condition = "s.advance_id = %(id)s" if advance_id is not None else "s.instance_id = %(id)s"
    rows = _read(
        session,
        f"""
SELECT s.id, s.instance_id, s.advance_id, s.kind, s.amount_fen, s.requested_at, s.occurred_on, s.method, s.reference,
       s.note, s.consented_at, i.status,
       (SELECT json_agg(json_build_array(l.position, l.kind, l.spent_on, l.amount_fen, l.note, l.document_ids,
                                         l.accepted, l.reason) ORDER BY l.position)
          FROM settlement_line l WHERE l.settlement_id = s.id) AS lines
  FROM settlement s JOIN process_instance i ON i.id = s.instance_id
 WHERE {condition} ORDER BY s.id""",  # noqa: S608 (constants only)
        id=advance_id or instance_id,
    )
    found = []
    for row in rows:
        values = dict(row._mapping)
        values["amount"] = from_fen(values.pop("amount_fen"))
        values["lines"] = [_line(line) for line in values["lines"] or []]
        found.append(SettlementRow(**values))
    return found


def decisions_on(session: Session, instance_id: int) -> list[Decision]:
    """Every decision of a case, in the order in which they fell."""
    rows = _read(
        session,
        """
SELECT t.element_id, t.decision, t.opinion, p.name AS by, p.name_en AS by_en, q.name AS on_behalf_of,
       q.name_en AS on_behalf_of_en, t.closed_at AS at, t.id AS task_id
  FROM user_task t JOIN employee p ON p.id = t.closed_by_id LEFT JOIN employee q ON q.id = t.on_behalf_of_id
 WHERE t.instance_id = %(id)s AND t.status = 'completed' ORDER BY t.closed_at, t.id""",
        id=instance_id,
    )
    return [Decision(**row._mapping) for row in rows]


def amounts_asked(session: Session, instance_ids: Sequence[int]) -> dict[int, int]:
    """What requests for an advance are about, in fen, by their cases."""
    rows = _read(
        session, "SELECT instance_id, amount_fen FROM advance WHERE instance_id = ANY(%(ids)s)", ids=list(instance_ids)
    )
    return {row.instance_id: row.amount_fen for row in rows}


def amounts_settled(session: Session, instance_ids: Sequence[int]) -> dict[int, int]:
    """What settlements are about, in fen, by their cases."""
    rows = _read(
        session,
        "SELECT instance_id, amount_fen FROM settlement WHERE instance_id = ANY(%(ids)s)",
        ids=list(instance_ids),
    )
    return {row.instance_id: row.amount_fen for row in rows}


def _line(values: list[Any]) -> Line:
    """A line as the database put it into JSON."""
    position, kind, spent_on, fen, note, ids, accepted, reason = values
    return Line(position, kind, dt.date.fromisoformat(spent_on), from_fen(fen), note, ids, accepted, reason)


def _read(session: Session, sql: str, **parameters: Any) -> list[Any]:
    return list(session.connection().exec_driver_sql(sql, parameters))
