"""Urging (催办): the starter of a case asks whoever has it on the desk to hurry, with a throttle.

A case is urged at most once an hour and three times a day of the company's calendar, whoever has it meanwhile. An
urge goes to everyone who has an open task of the case on a desk, stands in the history, and shows in their inbox.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.engine.history import Chain, Event, write_history
from workflows.engine.model import InstanceStatus, TaskStatus, UserTask
from workflows.engine.notices import notify_urged
from workflows.engine.process import Actor
from workflows.engine.submissions import lock_instance
from workflows.kernel.base import Base, Instant, Key
from workflows.kernel.days import SHANGHAI, day_of
from workflows.kernel.errors import Conflict, NotAllowed

#: How long one urge has time to work, and how many a day has.
PAUSE = dt.timedelta(hours=1)
MOST_A_DAY = 3


class Urge(Base):
    """One task that was urged; the tasks of one urge carry one instant."""

    __tablename__ = "urge"

    id: Mapped[Key]
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("user_task.id"))
    urged_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    urged_at: Mapped[Instant]
    #: Names the submission, so that one sent twice urges once.
    key: Mapped[str] = mapped_column(String(120))

    __table_args__ = (
        UniqueConstraint("task_id", "urged_by_id", "key"),
        Index("ix_urge_instance", "instance_id", "urged_at"),
        Index("ix_urge_task", "task_id", "urged_at"),
    )


@dataclass(frozen=True, slots=True)
class Urging:
    """What an urge came to: when it went out, and the tasks that it went to."""

    urged_at: dt.datetime
    task_ids: list[int]


def urge_case(
    session: Session, audit_key: bytes, instance_id: int, *, key: str, actor: Actor, now: dt.datetime
) -> Urging:
    """Urge everyone who has an open task of one's own case on a desk, except oneself. A key sent again does nothing.

    :raises NotAllowed: somebody else started the case
    :raises Conflict: the case has ended, waits on nobody else's desk, or was urged too often; the refusal then names
        the instant from which it is possible again
    """
    locked = lock_instance(session, instance_id, None, None, now)
    if locked.starter_id != actor.id:
        raise NotAllowed("Only the person who started a case may urge it.")
    done = session.execute(
        select(Urge.urged_at, Urge.task_id).where(Urge.instance_id == instance_id, Urge.key == key).order_by(Urge.id)
    ).all()
    if done:
        return Urging(done[0].urged_at, [row.task_id for row in done])
    if locked.instance_status != InstanceStatus.RUNNING:
        raise Conflict("This case has ended already.")
    tasks = _waiting_elsewhere(session, instance_id, actor)
    if not tasks:
        raise Conflict("This case lies on nobody's desk but your own, so there is nobody to urge.")
    again = possible_again_at(urged_lately(session, instance_id, now=now), now=now)
    if again is not None:
        raise Conflict("This case was urged already. You can urge it again from %(at)s.", at=again)
    chain = Chain.of(audit_key, locked)
    for task in tasks:
        session.add(Urge(instance_id=instance_id, task_id=task.id, urged_by_id=actor.id, urged_at=now, key=key))
        chain.append(Event("task_urged", now, actor.id, element_id=task.element_id, task_id=task.id))
    session.flush()
    write_history(session, chain)
    task_ids = [task.id for task in tasks]
    notify_urged(session, task_ids, actor_id=actor.id, now=now)
    return Urging(now, task_ids)


def urged_lately(session: Session, instance_id: int, *, now: dt.datetime) -> list[dt.datetime]:
    """When the case was urged in the last hour and on this day, the oldest first."""
    since = min(_midnight(day_of(now)), now - PAUSE)
    query = select(Urge.urged_at).where(Urge.instance_id == instance_id, Urge.urged_at > since)
    return list(session.scalars(query.distinct().order_by(Urge.urged_at)))


def possible_again_at(urged: Sequence[dt.datetime], *, now: dt.datetime) -> dt.datetime | None:
    """When a case that was urged at these instants may be urged again; None where it may be at once.

    Urged at 9:00, 10:00 and 11:00, it may be urged again at 0:00 the next day; urged at 23:30 alone, at 0:30.
    """
    again = max(urged, default=now - PAUSE) + PAUSE
    if sum(day_of(each) == day_of(now) for each in urged) >= MOST_A_DAY:
        again = max(again, _midnight(day_of(now) + dt.timedelta(days=1)))
    return again if again > now else None


def _waiting_elsewhere(session: Session, instance_id: int, actor: Actor) -> list[UserTask]:
    not_mine = or_(UserTask.assignee_id.is_(None), UserTask.assignee_id != actor.id)
    query = select(UserTask).where(
        UserTask.instance_id == instance_id, UserTask.status == TaskStatus.OPEN.value, not_mine
    )
    return list(session.scalars(query.order_by(UserTask.id)))


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), SHANGHAI)
