"""Holiday cover: handing one's desk to somebody for some days, seeing who has it, taking it back.

A delegation does not travel on: whoever stands in for A decides A's tasks, not those of the people A stands in for.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, lazyload

from workflows.kernel.errors import Invalid, NotFound
from workflows.people.directory import employee_with_login
from workflows.people.model import Delegation, Employee

#: Any number that no other advisory lock of the project uses.
_DELEGATION_LOCK = 7_302


def delegate_desk(
    session: Session,
    delegator_id: int,
    *,
    delegate_login: str,
    first_on: dt.date,
    last_on: dt.date,
    process_keys: Sequence[str] = (),
    reason: str = "",
    now: dt.datetime,
    today: dt.date,
) -> Delegation:
    """Let somebody act for the delegator from the first to the last day, both included.

    :raises Invalid: at the field: nobody of that login, a disabled account, oneself, days that are over, or a circle
        of people who would stand in for each other on the same days
    """
    # Two people who hand their desks to each other at the same moment would both see no circle yet.
    session.execute(select(func.pg_advisory_xact_lock(_DELEGATION_LOCK)))
    delegate = employee_with_login(session, delegate_login)
    if delegate is None:
        raise Invalid.at("delegate", "There is no one with the login name %(login)s.", login=delegate_login)
    if delegate.id == delegator_id:
        raise Invalid.at("delegate", "You cannot stand in for yourself.")
    if not delegate.active:
        raise Invalid.at("delegate", "The account of %(name)s is disabled.", name=delegate.name)
    if last_on < first_on:
        raise Invalid.at("last_on", "The last day lies before the first.")
    if last_on < today:
        raise Invalid.at("last_on", "These days are over.")
    if _leads_to(session, delegate.id, delegator_id, first_on, last_on):
        raise Invalid.at(
            "delegate", "%(name)s is away on some of these days and has handed the desk on to you.", name=delegate.name
        )
    delegation = Delegation(
        delegator_id=delegator_id, delegate_id=delegate.id, first_on=first_on, last_on=last_on,
        process_keys=list(process_keys), reason=reason, created_at=now,
    )
    session.add(delegation)
    session.flush()
    return delegation


def revoke_delegation(session: Session, delegation_id: int, *, delegator_id: int, now: dt.datetime) -> None:
    """Take one's desk back from now on; one revoked before stays as it is."""
    delegation = session.get(Delegation, delegation_id)
    if delegation is None or delegation.delegator_id != delegator_id:
        raise NotFound("There is no such holiday cover.")
    if delegation.revoked_at is None:
        delegation.revoked_at = now


def delegations_of(session: Session, employee_id: int, *, today: dt.date) -> tuple[list[Delegation], list[Delegation]]:
    """What the employee has handed out and what was handed to them, that is in force or still to come."""
    rows = session.scalars(
        select(Delegation)
        .where(
            or_(Delegation.delegator_id == employee_id, Delegation.delegate_id == employee_id),
            Delegation.revoked_at.is_(None),
            Delegation.last_on >= today,
        )
        .options(
            joinedload(Delegation.delegator).options(lazyload(Employee.role_rows)),
            joinedload(Delegation.delegate).options(lazyload(Employee.role_rows)),
        )
        .order_by(Delegation.first_on, Delegation.id)
    ).all()
    given = [row for row in rows if row.delegator_id == employee_id]
    return given, [row for row in rows if row.delegate_id == employee_id]


def _leads_to(session: Session, start_id: int, goal_id: int, first_on: dt.date, last_on: dt.date) -> bool:
    """Whether the desk of ``start`` is handed on, over any number of people, to ``goal`` on one of these days."""
    in_force = (
        Delegation.revoked_at.is_(None), Delegation.first_on <= last_on, Delegation.last_on >= first_on,
    )
    reached = (
        select(Delegation.delegate_id.label("id"))
        .where(Delegation.delegator_id == start_id, *in_force)
        .cte("reached", recursive=True)
    )
    onward = aliased(Delegation)
    reached = reached.union(
        select(onward.delegate_id).join(reached, onward.delegator_id == reached.c.id).where(
            onward.revoked_at.is_(None), onward.first_on <= last_on, onward.last_on >= first_on
        )
    )
    return session.scalar(select(reached.c.id).where(reached.c.id == goal_id).limit(1)) is not None
