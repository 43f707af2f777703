"""On whose desk a task lies: a lane is a role, and the role becomes a person or a group for this case.

Nobody acts on a case that they started, except in their own lane, and nobody acts in two lanes of one case, nor
through somebody who stands in for them (domain.md, People: segregation of duties). Where the right person is barred
or away, the next superior takes the place; where nobody is left, the administrators see an incident.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflows.people.model import Role

if TYPE_CHECKING:
    from workflows.engine.bpmn.elements import Element

#: One round trip: ids for the tasks to come, who has acted, the starter's line of superiors, and who holds the roles.
_PEOPLE = """
WITH RECURSIVE line AS (
    SELECT d.id, d.parent_id, d.manager_id, 0 AS depth
      FROM department d JOIN employee e ON e.department_id = d.id WHERE e.id = %(starter)s
    UNION ALL
    SELECT d.id, d.parent_id, d.manager_id, line.depth + 1
      FROM department d JOIN line ON d.id = line.parent_id WHERE line.depth < 30
)
SELECT (SELECT array_agg(nextval('user_task_id_seq')) FROM generate_series(1, %(wanted)s)) AS ids,
       (SELECT json_agg(json_build_array(closed_by_id, on_behalf_of_id, role)) FILTER (WHERE status = 'completed'
                        AND kind <> 'adviser')
          FROM user_task WHERE instance_id = %(instance)s) AS acted,
       (SELECT array_agg((details ->> 'from')::bigint) FROM history_event
         WHERE instance_id = %(instance)s AND kind = 'case_passed_on') AS former,
       (SELECT array_agg(manager_id ORDER BY depth) FROM line WHERE manager_id IS NOT NULL) AS managers,
       (SELECT json_agg(json_build_array(e.id, e.active, e.superior_id)) FROM employee e
         WHERE e.id = ANY(ARRAY(
               SELECT %(starter)s::bigint UNION ALL SELECT manager_id FROM line UNION ALL
               SELECT s.superior_id FROM employee s
                WHERE s.id = ANY(ARRAY(SELECT manager_id FROM line) || %(starter)s::bigint)))) AS known,
       (SELECT json_agg(json_build_array(r.role, e.id, e.active, line.depth, line.manager_id = e.id)
                        ORDER BY line.depth, (line.manager_id = e.id) DESC, e.id)
          FROM employee_role r JOIN employee e ON e.id = r.employee_id
          LEFT JOIN line ON line.id = e.department_id
         WHERE r.role = ANY(%(roles)s)) AS holders
"""


@dataclass(frozen=True, slots=True)
class Person:
    """An employee as far as assignment needs them."""

    id: int
    active: bool
    superior_id: int | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a role; ``depth`` counts departments up from the starter's, None outside the starter's line."""

    role: str
    id: int
    active: bool
    depth: int | None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a task lies: with a person, or with a group less those who are barred."""

    assignee_id: int | None
    group_role: str | None
    barred: tuple[int, ...]
    #: Set when nobody was left and the administrators have to find somebody.
    nobody_left: bool = False
    #: Why nobody has to be asked: ``starter`` or ``same_person`` (a policy of the step).
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class CasePeople:
    """Everyone who matters to the assignment of a case's next tasks."""

    task_ids: list[int]
    starter: Person
    #: The starter's superiors, the nearest first.
    ladder: tuple[Person, ...]
    holders: tuple[Holder, ...]
    #: Whether the starter is the manager of a department that they belong to.
    starter_leads: bool
    #: Person -> lanes in which they have acted, themselves or by a delegate.
    acted: Mapping[int, frozenset[str]]
    #: Who owned the case before it was passed on; they decide on it as little as its starter.
    former: frozenset[int] = frozenset()

    def barred_from(self, role: str, *, starter_too: bool = True) -> tuple[int, ...]:
        """Who may not act in that lane."""
        others = {person for person, lanes in self.acted.items() if lanes - {role}}
        return tuple(sorted(others | self.former | {self.starter.id} if starter_too else others - {self.starter.id}))


def people_of_case(
    session: Session, *, instance_id: int, starter_id: int, roles: Iterable[str], wanted: int
) -> CasePeople:
    """Read, in one statement, all that ``desk_for`` needs, and reserve ids for the tasks to open."""
    row = (
        session.connection()
        .exec_driver_sql(
            _PEOPLE, {"starter": starter_id, "instance": instance_id, "roles": sorted(roles), "wanted": wanted}
        )
        .one()
    )
    known = {person.id: person for person in (Person(*entry) for entry in row.known)}
    managers = [known[manager_id] for manager_id in row.managers or []]
    return CasePeople(
        task_ids=list(row.ids or []),
        starter=known[starter_id],
        ladder=_ladder(known[starter_id], managers, known),
        holders=tuple(Holder(role, person, active, depth) for role, person, active, depth, _ in row.holders or []),
        starter_leads=starter_id in (row.managers or []),
        acted=_acted(row.acted or []),
        former=frozenset(row.former or ()),
    )


def _acted(entries: list[Any]) -> dict[int, frozenset[str]]:
    lanes: dict[int, set[str]] = {}
    for actor, covered, role in entries:
        for person in (actor, covered):
            if person is not None:
                lanes.setdefault(person, set()).add(role)
    return {person: frozenset(roles) for person, roles in lanes.items()}


def _ladder(starter: Person, managers: list[Person], known: Mapping[int, Person]) -> tuple[Person, ...]:
    """Climb: a named superior first, else the manager of the nearest department above."""
    ladder: list[Person] = []
    seen = {starter.id}
    current = starter
    while True:
        named = known.get(current.superior_id) if current.superior_id else None
        above = next((manager for manager in managers if manager.id not in seen), None)
        if named is not None and named.id not in seen:
            step = named
        elif above is not None:
            step = above
        else:
            return tuple(ladder)
        if step in managers:
            # Whoever stands below the next one in the tree has been passed over and does not come back.
            seen.update(manager.id for manager in managers[: managers.index(step)])
        seen.add(step.id)
        ladder.append(step)
        current = step


def find_desk(
    session: Session,
    element: "Element",
    people: CasePeople,
    *,
    today: dt.date,
    decided_before: Collection[int] = (),
) -> Desk:
    """Find the desk for a task by the lane's rule and the policies of the step (``elements.Policies``)."""
    desk = desk_for(element, people, decided_before=decided_before)
    if desk.skipped or element.assign == "group":
        return _or_named(session, element, desk)
    away = _away(element, people, desk.barred)
    if away is not None and element.policies.disabled_person == "delegate":
        delegate = _delegate_of(session, away, today)
        if delegate is not None and delegate not in desk.barred:
            return Desk(delegate, None, desk.barred)
    return _or_named(session, element, desk)


def _or_named(session: Session, element: "Element", desk: Desk) -> Desk:
    """Where nobody is left: whom the policy names, if they may."""
    login = element.policies.nobody_found
    if not desk.nobody_left or login == Role.ADMINISTRATOR:
        return desk
    sql = "SELECT id FROM employee WHERE login = %(login)s AND active AND NOT id = ANY(%(barred)s)"
    parameters = {"login": login, "barred": list(desk.barred)}
    named = session.connection().exec_driver_sql(sql, parameters).scalar_one_or_none()
    return desk if named is None else Desk(named, None, desk.barred)


def _away(element: "Element", people: CasePeople, barred: Collection[int]) -> int | None:
    """Whose task it would be, were their account not disabled."""
    if element.assign == "starter":
        return None if people.starter.active else people.starter.id
    nominal = [h for h in people.holders if h.role == element.role and h.depth is not None and h.id not in barred]
    return nominal[0].id if nominal and not nominal[0].active else None


def _delegate_of(session: Session, person_id: int, today: dt.date) -> int | None:
    sql = """
SELECT g.delegate_id FROM delegation g JOIN employee e ON e.id = g.delegate_id AND e.active
 WHERE g.delegator_id = %(person)s AND g.revoked_at IS NULL AND %(today)s BETWEEN g.first_on AND g.last_on
 ORDER BY g.id LIMIT 1"""
    found: int | None = session.connection().exec_driver_sql(sql, {"person": person_id, "today": today}).scalar()
    return found


def desk_for(element: "Element", people: CasePeople, *, decided_before: Collection[int] = ()) -> Desk:
    """Find the desk for a task, by the rule of its lane: starter, line or group.

    ``decided_before`` are those who decided the step before this one, whom a policy may leave out.
    """
    role = str(element.role)
    if element.assign == "starter":
        barred = people.barred_from(role, starter_too=False)
        return Desk(people.starter.id, None, barred) if people.starter.active else _nobody(barred)
    barred = people.barred_from(role)
    if element.assign == "group":
        left = any(h.active and h.id not in barred for h in people.holders if h.role == role)
        return Desk(None, role, barred) if left else _nobody(barred)
    skipped = _left_out(element, people, decided_before)
    if skipped is not None:
        return Desk(None, role, barred, skipped=skipped)
    person = _in_line(role, people, barred)
    return Desk(person, None, barred) if person is not None else _nobody(barred)


def desks_of_holders(element: "Element", people: CasePeople) -> list[Desk]:
    """One desk for each active holder of the lane's role: in the starter's line, or everywhere for a group."""
    role = str(element.role)
    barred = people.barred_from(role)
    holders = [h for h in people.holders if h.role == role and (element.assign == "group" or h.depth is not None)]
    return [Desk(h.id, None, barred) for h in holders if h.active and h.id not in barred] or [_nobody(barred)]


def _left_out(element: "Element", people: CasePeople, decided_before: Collection[int]) -> str | None:
    """Say whether a policy leaves the step out: the person to ask is the starter, or has just decided."""
    if not element.approval:
        return None
    nominal = [h.id for h in people.holders if h.role == element.role and h.depth is not None and h.active]
    # Who leads a department that no holder of the role stands above has the say that the step asks for.
    is_theirs = nominal[0] == people.starter.id if nominal else people.starter_leads
    if element.policies.starter_decides == "skip" and is_theirs:
        return "starter"
    if element.policies.same_person == "skip":
        person = _in_line(str(element.role), people, (people.starter.id,))
        return "same_person" if person in decided_before else None
    return None


def _in_line(role: str, people: CasePeople, barred: tuple[int, ...]) -> int | None:
    nominal = [holder for holder in people.holders if holder.role == role and holder.depth is not None]
    for holder in nominal:
        if holder.active and holder.id not in barred:
            return holder.id
    rungs = people.ladder
    held = {holder.id for holder in nominal}
    for index, person in enumerate(people.ladder):
        if person.id in held:
            rungs = people.ladder[index + 1 :]
    return next((person.id for person in rungs if person.active and person.id not in barred), None)


def _nobody(barred: tuple[int, ...]) -> Desk:
    return Desk(None, Role.ADMINISTRATOR.value, barred, nobody_left=True)
