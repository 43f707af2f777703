"""The numbers that the source leaves open and the company fills in, with who changed them, when and why."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflows.customers.model import SalesRule
from workflows.kernel.errors import Invalid

#: Key -> (our reading, smallest, largest), all in days.
DEFAULTS: Mapping[str, tuple[int, int, int]] = {
    # I6.1 *(filled)*: A weekly, B fortnightly, C monthly, D quarterly.
    "follow_up_a": (7, 1, 365),
    "follow_up_b": (14, 1, 365),
    "follow_up_c": (30, 1, 365),
    "follow_up_d": (90, 1, 365),
    # I8.1 *(filled)*: a registration lapses without contact, after a warning.
    "registration_days": (90, 7, 1000),
    "registration_warning": (14, 1, 90),
    # Before an instalment is due its salesperson is reminded, and after it every so often.
    "due_reminder_before": (3, 1, 60),
    "due_reminder_after": (7, 1, 60),
}
_NEWEST = "SELECT DISTINCT ON (key) key, value FROM sales_rule ORDER BY key, id DESC"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One change of a rule."""

    key: str
    value: int
    reason: str
    changed_by_id: int
    changed_at: dt.datetime


def rules(session: Session) -> dict[str, int]:
    """Every rule in force."""
    kept = {row.key: row.value for row in session.connection().exec_driver_sql(_NEWEST)}
    return {key: kept.get(key, usual) for key, (usual, _, _) in DEFAULTS.items()}


def rule(session: Session, key: str) -> int:
    """One rule in force."""
    newest = select(SalesRule.value).where(SalesRule.key == key).order_by(SalesRule.id.desc()).limit(1)
    found = session.execute(newest).scalar_one_or_none()
    return DEFAULTS[key][0] if found is None else int(found)


def change_rule(session: Session, key: str, value: int, *, reason: str, actor_id: int, now: dt.datetime) -> None:
    """Put another number in force; what was counted by the old one stays as it was.

    :raises Invalid: at ``key`` (the rule's own name) or ``reason``
    """
    if key not in DEFAULTS:
        raise Invalid.at("key", "There is no such rule.")
    _, smallest, largest = DEFAULTS[key]
    if not smallest <= value <= largest:
        raise Invalid.at(
            key, "This must be a whole number from %(smallest)s to %(largest)s.", smallest=smallest, largest=largest
        )
    if not reason.strip():
        raise Invalid.at("reason", "Please give a reason.")
    session.execute(
        insert(SalesRule).values(
            key=key, value=value, reason=reason.strip(), changed_by_id=actor_id, changed_at=now
        )
    )


def changes(session: Session) -> list[RuleChange]:
    """Every change, the newest first."""
    rows = session.execute(select(SalesRule).order_by(SalesRule.id.desc()).limit(200)).scalars()
    return [RuleChange(row.key, row.value, row.reason, row.changed_by_id, row.changed_at) for row in rows]
