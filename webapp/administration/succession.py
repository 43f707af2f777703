"""Somebody leaves: what the engine hands over, and their customers with it, in one act."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.accounts.actor import current_actor
from webapp.clock import request_now
from webapp.engine import engine
from workflows.customers.handing_over import hand_on_everything
from workflows.engine.handover import HandedOver, hand_everything_over


@dataclass(frozen=True, slots=True)
class Succession:
    """How much went where."""

    work: HandedOver
    customers: int
    registrations: int


def hand_all_over(
    session: Session,
    person_id: int,
    to_id: int,
    *,
    department_ids: Collection[int],
    report_ids: Collection[int],
    reason: str,
) -> Succession:
    """Hand everything over; raises as the two operations do. A repetition finds nothing left."""
    actor, now = current_actor(), request_now()
    work = hand_everything_over(
        engine(), session, person_id, to_id, department_ids=department_ids, report_ids=report_ids, reason=reason,
        actor=actor, now=now,
    )  # fmt: skip
    customers, registrations = hand_on_everything(
        session, engine().defer, person_id, to_id, reason=reason, actor=actor, now=now
    )
    return Succession(work, customers, registrations)
