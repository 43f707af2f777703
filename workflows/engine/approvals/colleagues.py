"""Bringing colleagues in: handing a task over, asking others to sign as well, asking for an opinion.

Each is done by whoever has the task, with a reason, and both names stand in the history. Who may take a task over
decides in its holder's place, and therefore holds the lane's role or stands above the starter; who is asked to sign as
well or for an opinion may be anybody in the company but the starter, who is what all of this is about.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflows.engine import desks
from workflows.engine.acting import capacity, refuse_actor, required
from workflows.engine.approvals.rounds import MOST_SEATS, Round
from workflows.engine.approvals.seats import Invitation, keep_round, round_at
from workflows.engine.assignment import CasePeople, people_of_case
from workflows.engine.history import Event
from workflows.engine.model import TaskKind, TaskStatus
from workflows.engine.process import Actor
from workflows.engine.spiff.case import Case
from workflows.engine.submissions import NextTask, Repeated, Result, Submitted, acknowledge, lock_task
from workflows.kernel.errors import Conflict, Invalid, NotAllowed
from workflows.people.model import Employee, Role

if TYPE_CHECKING:
    import datetime as dt

    from workflows.engine.runtime import Engine

#: So many colleagues are asked at a time.
MOST_ASKED = 10
#: Who has a seat at the step, and who has answered there.
_AT_STEP = """
SELECT assignee_id, closed_by_id, on_behalf_of_id, status FROM user_task
 WHERE instance_id = %(instance)s AND node_id = %(node)s AND status IN ('open', 'waiting', 'completed')
"""


def hand_over(
    engine: "Engine",
    session: Session,
    task_id: int,
    to_id: int,
    *,
    reason: str,
    submitted: Submitted | None,
    actor: Actor,
    now: "dt.datetime",
) -> Result:
    """Put one's own task onto a colleague's desk for good (转办)."""
    try:
        row = lock_task(session, task_id, submitted, actor, now)
    except Repeated as repeated:
        return repeated.result
    refuse_actor(session, row, actor, submitted.revision if submitted else None)
    reason = required(reason)
    case = engine.case_of(session, row, actor, now)
    if case.diagram.element(row.element_id).assign == "starter":
        raise Conflict("Only the person who started a case changes what it asks for.")
    person = colleague(session, case, row, to_id, field="to")
    if row.kind in (TaskKind.SIGNER, TaskKind.REVISER) and not _may_decide(session, case, row, person):
        raise Invalid.at("to", "%(name)s may not decide this: it takes the role of this step.", name=person.name)
    details = {"from": row.assignee_id or actor.id, "to": to_id, "reason": reason}
    event = Event("task_handed_over", now, actor.id, capacity(row, actor), details=details)
    desks.move(session, engine.audit_key, row, event, to_id, None)
    engine.defer(session, [("notify_opened", {"task_ids": [task_id]})])
    result = Result(row.instance_id, row.instance_status, row.title, [NextTask(task_id, row.element_id, to_id)])
    acknowledge(session, submitted, actor, result)
    return result


def add_signers(
    engine: "Engine",
    session: Session,
    task_id: int,
    people: Sequence[int],
    *,
    is_before: bool,
    reason: str,
    submitted: Submitted | None,
    actor: Actor,
    now: "dt.datetime",
) -> Result:
    """Ask colleagues to sign as well (加签), before oneself or behind oneself; each of them may stop it."""
    return _invite(engine, session, task_id, people, reason, TaskKind.ADDED, submitted, actor, now, is_before=is_before)


def ask_opinion(
    engine: "Engine",
    session: Session,
    task_id: int,
    people: Sequence[int],
    *,
    question: str,
    submitted: Submitted | None,
    actor: Actor,
    now: "dt.datetime",
) -> Result:
    """Ask colleagues for their opinion (委派); the task comes back once they have given it."""
    return _invite(engine, session, task_id, people, question, TaskKind.ADVISER, submitted, actor, now, is_before=True)


def _invite(
    engine: "Engine",
    session: Session,
    task_id: int,
    people: Sequence[int],
    reason: str,
    kind: TaskKind,
    submitted: Submitted | None,
    actor: Actor,
    now: "dt.datetime",
    *,
    is_before: bool,
) -> Result:
    try:
        row = lock_task(session, task_id, submitted, actor, now)
    except Repeated as repeated:
        return repeated.result
    refuse_actor(session, row, actor, submitted.revision if submitted else None)
    reason = required(reason)
    case = engine.restored(session, row, actor, now)
    _refuse_invitation(case, row, kind)
    wanted = _wanted(session, case, row, people)
    kept = round_at(case, row.node_id) or Round.of(1)
    if len(kept.seats) + len(wanted) > MOST_SEATS:
        raise Invalid.at("people", "At most %(most)s people sign one step.", most=MOST_SEATS)
    seats = kept.add_before(row.seat, len(wanted), kind.value) if is_before else kept.add_after(row.seat, len(wanted))
    keep_round(case, row.node_id, kept)
    told = "opinion_asked" if kind == TaskKind.ADVISER else "signer_added"
    for seat, person in zip(seats, wanted, strict=True):
        case.invited[row.node_id, seat] = Invitation(person, actor.id, reason)
        details = {"to": person, "reason": reason, "before": is_before}
        case.chain.append(Event(told, now, actor.id, capacity(row, actor), row.element_id, task_id, details))
    return engine.finish(case, submitted)


def _refuse_invitation(case: Case, row: Any, kind: TaskKind) -> None:
    if row.kind in (TaskKind.REVISER, TaskKind.ADVISER):
        raise Conflict("Whoever was asked for an opinion or a change answers it themselves.")
    if kind == TaskKind.ADDED and not case.diagram.element(row.element_id).approval:
        raise Conflict("Only an approval can be signed by more people.")


def _wanted(session: Session, case: Case, row: Any, people: Sequence[int]) -> list[int]:
    if not people:
        raise Invalid.at("people", "Please name somebody.")
    if len(set(people)) > MOST_ASKED:
        raise Invalid.at("people", "At most %(most)s people are asked at a time.", most=MOST_ASKED)
    return [colleague(session, case, row, person, field="people").id for person in dict.fromkeys(people)]


def remove_signer(
    engine: "Engine",
    session: Session,
    task_id: int,
    *,
    reason: str,
    submitted: Submitted | None,
    actor: Actor,
    now: "dt.datetime",
) -> Result:
    """Ask somebody no more whom one had asked to sign or for an opinion (减签), and nobody whom they asked in turn."""
    try:
        row = lock_task(session, task_id, submitted, actor, now)
    except Repeated as repeated:
        return repeated.result
    if row.asked_by_id is None or row.kind not in (TaskKind.ADDED, TaskKind.ADVISER) or row.asked_by_id != actor.id:
        raise NotAllowed("Only the person who asked somebody may ask them no more.")
    if row.status not in (TaskStatus.OPEN, TaskStatus.WAITING):
        raise Conflict("They have answered already.")
    reason = required(reason)
    case = engine.restored(session, row, actor, now)
    kept = round_at(case, row.node_id)
    if kept is None:
        raise Conflict("The case has gone on since.")
    kept.remove(row.seat)
    keep_round(case, row.node_id, kept)
    details = {"to": row.assignee_id, "reason": reason}
    case.chain.append(Event("signer_removed", now, actor.id, None, row.element_id, task_id, details))
    verdict = kept.verdict()
    if verdict is not None:
        case.answer(case.ready(row.node_id), verdict, kept.values)
    return engine.finish(case, submitted)


def colleague(session: Session, case: Case, row: Any, person_id: int, *, field: str) -> Employee:
    """Give the person who is to be asked, or raise at the field why they can't be."""
    person = session.get(Employee, person_id)
    if person is None:
        raise Invalid.at(field, "There is no such person.")
    if person_id in (case.actor_id, row.assignee_id):
        raise Invalid.at(field, "The task lies with %(name)s already.", name=person.name)
    if person_id == case.starter_id:
        raise Invalid.at(field, "%(name)s started this case and decides nothing in it.", name=person.name)
    if not person.active:
        raise Invalid.at(field, "%(name)s is disabled.", name=person.name)
    if {held.role for held in person.role_rows} <= {Role.ADMINISTRATOR.value}:
        raise Invalid.at(field, "%(name)s only administers and decides nothing.", name=person.name)
    _refuse_seated(session, case, row, person, field)
    if person_id in row.barred or person_id in _acted(session, case, row).barred_from(row.role, starter_too=False):
        raise Invalid.at(field, "%(name)s has already acted on this case in another role.", name=person.name)
    return person


def _refuse_seated(session: Session, case: Case, row: Any, person: Employee, field: str) -> None:
    parameters = {"instance": case.instance_id, "node": row.node_id}
    for other in session.connection().exec_driver_sql(_AT_STEP, parameters):
        if person.id in (other.closed_by_id, other.on_behalf_of_id):
            raise Invalid.at(field, "%(name)s has already decided here.", name=person.name)
        if person.id == other.assignee_id and other.status != TaskStatus.COMPLETED:
            raise Invalid.at(field, "%(name)s is asked here already.", name=person.name)


def _acted(session: Session, case: Case, row: Any) -> CasePeople:
    return people_of_case(session, instance_id=case.instance_id, starter_id=case.starter_id, roles={row.role}, wanted=0)


def _may_decide(session: Session, case: Case, row: Any, person: Employee) -> bool:
    """Who takes a decision over holds its role, or stands above the starter."""
    if row.role in {held.role for held in person.role_rows}:
        return True
    return person.id in {rung.id for rung in _acted(session, case, row).ladder}
