"""Where advances stand: the read side. Balance and state are computed from the entries by one SQL expression.

``state`` follows domain.md section 2. A request that was returned for changes is a draft again; what is owed after the
return date is overdue whatever else it is; a loan that an administrator ended shows by its money.
"""

import datetime as dt
import enum
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from workflows.engine.process import Actor
from workflows.kernel.money import from_fen
from workflows.people.model import Role


class State(enum.StrEnum):
    """Where one advance stands."""

    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    PARTLY_CLEARED = "partly_cleared"
    CLEARED = "cleared"
    OVERDUE = "overdue"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Scope(enum.StrEnum):
    """Whose advances a list shows."""

    MINE = "mine"
    #: Of the people in the departments that the reader leads, and of those who report to them.
    TEAM = "team"
    ALL = "all"


#: Who sees every advance.
SEES_ALL = frozenset({Role.ACCOUNTANT.value, Role.FINANCE_DIRECTOR.value, Role.GENERAL_MANAGER.value})


@dataclass(frozen=True, slots=True)
class AdvanceRow:
    """An advance as pages show it, in fen; the properties give yuan."""

    id: int
    instance_id: int
    number: str
    borrower_id: int
    borrower: str
    borrower_en: str
    department: str
    department_en: str
    amount_fen: int
    purpose: str
    customer: str
    return_on: dt.date
    requested_at: dt.datetime
    approved_on: dt.date | None
    rest_closed_reason: str | None
    paid_fen: int
    claimed_fen: int
    returned_fen: int
    deducted_fen: int
    #: What the borrower still owes.
    balance_fen: int
    #: What is handed in and not yet decided.
    reserved_fen: int
    state: str
    customer_id: int | None
    sale_id: int | None

    @property
    def payable_fen(self) -> int:
        """What finance may still pay."""
        return 0 if self.rest_closed_reason is not None else self.amount_fen - self.paid_fen

    @property
    def clearable_fen(self) -> int:
        """What may still be handed in: the balance less what is being looked at."""
        return self.balance_fen - self.reserved_fen

    def __getattr__(self, name: str) -> Decimal:
        """``amount``, ``paid``, ``balance`` and so on: the same figures in yuan."""
        if name.startswith("_") or name.endswith("_fen"):
            raise AttributeError(name)
        return from_fen(getattr(self, f"{name}_fen"))


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the advances of a list that are not finished, in yuan."""

    open_count: int
    balance: Decimal
    payable: Decimal
    overdue: Decimal
    overdue_count: int


_ROWS = """
SELECT a.id, a.instance_id, a.number, a.borrower_id, b.name AS borrower, b.name_en AS borrower_en,
       d.name AS department, d.name_en AS department_en, a.amount_fen, a.purpose, a.customer, a.return_on,
       a.requested_at, a.approved_on, a.rest_closed_reason,
       s.paid_fen, s.claimed_fen, s.returned_fen, s.deducted_fen, s.balance_fen, r.reserved_fen,
       CASE
         WHEN s.paid_fen = 0 AND i.status = 'withdrawn' THEN 'withdrawn'
         WHEN s.paid_fen = 0 AND i.status IN ('rejected', 'terminated') THEN 'rejected'
         WHEN s.paid_fen = 0 AND a.rest_closed_at IS NOT NULL THEN 'cleared'
         WHEN s.paid_fen = 0 AND a.approved_on IS NOT NULL THEN 'approved'
         WHEN s.paid_fen = 0 AND EXISTS (SELECT FROM user_task t WHERE t.instance_id = a.instance_id
              AND t.status = 'open' AND t.kind = 'reviser' AND t.element_id = 'request_advance') THEN 'draft'
         WHEN s.paid_fen = 0 THEN 'in_approval'
         WHEN s.balance_fen = 0 AND (a.rest_closed_at IS NOT NULL OR s.paid_fen = a.amount_fen) THEN 'cleared'
         WHEN s.balance_fen > 0 AND a.return_on < %(today)s THEN 'overdue'
         WHEN s.balance_fen < s.paid_fen THEN 'partly_cleared'
         WHEN a.rest_closed_at IS NULL AND s.paid_fen < a.amount_fen THEN 'partly_paid'
         ELSE 'paid'
       END AS state, a.customer_id, a.sale_id
  FROM advance a
  JOIN employee b ON b.id = a.borrower_id
  JOIN department d ON d.id = a.department_id
  JOIN process_instance i ON i.id = a.instance_id
  CROSS JOIN LATERAL (
    SELECT e.*, e.paid_fen - e.claimed_fen - e.returned_fen - e.deducted_fen AS balance_fen
      FROM (SELECT coalesce(sum(n) FILTER (WHERE kind = 'paid'), 0)::bigint AS paid_fen,
                   coalesce(sum(n) FILTER (WHERE kind = 'claimed'), 0)::bigint AS claimed_fen,
                   coalesce(sum(n) FILTER (WHERE kind = 'returned'), 0)::bigint AS returned_fen,
                   coalesce(sum(n) FILTER (WHERE kind = 'deducted'), 0)::bigint AS deducted_fen
              FROM (SELECT kind, CASE WHEN reverses_id IS NULL THEN amount_fen ELSE -amount_fen END AS n
                      FROM advance_entry WHERE advance_id = a.id) signed) e) s
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(st.amount_fen), 0)::bigint AS reserved_fen
      FROM settlement st JOIN process_instance si ON si.id = st.instance_id
     WHERE st.advance_id = a.id AND st.posted_at IS NULL AND si.status = 'running') r
"""

_IN_SCOPE = {
    Scope.MINE: "a.borrower_id = %(me)s",
    Scope.TEAM: """a.borrower_id <> %(me)s AND (b.superior_id = %(me)s OR b.department_id IN (
        WITH RECURSIVE led AS (
            SELECT id FROM department WHERE manager_id = %(me)s
            UNION SELECT c.id FROM department c JOIN led ON c.parent_id = led.id)
        SELECT id FROM led))""",
    Scope.ALL: "true",
}


def scopes_of(session: Session, actor: Actor) -> list[Scope]:
    """The lists that a person may open, the narrowest first."""
    leads = session.connection().exec_driver_sql(
        "SELECT EXISTS (SELECT FROM department WHERE manager_id = %(me)s)"
        " OR EXISTS (SELECT FROM employee WHERE superior_id = %(me)s)",
        {"me": actor.id},
    )
    scopes = [Scope.MINE]
    if leads.scalar():
        scopes.append(Scope.TEAM)
    if actor.roles & SEES_ALL:
        scopes.append(Scope.ALL)
    return scopes


def advance_of(session: Session, *, advance_id: int | None = None, instance_id: int | None = None,
               today: dt.date) -> AdvanceRow | None:  # fmt: skip
    """One advance, named by its own or its case's id."""
    condition = "a.id = %(id)s" if advance_id is not None else "a.instance_id = %(id)s"
    found = _rows(session, f"{_ROWS} WHERE {condition}", id=advance_id or instance_id, today=today)
    return found[0] if found else None


def advances_page(
    session: Session, actor: Actor, scope: Scope, *, today: dt.date, state: str = "", search: str = "",
    after: int | None = None, limit: int = 20,
) -> tuple[list[AdvanceRow], int | None]:  # fmt: skip
    """A page of advances, the newest first, and the cursor of the next page. The caller has checked the scope."""
    sql = f"SELECT * FROM ({_ROWS} WHERE {_narrowed(scope, search)}) x WHERE true"  # noqa: S608 (constants and placeholders only)
    sql += " AND state = %(state)s" if state else ""
    sql += " AND id < %(after)s" if after else ""
    sql += " ORDER BY id DESC LIMIT %(limit)s"
    found = _rows(
        session, sql, me=actor.id, today=today, state=state, search=_like(search), after=after, limit=limit + 1
    )
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def totals_of(session: Session, actor: Actor, scope: Scope, *, today: dt.date) -> Totals:
    """The sums of a list over what is not finished; finished advances add nothing to any of them."""
    sql = f"""
SELECT count(*) AS open_count, coalesce(sum(balance_fen), 0) AS balance,
       coalesce(sum(amount_fen - paid_fen) FILTER (WHERE approved_on IS NOT NULL AND rest_closed_reason IS NULL), 0)
         AS payable,
       coalesce(sum(balance_fen) FILTER (WHERE state = 'overdue'), 0) AS overdue,
       count(*) FILTER (WHERE state = 'overdue') AS overdue_count
  FROM ({_ROWS} WHERE a.closed_at IS NULL AND {_narrowed(scope, "")}) x"""  # noqa: S608 (constants and placeholders)
    row = session.connection().exec_driver_sql(sql, {"me": actor.id, "today": today}).one()
    balance, payable, overdue = (from_fen(int(each)) for each in (row.balance, row.payable, row.overdue))
    return Totals(row.open_count, balance, payable, overdue, row.overdue_count)


def earlier_advances(session: Session, advance: AdvanceRow, *, today: dt.date, limit: int = 5) -> list[AdvanceRow]:
    """The borrower's other advances for which money was paid: what is still owed first, then the newest."""
    sql = f"""SELECT * FROM ({_ROWS} WHERE a.borrower_id = %(borrower)s AND a.id <> %(id)s) x
 WHERE paid_fen > 0
 ORDER BY (balance_fen > 0) DESC, id DESC LIMIT %(limit)s"""  # noqa: S608
    return _rows(session, sql, borrower=advance.borrower_id, id=advance.id, today=today, limit=limit)


def open_advances(session: Session, borrower_id: int, *, today: dt.date) -> list[AdvanceRow]:
    """A borrower's advances of which something may still be handed in, the oldest first."""
    sql = f"""SELECT * FROM ({_ROWS} WHERE a.borrower_id = %(borrower)s AND a.closed_at IS NULL) x
 WHERE balance_fen > reserved_fen ORDER BY id LIMIT 50"""  # noqa: S608
    return _rows(session, sql, borrower=borrower_id, today=today)


def advances_for_sale(session: Session, sale_id: int, *, today: dt.date) -> list[AdvanceRow]:
    """The advances that were asked for a sale, the newest first."""
    return _rows(session, f"{_ROWS} WHERE a.sale_id = %(sale)s ORDER BY a.id DESC LIMIT 100", sale=sale_id, today=today)


def may_see(session: Session, actor: Actor, advance: AdvanceRow) -> bool:
    """Whether an advance is the reader's own, of somebody whom they lead, or theirs to see by their role."""
    if actor.id == advance.borrower_id or actor.roles & SEES_ALL:
        return True
    sql = f"SELECT EXISTS ({_ROWS} WHERE a.id = %(id)s AND {_IN_SCOPE[Scope.TEAM]})"
    row = session.connection().exec_driver_sql(sql, {"id": advance.id, "me": actor.id, "today": dt.date.min})
    return bool(row.scalar())


def _narrowed(scope: Scope, search: str) -> str:
    wanted = "(a.number ILIKE %(search)s OR a.purpose ILIKE %(search)s OR a.customer ILIKE %(search)s"
    wanted += " OR b.name ILIKE %(search)s OR b.name_en ILIKE %(search)s)"
    return f"({_IN_SCOPE[scope]})" + (f" AND {wanted}" if search else "")


def _like(search: str) -> str:
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _rows(session: Session, sql: str, **parameters: Any) -> list[AdvanceRow]:
    return [AdvanceRow(**row._mapping) for row in session.connection().exec_driver_sql(sql, parameters)]
