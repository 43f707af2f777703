"""Open tasks that have to find another desk, because who had them may not or cannot do them any more."""

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from workflows.engine.assignment import CasePeople, Desk, desk_for, find_desk, people_of_case
from workflows.engine.bpmn.elements import Policies
from workflows.engine.history import Event, write_history
from workflows.engine.incidents import report_nobody_left
from workflows.engine.spiff.case import Case
from workflows.kernel.days import day_of

if TYPE_CHECKING:
    from workflows.engine.bpmn.diagrams import Element


def settle_desk(case: Case, task_id: int, element: "Element", *, without: int | None = None) -> bool:
    """Find the desk on which an open task lies by now, and tell the history if it moved; True when nobody is left.

    For who was barred by acting in a parallel branch, who was disabled, and who has come since nobody was left.
    ``without`` names somebody who is about to leave and is no longer to be found.
    """
    desk = desk_by_rule(
        case.session, task_id, element, instance_id=case.instance_id, starter_id=case.starter_id, now=case.now,
        without=without,
    )  # fmt: skip
    moved = case.session.connection().exec_driver_sql(
        "UPDATE user_task SET assignee_id = %(assignee)s, group_role = %(group)s, revision = revision + 1"
        " WHERE id = %(task)s AND (assignee_id, group_role) IS DISTINCT FROM (%(assignee)s::bigint, %(group)s::text)"
        " RETURNING id",
        {"assignee": desk.assignee_id, "group": desk.group_role, "task": task_id},
    )
    if moved.one_or_none() is not None:
        _tell_moved(case, task_id, element.id, desk)
    return desk.nobody_left


def desk_by_rule(
    session: Session,
    task_id: int,
    element: "Element",
    *,
    instance_id: int,
    starter_id: int,
    now: dt.datetime,
    without: int | None = None,
) -> Desk:
    """Find, and change nothing, where an open task belongs by the rule of its lane and the policies of its step."""
    people = people_of_case(
        session, instance_id=instance_id, starter_id=starter_id, roles={str(element.role)}, wanted=0
    )
    people = _without_seated(session, task_id, people)
    if without is not None:
        people = _having_left(people, without)
    desk = find_desk(session, element, people, today=day_of(now))
    if desk.skipped:
        # The step is open already, so somebody has to be asked.
        desk = desk_for(replace(element, policies=Policies()), people)
    return desk


def _having_left(people: CasePeople, person_id: int) -> CasePeople:
    """Take somebody for disabled before they are."""
    return replace(
        people,
        starter=replace(people.starter, active=people.starter.active and people.starter.id != person_id),
        ladder=tuple(replace(each, active=each.active and each.id != person_id) for each in people.ladder),
        holders=tuple(replace(each, active=each.active and each.id != person_id) for each in people.holders),
    )


def _without_seated(session: Session, task_id: int, people: CasePeople) -> CasePeople:
    """Nobody has two seats at one step: who has one, or has answered there, is no choice for another."""
    sql = """
SELECT DISTINCT unnest(ARRAY[o.assignee_id, o.closed_by_id, o.on_behalf_of_id])
  FROM user_task t JOIN user_task o ON o.instance_id = t.instance_id AND o.node_id = t.node_id AND o.id <> t.id
 WHERE t.id = %(task)s AND o.status IN ('open', 'waiting', 'completed')"""
    seated = session.connection().exec_driver_sql(sql, {"task": task_id}).scalars()
    acted = dict(people.acted)
    for person in seated:
        if person is not None:
            acted[person] = acted.get(person, frozenset()) | {"another seat"}
    return replace(people, acted=acted)


def _tell_moved(case: Case, task_id: int, element_id: str, desk: Desk) -> None:
    to = {"to": desk.assignee_id} if desk.assignee_id else {"group_role": desk.group_role}
    case.chain.append(Event("task_reassigned", case.now, case.actor_id, None, element_id, task_id, to))
    write_history(case.session, case.chain)
    case.jobs.append(("notify_opened", {"task_ids": [task_id]}))
    if desk.nobody_left:
        report_nobody_left(
            case.session, instance_id=case.instance_id, task_id=task_id, element_id=element_id, now=case.now
        )
