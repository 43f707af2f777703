"""Somebody leaves: their tasks, departments and people below go to the successor in one act, all or nothing."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from workflows.engine.acting import required
from workflows.engine.administration import refuse_others
from workflows.engine.leaving import move_all, refuse_pair
from workflows.engine.process import Actor
from workflows.people.succession import hand_on

if TYPE_CHECKING:
    from workflows.engine.runtime import Engine


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How much went where. ``elsewhere`` counts the tasks that the diagram's rule took to somebody else."""

    taken: int
    elsewhere: int
    departments: int
    reports: int


def hand_everything_over(
    engine: "Engine",
    session: Session,
    person_id: int,
    to_id: int,
    *,
    department_ids: Collection[int] = (),
    report_ids: Collection[int] = (),
    reason: str,
    actor: Actor,
    now: dt.datetime,
) -> HandedOver:
    """Hand everything over that was asked for. A repetition finds nothing left and changes nothing.

    :raises NotAllowed: the actor does not administer
    :raises Invalid: at ``to``, ``reason`` or ``reports``
    """
    refuse_others(actor)
    refuse_pair(session, person_id, to_id)
    # Departments first: where the rule has to find somebody else, it looks at the company as it will be.
    departments, reports = hand_on(
        session,
        person_id,
        to_id,
        department_ids=department_ids,
        report_ids=report_ids,
        reason=required(reason),
        actor_id=actor.id,
        now=now,
    )
    taken, elsewhere = move_all(engine, session, person_id, to_id, reason=reason, actor=actor, now=now)
    return HandedOver(taken, elsewhere, departments, reports)
