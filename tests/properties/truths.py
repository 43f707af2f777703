"""What holds of every case at every moment, worked out anew from the tables, without the engine's own rules."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.engine.company import AUDIT_KEY
from tests.properties.people import Crowd
from workflows.advance.model import Advance, AdvanceEntry, Settlement
from workflows.engine.approvals.seats import Place, seats_of
from workflows.engine.history import broken_entries
from workflows.engine.model import HistoryEvent, Incident, Message, ProcessInstance, Submission, UserTask
from workflows.engine.process import Actor
from workflows.engine.runtime import Engine

STARTERS_LANE = "salesperson"


def check_everything(crowd: Crowd) -> None:
    """Assert all of it."""
    session = crowd.session
    session.expire_all()
    for case in session.scalars(select(ProcessInstance)):
        tasks = list(session.scalars(select(UserTask).where(UserTask.instance_id == case.id)))
        projection_is_the_state(crowd.engine, session, case, tasks)
        somebody_is_asked(session, case, tasks)
        duties_are_apart(case, tasks)
    for advance in session.scalars(select(Advance)):
        money_adds_up(session, advance)
    numbers_have_no_gaps(session)
    each_key_has_one_effect(session)
    assert list(broken_entries(session, AUDIT_KEY)) == []


def projection_is_the_state(engine: Engine, session: Session, case: ProcessInstance, tasks: list[UserTask]) -> None:
    """The open and waiting rows are the seats of the restored state; an ended case has none."""
    rows = [task for task in tasks if task.status in ("open", "waiting")]
    is_open = {(t.node_id, t.seat): Place(t.element_id, t.kind, t.status == "open") for t in rows}
    assert len(is_open) == len(rows)
    if case.status != "running":
        assert is_open == {}
        assert case.ended_at is not None
        return
    restored = restored_case(engine, session, case)
    assert is_open == seats_of(restored)
    is_asked = any(place.is_asked for place in is_open.values()) or case.suspended_at
    assert is_asked or restored.waited_messages() or restored.dues(), f"case {case.id} waits for nothing"


def restored_case(engine: Engine, session: Session, case: ProcessInstance) -> Any:
    row = session.execute(
        select(
            ProcessInstance.id.label("instance_id"), ProcessInstance.definition_id, ProcessInstance.starter_id,
            ProcessInstance.title, ProcessInstance.revision.label("instance_revision"), ProcessInstance.state,
            ProcessInstance.suspended_at, ProcessInstance.history_count, ProcessInstance.history_hash,
        ).where(ProcessInstance.id == case.id)
    ).one()  # fmt: skip
    return engine.restored(session, row, None, case.started_at)


def somebody_is_asked(session: Session, case: ProcessInstance, tasks: list[UserTask]) -> None:
    """Each step is open once, on the desk of somebody who may do it, or with the administrators as an incident."""
    waiting = [task for task in tasks if task.status == "open"]
    assert len({task.element_id for task in waiting}) == len(waiting)
    lanes = lanes_of(case, tasks)
    for task in waiting:
        barred = barred_from(task.role, case, lanes)
        assert set(task.barred) == barred
        if task.assignee_id is not None:
            assert task.assignee_id not in barred
        elif task.group_role == "administrator":
            asked = select(Incident.id).where(Incident.task_id == task.id, Incident.closed_at.is_(None))
            assert session.scalars(asked).all() != []
        else:
            holders = session.connection().exec_driver_sql(
                "SELECT employee_id FROM employee_role WHERE role = %s", (task.group_role,)
            )
            assert set(holders.scalars()) - barred != set()


def duties_are_apart(case: ProcessInstance, tasks: list[UserTask]) -> None:
    """Nobody acted in two lanes of one case, nor on their own request outside the starter's lane, nor by a delegate."""
    for person, lanes in lanes_of(case, tasks).items():
        assert len(lanes) == 1, (case.id, person, lanes)
        assert person != case.starter_id or lanes == {STARTERS_LANE}
    for task in tasks:
        assert task.closed_by_id is None or task.closed_by_id != task.on_behalf_of_id


def lanes_of(case: ProcessInstance, tasks: list[UserTask]) -> dict[int, set[str]]:
    lanes: dict[int, set[str]] = defaultdict(set)
    for task in tasks:
        for person in (task.closed_by_id, task.on_behalf_of_id):
            if task.status == "completed" and person is not None:
                lanes[person].add(task.role)
    return lanes


def barred_from(role: str, case: ProcessInstance, lanes: dict[int, set[str]]) -> set[int]:
    others = {person for person, acted in lanes.items() if acted - {role}}
    return others - {case.starter_id} if role == STARTERS_LANE else others | {case.starter_id}


def money_adds_up(session: Session, advance: Advance) -> None:
    """Paid is no more than approved, nothing is below zero, and what is handed in fits the balance."""
    entries = session.scalars(
        select(AdvanceEntry).where(AdvanceEntry.advance_id == advance.id).order_by(AdvanceEntry.id)
    )
    paid = cleared = 0
    for entry in entries:
        if entry.kind == "paid":
            paid += entry.amount_fen
        else:
            cleared += entry.amount_fen
        assert 0 <= cleared <= paid <= advance.amount_fen
        assert advance.approved_on is not None
    running = select(ProcessInstance.id).where(ProcessInstance.status == "running")
    settlements = list(session.scalars(select(Settlement).where(Settlement.advance_id == advance.id)))
    in_hand = select(Settlement.id).where(Settlement.instance_id.in_(running), Settlement.posted_at.is_(None))
    reserved = sum(each.amount_fen for each in settlements if each.id in set(session.scalars(in_hand)))
    assert reserved <= paid - cleared
    case = session.get_one(ProcessInstance, advance.instance_id)
    owes_nothing = paid == cleared and (paid == advance.amount_fen or advance.rest_closed_at is not None)
    told = select(Message.id).where(Message.instance_id == case.id, Message.delivered_at.is_(None))
    assert case.status != "completed" or owes_nothing
    assert not owes_nothing or case.status == "completed" or session.scalars(told).all() != []
    if case.status in ("rejected", "withdrawn", "terminated"):
        assert paid == 0


def numbers_have_no_gaps(session: Session) -> None:
    numbers = sorted(int(number[-6:]) for number in session.scalars(select(Advance.number)))
    assert numbers == list(range(1, len(numbers) + 1))


def each_key_has_one_effect(session: Session) -> None:
    """Every key in the ledger was answered, and there are as many keys as things that people did with one."""
    answers = list(session.scalars(select(Submission.response)))
    assert None not in answers
    keyed = ("instance_started", "task_completed", "instance_withdrawn")
    done = session.scalars(select(HistoryEvent.kind).where(HistoryEvent.kind.in_(keyed))).all()
    assert len(answers) == len(done)


def entitled(crowd: Crowd, actor: Actor, task: UserTask) -> bool:
    """Whether a person may answer an open task, from the rows and by the words of the rules."""
    case = crowd.session.get_one(ProcessInstance, task.instance_id)
    tasks = list(crowd.session.scalars(select(UserTask).where(UserTask.instance_id == case.id)))
    barred = barred_from(task.role, case, lanes_of(case, tasks))
    if actor.id in barred:
        return False
    covered = {who for who, keys in actor.covers.items() if not keys or task.process_key in keys}
    if task.assignee_id is not None:
        return task.assignee_id in {actor.id, *covered}
    if task.group_role == "administrator":
        return False
    holders = {who for who in covered - barred if task.group_role in actor.covered_roles[who]}
    return task.group_role in actor.roles or holders != set()
