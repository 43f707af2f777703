"""The last statements of every step: everything that it changed, in one round trip and a few rare ones."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from workflows.engine.assignment import CasePeople, Desk, desk_for, people_of_case
from workflows.engine.history import INSERT_EVENTS, Event
from workflows.engine.incidents import report_nobody_left
from workflows.engine.model import InstanceStatus
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
     WHERE instance_id = %(instance)s AND status = 'open' AND node_id = ANY(%(cancelled)s)
), barred AS (
    UPDATE user_task SET barred = barred || %(acted)s::bigint[]
     WHERE instance_id = %(instance)s AND status = 'open' AND role <> %(role)s
       AND id <> %(task)s AND NOT node_id = ANY(%(cancelled)s)
    RETURNING id, element_id, assignee_id
), opened AS (
    INSERT INTO user_task (id, instance_id, node_id, process_key, definition_id, element_id, title, starter_id, role,
                           assignee_id, group_role, barred, opened_at, due_at, remind_at, escalate_at)
    OVERRIDING SYSTEM VALUE
    SELECT id, %(instance)s, node_id, %(process)s, %(definition)s, element_id, %(title)s, %(starter)s, role,
           assignee_id, group_role, barred, %(now)s, escalate_at, remind_at, escalate_at
      FROM jsonb_to_recordset(%(opened)s) AS x(id bigint, node_id text, element_id text, role text,
           assignee_id bigint, group_role text, barred bigint[], remind_at timestamptz, escalate_at timestamptz)
), told AS ({INSERT_EVENTS}), answered AS (
    UPDATE submission SET response = %(response)s, instance_id = %(instance)s
     WHERE actor_id = %(actor)s AND key = %(key)s
)
UPDATE process_instance
   SET state = %(state)s, serializer = %(serializer)s, revision = %(revision)s, status = %(status)s,
       outcome = %(outcome)s, title = %(title)s, ended_at = %(ended)s, history_count = %(count)s,
       history_hash = %(hash)s
 WHERE id = %(instance)s
RETURNING (SELECT json_agg(json_build_array(id, element_id)) FROM barred
            WHERE assignee_id IS NULL OR assignee_id = ANY(%(acted)s::bigint[])) AS unsettled
"""  # noqa: S608 (constants only)


@dataclass(frozen=True, slots=True)
class Answered:
    """The user task that the step answered, and by whom."""

    task_id: int
    node_id: str
    role: str
    decision: str
    opinion: str | None
    on_behalf_of_id: int | None


@dataclass(frozen=True, slots=True)
class _Opened:
    node_id: str
    element: "Element"
    desk: Desk
    task_id: int

    def row(self, now: dt.datetime) -> dict[str, Any]:
        return {
            "id": self.task_id,
            "node_id": self.node_id,
            "element_id": self.element.id,
            "role": self.element.role,
            "assignee_id": self.desk.assignee_id,
            "group_role": self.desk.group_role,
            "barred": list(self.desk.barred),
            "remind_at": _deadline(now, self.element.remind_after),
            "escalate_at": _deadline(now, self.element.escalate_after),
        }


def _deadline(now: dt.datetime, workdays: int | None) -> str | None:
    return add_workdays(now, workdays, {}).isoformat() if workdays else None


def write_case(case: Case, submitted: Submitted | None, answered: Answered | None = None) -> Result:
    """Write all that a step changed and give its result. The caller commits."""
    nodes = case.open_nodes() if case.status == InstanceStatus.RUNNING else {}
    closed = set(case.open_before) - set(nodes) - ({answered.node_id} if answered else set())
    opened = _open(case, {node: element for node, element in nodes.items() if node not in case.open_before}, answered)
    _tell(case, opened, closed)
    result = Result(
        case.instance_id,
        case.status,
        case.title,
        [NextTask(o.task_id, o.element.id, o.desk.assignee_id, o.desk.group_role) for o in opened],
    )
    parameters = _parameters(case, submitted, answered, opened, closed, result)
    unsettled = case.session.connection().exec_driver_sql(_WRITE, parameters).scalar_one()
    case.chain.rows.clear()
    for task_id, element_id in unsettled or []:
        settle_desk(case, task_id, case.diagram.element(element_id))
    _write_rare(case, opened)
    if opened:
        case.jobs.append(("notify_opened", {"task_ids": [o.task_id for o in opened]}))
    return result


def _open(case: Case, fresh: Mapping[str, str], answered: Answered | None) -> list[_Opened]:
    if not fresh:
        return []
    elements = {node: case.diagram.element(element) for node, element in fresh.items()}
    people = people_of_case(
        case.session,
        instance_id=case.instance_id,
        starter_id=case.starter_id,
        roles={str(element.role) for element in elements.values()},
        wanted=len(fresh),
    )
    if answered is not None and case.actor is not None:
        people = _with_actor(people, case.actor.id, answered)
    return [
        _Opened(node, element, desk_for(str(element.role), str(element.assign), people), task_id)
        for (node, element), task_id in zip(elements.items(), people.task_ids, strict=True)
    ]


def _with_actor(people: CasePeople, actor_id: int, answered: Answered) -> CasePeople:
    """Count in the answer of this very step, which stands in no row yet."""
    acted = dict(people.acted)
    for person in (actor_id, answered.on_behalf_of_id):
        if person is not None:
            acted[person] = acted.get(person, frozenset()) | {answered.role}
    return CasePeople(people.task_ids, people.starter, people.ladder, people.holders, acted)


def _tell(case: Case, opened: list[_Opened], closed: set[str]) -> None:
    for node in closed:
        case.chain.append(Event("task_cancelled", case.now, element_id=case.open_before[node]))
    for one in opened:
        to = {"assignee_id": one.desk.assignee_id} if one.desk.assignee_id else {"group_role": one.desk.group_role}
        case.chain.append(Event("task_opened", case.now, element_id=one.element.id, task_id=one.task_id, details=to))
        if one.desk.nobody_left:
            case.chain.append(Event("incident_opened", case.now, element_id=one.element.id, task_id=one.task_id))


def _parameters(
    case: Case,
    submitted: Submitted | None,
    answered: Answered | None,
    opened: list[_Opened],
    closed: set[str],
    result: Result,
) -> dict[str, Any]:
    acted = [person for person in (case.actor_id, answered.on_behalf_of_id) if person is not None] if answered else []
    return {
        "now": case.now,
        "actor": case.actor_id,
        "behalf": answered.on_behalf_of_id if answered else None,
        "decision": answered.decision if answered else None,
        "opinion": answered.opinion if answered else None,
        "task": answered.task_id if answered else 0,
        "role": answered.role if answered else "",
        "acted": acted,
        "cancelled": sorted(closed),
        "opened": Jsonb([one.row(case.now) for one in opened]),
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


def _write_rare(case: Case, opened: list[_Opened]) -> None:
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
    for one in opened:
        if one.desk.nobody_left:
            report_nobody_left(
                case.session,
                instance_id=case.instance_id,
                task_id=one.task_id,
                element_id=one.element.id,
                now=case.now,
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
