"""Opening and closing the incidents that steps themselves bring about."""

import datetime as dt

from sqlalchemy.orm import Session

from workflows.engine.model import Incident

_NOBODY_LEFT = "Nobody is left who may do this: the right person started the case or has already acted on it."


def report_nobody_left(session: Session, *, instance_id: int, task_id: int, element_id: str, now: dt.datetime) -> None:
    """Open the incident by which administrators learn that a task lies with nobody."""
    session.add(
        Incident(
            instance_id=instance_id,
            task_id=task_id,
            kind="no_one_left",
            element_id=element_id,
            cause=_NOBODY_LEFT,
            opened_at=now,
        )
    )
    session.flush()


def close_incidents(
    session: Session,
    *,
    actor_id: int,
    resolution: str,
    now: dt.datetime,
    instance_id: int | None = None,
    task_id: int | None = None,
    reason: str | None = None,
) -> None:
    """Close what stands open on a case, or on one task of it."""
    session.connection().exec_driver_sql(
        "UPDATE incident SET closed_at = %(now)s, closed_by_id = %(actor)s, resolution = %(resolution)s,"
        " reason = %(reason)s"
        " WHERE closed_at IS NULL AND (instance_id = %(instance)s OR task_id = %(task)s)",
        {
            "now": now,
            "actor": actor_id,
            "resolution": resolution,
            "reason": reason,
            "instance": instance_id,
            "task": task_id,
        },
    )
