"""Copies (抄送): who reads a case along, who sent it to them, and when they opened it.

A copy opens the case for reading and nothing else. It is sent with the request or with a decision, by hand by whoever
has to do with the case, or because the diagram says so (``salesflow:copyTo``). A person has at most one of each case:
sent again it changes nothing, whoever sends it. Every new copy stands in the history, since it lets somebody read.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.engine.history import Chain, Event, write_history
from workflows.engine.process import Actor
from workflows.engine.submissions import lock_instance
from workflows.kernel.base import Base, Instant, Key
from workflows.kernel.errors import Invalid, NotAllowed
from workflows.notices.bell import notify

if TYPE_CHECKING:
    from workflows.engine.spiff.case import Case

#: A role that nobody near the starter holds is copied to all of its holders, unless they are more than this.
MOST_OF_A_ROLE = 5
#: The word of the diagram for who started the case.
STARTER = "starter"


class Copy(Base):
    """One person who reads one case along."""

    __tablename__ = "copy"

    id: Mapped[Key]
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    #: Empty where the diagram says so.
    copied_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    #: The step that it was sent with; empty for one sent by hand.
    element_id: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(500), server_default="")
    copied_at: Mapped[Instant]
    #: When the person first opened the case.
    read_at: Mapped[Instant | None]

    __table_args__ = (
        UniqueConstraint("instance_id", "employee_id"),
        Index("ix_copy_employee", "employee_id", "copied_at", "id"),
        Index("ix_copy_unread", "employee_id", postgresql_where=text("read_at IS NULL")),
    )


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A copy with the names of who has it and who sent it; no sender means the diagram."""

    id: int
    employee_id: int
    login: str
    name: str
    name_en: str
    copied_by_id: int | None
    sender: str | None
    sender_en: str | None
    element_id: str | None
    note: str
    copied_at: dt.datetime
    read_at: dt.datetime | None


_INSERT = """
INSERT INTO copy (instance_id, employee_id, copied_by_id, element_id, note, copied_at)
SELECT %(instance)s::bigint, id, %(sender)s::bigint, %(element)s::text, %(note)s::text, %(now)s::timestamptz
  FROM {source} ORDER BY id
ON CONFLICT (instance_id, employee_id) DO NOTHING RETURNING employee_id
"""
_TO_PEOPLE = _INSERT.format(source="unnest(%(people)s::bigint[]) AS p(id)")
#: The holders of each role in the nearest department above the starter that has any; where none has, all of a few.
_TO_ROLES = """
WITH RECURSIVE line AS (
    SELECT d.id, d.parent_id, 0 AS depth
      FROM department d JOIN employee e ON e.department_id = d.id WHERE e.id = %(starter)s
    UNION ALL
    SELECT d.id, d.parent_id, line.depth + 1 FROM department d JOIN line ON d.id = line.parent_id WHERE line.depth < 30
), holder AS (
    SELECT r.role, e.id, line.depth
      FROM employee_role r JOIN employee e ON e.id = r.employee_id AND e.active
      LEFT JOIN line ON line.id = e.department_id
     WHERE r.role = ANY(%(roles)s) AND e.id <> %(starter)s
), nearest AS (
    SELECT role, min(depth) AS depth, count(*) AS all_of_them FROM holder GROUP BY role
), chosen AS (
    SELECT h.id FROM holder h JOIN nearest n ON n.role = h.role
     WHERE h.depth = n.depth OR (n.depth IS NULL AND n.all_of_them <= %(most)s)
    UNION SELECT %(starter)s WHERE %(starter_too)s
)
""" + _INSERT.format(source="chosen")  # noqa: S608 (constants only)
_COPIES = """
SELECT c.id, c.employee_id, e.login, e.name, e.name_en, c.copied_by_id, s.name AS sender, s.name_en AS sender_en,
       c.element_id, c.note, c.copied_at, c.read_at
  FROM copy c JOIN employee e ON e.id = c.employee_id LEFT JOIN employee s ON s.id = c.copied_by_id
 WHERE c.instance_id = %(instance)s ORDER BY c.copied_at, c.id
"""
_TOOK_PART = """
SELECT EXISTS (SELECT FROM process_instance WHERE id = %(instance)s AND starter_id = %(me)s)
    OR EXISTS (SELECT FROM user_task WHERE instance_id = %(instance)s
                AND (assignee_id = ANY(%(people)s::bigint[]) OR closed_by_id = %(me)s OR on_behalf_of_id = %(me)s
                     OR (assignee_id IS NULL AND group_role = ANY(%(roles)s) AND status = 'open'
                         AND NOT %(me)s = ANY(barred))))
"""


def may_copy(session: Session, actor: Actor, instance_id: int, process_key: str) -> bool:
    """Whether the person may send copies by hand: who started the case, or has or had a task on it.

    Who stands in for somebody today has that person's tasks.
    """
    covered = [person for person in actor.covers if actor.stands_in_for(person, process_key)]
    parameters = {
        "instance": instance_id,
        "me": actor.id,
        "people": [actor.id, *covered],
        "roles": sorted(actor.roles),
    }
    return bool(session.connection().exec_driver_sql(_TOOK_PART, parameters).scalar())


def send_copies(
    session: Session,
    audit_key: bytes,
    instance_id: int,
    *,
    employee_ids: Sequence[int],
    note: str = "",
    actor: Actor,
    element_id: str | None = None,
    now: dt.datetime,
) -> list[int]:
    """Send a case to people, and give those who did not have it yet.

    ``element_id`` names the step that the copies go out with; without one they are sent by hand, and only who has to
    do with the case may do so.

    :raises Invalid: at ``copy_to``, for a copy to oneself
    :raises NotAllowed: neither the starter nor somebody with a task on the case, now or before
    """
    if actor.id in employee_ids:
        raise Invalid.at("copy_to", "You need no copy of what you send yourself.")
    locked = lock_instance(session, instance_id, None, None, now)
    if element_id is None and not may_copy(session, actor, instance_id, locked.process_key):
        raise NotAllowed("Only who started a case or has a task on it may send copies of it.")
    parameters = {"instance": instance_id, "people": list(employee_ids), "sender": actor.id, "element": element_id,
                  "note": note, "now": now}  # fmt: skip
    fresh = list(session.connection().exec_driver_sql(_TO_PEOPLE, parameters).scalars())
    if fresh:
        chain = Chain.of(audit_key, locked)
        _tell(chain, fresh, actor.id, element_id, note, now)
        write_history(session, chain)
        _notify(session, instance_id, locked.title, fresh, actor.id, now)
    return fresh


def copy_declared(case: "Case", element_ids: Iterable[str | None]) -> None:
    """Send the copies that the diagram wants when a user task was answered or an end event was reached.

    To be called before the case is written, since the events join its chain. Costs nothing where the elements name
    nobody, else two statements.
    """
    known = [case.diagram.element(each) for each in element_ids if each and case.diagram.has_element(each)]
    for element in known:
        if not element.copy_to:
            continue
        parameters = {
            "instance": case.instance_id,
            "starter": case.starter_id,
            "starter_too": STARTER in element.copy_to,
            "roles": [word for word in element.copy_to if word != STARTER],
            "most": MOST_OF_A_ROLE,
            "sender": None,
            "element": element.id,
            "note": "",
            "now": case.now,
        }
        fresh = list(case.session.connection().exec_driver_sql(_TO_ROLES, parameters).scalars())
        if fresh:
            _tell(case.chain, fresh, None, element.id, "", case.now)
            _notify(case.session, case.instance_id, case.title, fresh, None, case.now)


def copies_of(session: Session, instance_id: int) -> list[CopyRow]:
    """Give the copies of a case, the oldest first."""
    rows = session.connection().exec_driver_sql(_COPIES, {"instance": instance_id})
    return [CopyRow(**row._mapping) for row in rows]


def mark_copy_read(session: Session, instance_id: int, *, employee_id: int, now: dt.datetime) -> None:
    """Note that the person has opened the case that was copied to them; the first time counts.

    Never waits for a step on the same case: a page that only reads is not to be held up, and the next opening will do.
    """
    session.connection().exec_driver_sql(
        "UPDATE copy SET read_at = %(now)s WHERE id = (SELECT id FROM copy WHERE instance_id = %(instance)s"
        " AND employee_id = %(me)s AND read_at IS NULL FOR UPDATE SKIP LOCKED)",
        {"instance": instance_id, "me": employee_id, "now": now},
    )


def mark_copies_read(
    session: Session, *, employee_id: int, copy_ids: Sequence[int] | None = None, now: dt.datetime
) -> int:
    """Note that the person has read some of their copies, or all of them; give how many were unread."""
    told = session.connection().exec_driver_sql(
        "UPDATE copy SET read_at = %(now)s WHERE employee_id = %(me)s AND read_at IS NULL"
        " AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s::bigint[]))",
        {"me": employee_id, "ids": None if copy_ids is None else list(copy_ids), "now": now},
    )
    return int(told.rowcount)


def _tell(
    chain: Chain, people: Iterable[int], sender_id: int | None, element_id: str | None, note: str, now: dt.datetime
) -> None:
    for person in people:
        details: dict[str, Any] = {"to": person, **({"note": note} if note else {})}
        chain.append(Event("case_copied", now, sender_id, element_id=element_id, details=details))


def _notify(
    session: Session, instance_id: int, title: str, people: list[int], sender_id: int | None, now: dt.datetime
) -> None:
    notify(
        session,
        kind="copied",
        event_key=f"copied:{instance_id}",
        employee_ids=people,
        instance_id=instance_id,
        params={"title": title, "actor_id": sender_id},
        now=now,
    )
