"""Finding sales: the pipeline as a board of five columns, and as a table that is sorted and paged by key.

Each is one query beside the one for the person's sight. A column of the board is read along its own index, so that a
hundred thousand sales cost no more than a hundred.
"""

import base64
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from workflows.customers.names import name_key
from workflows.customers.scope import Sight, Slice
from workflows.kernel.errors import Invalid
from workflows.kernel.money import from_fen
from workflows.sale.model import SaleStatus, Stage

#: Cards of a column, and rows of a page of the table.
CARDS, PAGE = 12, 30
#: Rows of an export; who wants more narrows it.
MOST_EXPORTED = 20_000
LONGEST_SEARCH = 80
#: How the table is sorted: name -> (column, whether the largest comes first).
SORTS: Mapping[str, tuple[str, bool]] = {
    "newest": ("s.id", True),
    "oldest": ("s.id", False),
    "amount": ("s.expected_fen", True),
    "expected": ("s.expected_on", False),
    "waiting": ("s.stage_since", False),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; empty fields narrow nothing."""

    part: Slice = Slice.MINE
    status: str = ""
    stage: int = 0
    owner: str = ""
    product_line_id: int = 0
    search: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A sale in a list, with the step that waits for somebody."""

    id: int
    instance_id: int
    number: str
    title: str
    customer_id: int
    customer: str
    grade: str
    owner_id: int
    owner: str
    owner_en: str
    stage: int
    status: str
    stage_since: dt.datetime
    expected: Decimal
    expected_on: dt.date
    task_id: int | None
    #: The diagram that the task belongs to, and its element there.
    task_definition_id: int | None
    task_element: str | None
    task_assignee_id: int | None


@dataclass(slots=True)
class Column:
    """One stage of the board: how many, how much, and the first cards."""

    stage: Stage
    count: int = 0
    total: Decimal = Decimal(0)
    cards: list[Card] = field(default_factory=list)


_CARD = """
s.id, s.instance_id, s.number, s.title, s.customer_id, c.name AS customer, c.grade, s.owner_id, e.name AS owner,
e.name_en AS owner_en, s.stage, s.status, s.stage_since, s.expected_fen AS expected, s.expected_on, t.id AS task_id,
t.definition_id AS task_definition_id, t.element_id AS task_element, t.assignee_id AS task_assignee_id
"""
_AROUND = """
  JOIN customer c ON c.id = s.customer_id JOIN employee e ON e.id = s.owner_id
  LEFT JOIN LATERAL (SELECT id, definition_id, element_id, assignee_id FROM user_task
                      WHERE instance_id = s.instance_id AND status = 'open' ORDER BY id LIMIT 1) t ON true
"""
_BOARD = """
WITH counted AS (
    SELECT s.stage, count(*) AS how_many, sum(s.expected_fen) AS fen FROM sale s
     WHERE s.status = 'open' AND {where} GROUP BY s.stage
), first AS (
    SELECT f.* FROM generate_series(1, 5) AS n CROSS JOIN LATERAL (
        SELECT s.* FROM sale s WHERE s.status = 'open' AND s.stage = n AND {where}
         ORDER BY s.stage_since, s.id LIMIT %(cards)s) f
)
SELECT counted.stage AS in_stage, counted.how_many, counted.fen, {card}
  FROM counted LEFT JOIN first s ON s.stage = counted.stage
  LEFT JOIN customer c ON c.id = s.customer_id LEFT JOIN employee e ON e.id = s.owner_id
  LEFT JOIN LATERAL (SELECT id, definition_id, element_id, assignee_id FROM user_task
                      WHERE instance_id = s.instance_id AND status = 'open' ORDER BY id LIMIT 1) t ON true
 ORDER BY counted.stage, s.stage_since, s.id
"""
_TABLE = """
WITH s AS (
    SELECT s.* FROM sale s WHERE {where} ORDER BY {column} {way}, s.id {way} LIMIT %(limit)s
)
SELECT {card} FROM s {around} ORDER BY {column} {way}, s.id {way}
"""


def board(session: Session, wanted: Wanted, *, sight: Sight) -> list[Column]:
    """The open sales by stage, those that have waited longest first."""
    where, given = _conditions(wanted, sight, without_status=True)
    rows = _read(session, _BOARD.format(where=where, card=_CARD), {**given, "cards": CARDS})
    columns = {stage: Column(stage) for stage in Stage}
    for row in rows:
        column = columns[Stage(row.in_stage)]
        column.count, column.total = int(row.how_many), from_fen(int(row.fen))
        if row.id is not None:
            column.cards.append(_card(row[3:]))
    return list(columns.values())


def sales_page(
    session: Session, wanted: Wanted, *, sight: Sight, sort: str = "newest", after: str | None = None, limit: int = PAGE
) -> tuple[list[Card], str | None]:
    """One page of the table, and the key of the next page if there is one.

    :raises Invalid: at ``after``: it is not the key of a page in this order
    """
    column, descends = SORTS[sort]
    where, given = _conditions(wanted, sight)
    if after is not None:
        value, ident = _place(after, sort)
        where += f" AND ({column}, s.id) {'<' if descends else '>'} (%(place)s::{_TYPES[column]}, %(ident)s)"
        given |= {"place": value, "ident": ident}
    way = "DESC" if descends else "ASC"
    sql = _TABLE.format(where=where, column=column, way=way, card=_CARD, around=_AROUND)
    rows = _read(session, sql, {**given, "limit": limit + 1})
    cards = [_card(row) for row in rows[:limit]]
    return cards, _key(cards[-1], sort) if len(rows) > limit else None


def _conditions(wanted: Wanted, sight: Sight, *, without_status: bool = False) -> tuple[str, dict[str, Any]]:
    """What is wanted and may be seen, as a condition on ``s`` with its parameters."""
    parts, given = [_seen(wanted.part, sight)], {"me": sight.person_id, "departments": list(sight.departments or ())}
    if wanted.status and not without_status:
        parts.append("s.status = %(status)s")
        given["status"] = wanted.status
    if wanted.stage:
        parts.append("s.stage = %(stage)s")
        given["stage"] = wanted.stage
    if wanted.product_line_id:
        parts.append("s.product_line_id = %(line)s")
        given["line"] = wanted.product_line_id
    if wanted.owner:
        parts.append("s.owner_id IN (SELECT id FROM employee WHERE login = lower(%(owner)s) OR name = %(owner)s)")
        given["owner"] = wanted.owner
    if wanted.search.strip():
        parts.append(_searched(wanted.search.strip()[:LONGEST_SEARCH], given))
    return " AND ".join(parts), given


def _seen(part: Slice, sight: Sight) -> str:
    if part is Slice.MINE:
        return "s.owner_id = %(me)s"
    if sight.departments is None:
        return "true"
    within = "s.department_id = ANY(%(departments)s)"
    return within if part is Slice.DEPARTMENT else f"({within} OR s.owner_id = %(me)s)"


def _searched(text: str, given: dict[str, Any]) -> str:
    """By number, or by the customer's name, its sound or its initials, through the indexes on their parts."""
    key = name_key(text)
    given |= {"number": f"{_escaped(text.upper())}%", "key": key, "like": f"%{_escaped(key)}%"}
    if not key:
        return "s.number LIKE %(number)s"
    columns = (("name_key", 2),) if not key.isascii() else (("pinyin", 3), ("initials", 3))
    # Lists of ids and not an OR, which no index answers.
    named = " UNION ".join(
        f"SELECT id FROM customer WHERE text_grams({column}, {size}) @> text_grams(%(key)s, {size})"  # noqa: S608
        f" AND {column} LIKE %(like)s"
        for column, size in columns
    )
    by_customer = f"SELECT x.id FROM sale x WHERE x.customer_id IN ({named})"  # noqa: S608 (constants only)
    return f"s.id IN (SELECT x.id FROM sale x WHERE x.number LIKE %(number)s UNION ALL {by_customer})"  # noqa: S608


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_TYPES = {"s.id": "bigint", "s.expected_fen": "bigint", "s.expected_on": "date", "s.stage_since": "timestamptz"}


def _key(card: Card, sort: str) -> str:
    column, _ = SORTS[sort]
    value = {
        "s.id": card.id, "s.expected_fen": int(card.expected * 100), "s.expected_on": card.expected_on.isoformat(),
        "s.stage_since": card.stage_since.isoformat(),
    }[column]  # fmt: skip
    return base64.urlsafe_b64encode(json.dumps([value, card.id]).encode()).decode().rstrip("=")


def _place(after: str, sort: str) -> tuple[Any, int]:
    column, _ = SORTS[sort]
    try:
        value, ident = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        if isinstance(ident, bool) or not isinstance(ident, int) or not 0 < ident < 2**63:
            raise ValueError
        if _TYPES[column] == "bigint":
            return (int(value) if 0 <= int(value) < 2**63 else 0), ident
        read = dt.date.fromisoformat if _TYPES[column] == "date" else dt.datetime.fromisoformat
        return read(value), ident
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise Invalid.at("after", "This is not the place where a page ended.") from None


#: Where the amount stands among the fields of a card.
_EXPECTED = list(Card.__slots__).index("expected")


def _card(row: Any) -> Card:
    """A row of ``_CARD``."""
    values = list(row)
    values[_EXPECTED] = from_fen(values[_EXPECTED])
    return Card(*values)


def _read(session: Session, sql: str, parameters: Mapping[str, Any]) -> Sequence[Any]:
    return list(session.connection().exec_driver_sql(sql, dict(parameters)))


#: Statuses in the order of the filter.
STATUSES = (SaleStatus.OPEN, SaleStatus.SUSPENDED, SaleStatus.LOST, SaleStatus.CLOSED)
