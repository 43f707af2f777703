"""The last statements of every step: everything that it changed, in one round trip and a few rare ones."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from workflows.engine.approvals.seats import Place, SeatKey, seats_of
from workflows.engine.history import INSERT_EVENTS, Event
from workflows.engine.incidents import report_nobody_left
from workflows.engine.model import InstanceStatus, TaskStatus
from workflows.engine.seating import Answered, Seated, seat_newcomers
from workflows.engine.settling import settle_desk
from workflows.engine.spiff.case import Case
from workflows.engine.spiff.state import SERIALIZER
from workflows.engine.submissions import NextTask, Result, Submitted
from workflows.kernel.workdays import add_workdays

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workflows.engine.bpmn.diagrams import Element

_WRITE = f"""
WITH done AS (
    UPDATE user_task
       SET status = 'completed', closed_at = %(now)s, closed_by_id = %(actor)s, on_behalf_of_id = %(behalf)s,
           decision = %(decision)s, opinion = %(opinion)s
     WHERE id = %(task)s
), cancelled AS (
    UPDATE user_task SET status = 'cancelled', closed_at = %(now)s
     WHERE instance_id = %(instance)s AND status IN ('open', 'waiting')
       AND node_id || ':' || seat = ANY(%(cancelled)s)
), barred AS (
    UPDATE user_task SET barred = barred || %(acted)s::bigint[]
     WHERE instance_id = %(instance)s AND status IN ('open', 'waiting') AND (role <> %(role)s OR node_id = %(node)s)
       AND kind <> 'adviser' AND id <> %(task)s AND NOT node_id || ':' || seat = ANY(%(cancelled)s)
       AND %(acted)s::bigint[] <> '{{}}'
    RETURNING id, element_id, assignee_id
), opened AS (
    INSERT INTO user_task (id, instance_id, node_id, seat, kind, process_key, definition_id, element_id, title,
                           starter_id, role, status, assignee_id, group_role, barred, opened_at, due_at, remind_at,
                           escalate_at, asked_by_id, question, closed_at, decision, opinion)
    OVERRIDING SYSTEM VALUE
    SELECT id, %(instance)s, node_id, seat, kind, %(process)s, %(definition)s, element_id, %(title)s,
           %(starter)s, role, status, assignee_id, group_role, barred, %(now)s, escalate_at, remind_at,
           escalate_at, asked_by_id, question, closed_at, decision, opinion
      FROM jsonb_to_recordset(%(opened)s) AS x(id bigint, node_id text, seat int, kind text, element_id text,
           role text, status text, assignee_id bigint, group_role text, barred bigint[], remind_at timestamptz,
           escalate_at timestamptz, asked_by_id bigint, question text, closed_at timestamptz, decision text,
           opinion text)
), told AS ({INSERT_EVENTS}), answered AS (
    UPDATE submission SET response = %(response)s, instance_id = %(instance)s
     WHERE actor_id = %(actor)s AND key = %(key)s
)
UPDATE process_instance
   SET state = %(state)s, serializer = %(serializer)s, revision = %(revision)s, status = %(status)s,
       outcome = %(outcome)s, suspended_at = %(suspended)s, title = %(title)s, ended_at = %(ended)s,
       history_count = %(count)s, history_hash = %(hash)s
 WHERE id = %(instance)s
RETURNING (SELECT json_agg(json_build_array(id, element_id)) FROM barred
            WHERE assignee_id IS NULL OR assignee_id = ANY(%(acted)s::bigint[])) AS unsettled
"""  # noqa: S608 (constants only)


#: Seats whose turn has come, or that wait again.
_MOVE = """
UPDATE user_task t
   SET status = m.status, revision = revision + 1, remind_at = m.remind_at, escalate_at = m.escalate_at,
       due_at = m.escalate_at,
       opened_at = CASE m.status WHEN 'open' THEN %(now)s ELSE t.opened_at END,
       read_at = CASE m.status WHEN 'open' THEN NULL ELSE t.read_at END
  FROM jsonb_to_recordset(%(moved)s) AS m(node_id text, seat int, status text, remind_at timestamptz,
       escalate_at timestamptz)
 WHERE t.instance_id = %(instance)s AND t.node_id = m.node_id AND t.seat = m.seat AND t.status IN ('open', 'waiting')
RETURNING t.id, t.element_id, t.assignee_id, t.group_role, t.status
"""


def _deadlines(case: Case, element: "Element") -> dict[str, Any]:
    """When reminding and escalating are due, counted from now in the company's working days."""
    days = {"remind_at": element.remind_after, "escalate_at": element.escalate_after}
    own = case.own_days
    return {name: add_workdays(case.now, count, own).isoformat() if count else None for name, count in days.items()}


def write_case(case: Case, submitted: Submitted | None, answered: Answered | None = None) -> Result:
    """Write all that a step changed and give its result. The caller commits."""
    seated = seat_newcomers(case, answered)
    after = seats_of(case) if case.status == InstanceStatus.RUNNING else {}
    before = {key: place for key, place in case.seats_before.items() if not answered or key != answered.key}
    closed = {key: place for key, place in before.items() if key not in after}
    moved = {key: after[key] for key, place in before.items() if key in after and after[key] != place}
    _tell(case, seated, closed)
    turned = _move(case, moved) if moved else []
    opened = [NextTask(o.task_id, o.element.id, o.desk.assignee_id, o.desk.group_role) for o in seated if _is_open(o)]
    result = Result(case.instance_id, case.status, case.title, opened + turned)
    if answered is not None and answered.key in after:
        _free_seat(case, answered.task_id)
    parameters = _parameters(case, submitted, answered, seated, closed, result)
    unsettled = case.session.connection().exec_driver_sql(_WRITE, parameters).scalar_one()
    case.chain.rows.clear()
    for task_id, element_id in unsettled or []:
        settle_desk(case, task_id, case.diagram.element(element_id))
    _write_rare(case, [one for one in seated if one.desk.nobody_left])
    if result.next_tasks:
        case.jobs.append(("notify_opened", {"task_ids": [task.id for task in result.next_tasks]}))
    return result


def _free_seat(case: Case, task_id: int) -> None:
    """Close a task before the one that follows it on the same seat is opened: one statement has no order within."""
    case.session.connection().exec_driver_sql(
        "UPDATE user_task SET status = 'completed', closed_at = %(now)s WHERE id = %(task)s",
        {"now": case.now, "task": task_id},
    )


def _is_open(seated: Seated) -> bool:
    return seated.status == TaskStatus.OPEN


def _move(case: Case, moved: Mapping[SeatKey, Place]) -> list[NextTask]:
    """Ask those whose turn has come, and let those wait who have to; gives the tasks that are asked now."""
    rows = []
    for (node_id, seat), place in moved.items():
        status = TaskStatus.OPEN if place.is_asked else TaskStatus.WAITING
        deadlines = _deadlines(case, case.diagram.element(place.element_id)) if place.is_asked else {}
        rows.append({"node_id": node_id, "seat": seat, "status": status.value, **deadlines})
    found = case.session.connection().exec_driver_sql(
        _MOVE, {"moved": Jsonb(rows), "now": case.now, "instance": case.instance_id}
    )
    asked = [row for row in found if row.status == TaskStatus.OPEN]
    for row in asked:
        to = {"assignee_id": row.assignee_id} if row.assignee_id else {"group_role": row.group_role}
        case.chain.append(Event("task_opened", case.now, element_id=row.element_id, task_id=row.id, details=to))
    return [NextTask(row.id, row.element_id, row.assignee_id, row.group_role) for row in asked]


def _tell(case: Case, seated: list[Seated], closed: Mapping[SeatKey, Place]) -> None:
    for place in closed.values():
        case.chain.append(Event("task_cancelled", case.now, element_id=place.element_id))
    for one in seated:
        to = {"assignee_id": one.desk.assignee_id} if one.desk.assignee_id else {"group_role": one.desk.group_role}
        told = Event("task_opened", case.now, element_id=one.element.id, task_id=one.task_id, details=to)
        if one.desk.skipped:
            case.chain.append(replace(told, kind="task_skipped", details={"why": one.desk.skipped}))
        elif _is_open(one):
            case.chain.append(told)
        if one.desk.nobody_left:
            case.chain.append(Event("incident_opened", case.now, element_id=one.element.id, task_id=one.task_id))


def _parameters(
    case: Case,
    submitted: Submitted | None,
    answered: Answered | None,
    seated: list[Seated],
    closed: Mapping[SeatKey, Place],
    result: Result,
) -> dict[str, Any]:
    return {
        "now": case.now,
        "actor": case.actor_id,
        "behalf": answered.on_behalf_of_id if answered else None,
        "decision": answered.decision if answered else None,
        "opinion": answered.opinion if answered else None,
        "task": answered.task_id if answered else 0,
        "role": answered.role if answered else "",
        "node": answered.key[0] if answered else "",
        "acted": answered.people if answered else [],
        "cancelled": [f"{node_id}:{seat}" for node_id, seat in closed],
        "opened": Jsonb([one.row(case.now, _deadlines(case, one.element)) for one in seated]),
        "suspended": case.suspended_at,
        "events": Jsonb(case.chain.rows),
        "response": Jsonb(result.as_json()),
        "key": submitted.key if submitted else None,
        "instance": case.instance_id,
        "process": case.process.key,
        "definition": case.definition_id,
        "starter": case.starter_id,
        "title": case.title,
        "state": case.machine.save(case.workflow, is_final=case.status != InstanceStatus.RUNNING),
        "serializer": SERIALIZER,
        "revision": case.revision + 1,
        "status": case.status,
        "outcome": case.outcome,
        "ended": None if case.status == InstanceStatus.RUNNING else case.now,
        "count": case.chain.count,
        "hash": case.chain.hash,
    }


def _write_rare(case: Case, left_with_nobody: list[Seated]) -> None:
    """What few steps have: timers, messages to others, nobody left to ask."""
    _write_timers(case.session, case.instance_id, case.dues_before, case.dues())
    for number, (instance_id, name, payload) in enumerate(case.messages):
        key = f"{case.instance_id}:{case.revision + 1}:{number}"
        message_id = (
            case.session.connection()
            .exec_driver_sql(
                "INSERT INTO message (instance_id, name, payload, key, sent_at)"
                " VALUES (%(instance)s, %(name)s, %(payload)s, %(key)s, %(now)s) RETURNING id",
                {"instance": instance_id, "name": name, "payload": Jsonb(payload), "key": key, "now": case.now},
            )
            .scalar_one()
        )
        case.jobs.append(("deliver_message", {"message_id": message_id}))
    for one in left_with_nobody:
        report_nobody_left(
            case.session, instance_id=case.instance_id, task_id=one.task_id, element_id=one.element.id, now=case.now
        )


def _write_timers(
    session: "Session",
    instance_id: int,
    before: Mapping[str, tuple[str, dt.datetime]],
    after: Mapping[str, tuple[str, dt.datetime]],
) -> None:
    if before == after:
        return
    connection = session.connection()
    connection.exec_driver_sql(
        "DELETE FROM timer WHERE instance_id = %(i)s AND NOT node_id = ANY(%(kept)s)",
        {"i": instance_id, "kept": list(after)},
    )
    for node, (element, due) in after.items():
        connection.exec_driver_sql(
            "INSERT INTO timer (instance_id, node_id, element_id, due_at)"
            " VALUES (%(i)s, %(node)s, %(element)s, %(due)s)"
            " ON CONFLICT (instance_id, node_id) DO UPDATE SET due_at = excluded.due_at, held = false",
            {"i": instance_id, "node": node, "element": element, "due": due},
        )
