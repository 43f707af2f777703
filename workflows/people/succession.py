"""What depends on a person who leaves, besides their tasks, and handing it on: departments, and those below them.

Holiday cover that they gave or took is shown only: it ends by itself, and nobody takes it over unasked.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.kernel.errors import Invalid
from workflows.people.delegation import delegations_of
from workflows.people.model import Delegation, Department, Employee
from workflows.people.operations import reports_to
from workflows.people.trail import note

#: Nobody has more people directly below them; what is more is handed on in a second act.
MOST_REPORTS = 500


@dataclass(frozen=True, slots=True)
class Report:
    """Somebody who reports to the person by name. ``hindrance`` says why they cannot report to the successor."""

    id: int
    login: str
    name: str
    name_en: str
    hindrance: Invalid | None = None


@dataclass(frozen=True, slots=True)
class Dependants:
    """What depends on a person: departments that they lead, who reports to them, cover that they gave and took."""

    departments: list[Department]
    reports: list[Report]
    given: list[Delegation]
    taken: list[Delegation]


def dependants_of(session: Session, person_id: int, to_id: int | None = None, *, today: dt.date) -> Dependants:
    """Give what depends on somebody and, with ``to_id``, who of those below cannot report to that person."""
    departments = select(Department).where(Department.manager_id == person_id).order_by(Department.id)
    below = (
        select(Employee.id, Employee.login, Employee.name, Employee.name_en)
        .where(Employee.superior_id == person_id, Employee.active)
        .order_by(Employee.id)
        .limit(MOST_REPORTS)
    )
    reports = [
        Report(*row, hindrance=_hindrance(session, row.id, row.name, to_id) if to_id is not None else None)
        for row in session.execute(below)
    ]
    given, taken = delegations_of(session, person_id, today=today)
    return Dependants(list(session.scalars(departments)), reports, given, taken)


def hand_on(
    session: Session,
    person_id: int,
    to_id: int,
    *,
    department_ids: Collection[int],
    report_ids: Collection[int],
    reason: str,
    actor_id: int,
    now: dt.datetime,
) -> tuple[int, int]:
    """Put the successor in the leaver's place, as far as was asked; gives how many departments and people changed.

    What is no longer the leaver's is passed over, so that a repetition changes nothing. Whether the successor may have
    anything at all is for the caller to see to (``workflows.engine.leaving.refuse_pair``).

    :raises Invalid: at ``reports``: somebody would report to themselves, by whatever way
    """
    people = {row.id: row for row in session.scalars(select(Employee).where(Employee.id.in_((person_id, to_id))))}
    leaver, successor = people[person_id], people[to_id]
    departments = session.scalars(
        select(Department)
        .where(Department.id.in_(department_ids), Department.manager_id == person_id)
        .order_by(Department.id)
        .with_for_update()
    ).all()

    def tell(employee_id: int, field: str, before: str, after: str) -> None:
        note(session, employee_id, field, before, after, actor_id=actor_id, now=now, reason=reason)

    for department in departments:
        department.manager_id = to_id
        tell(leaver.id, "leads", department.name, "")
        tell(successor.id, "leads", "", department.name)
    below = session.scalars(
        select(Employee)
        .where(Employee.id.in_(report_ids), Employee.superior_id == person_id)
        .order_by(Employee.id)
        .with_for_update(of=Employee)
    ).all()
    for each in below:
        hindrance = _hindrance(session, each.id, each.name, to_id)
        if hindrance is not None:
            raise hindrance
        each.superior_id = to_id
        each.revision += 1
        tell(each.id, "superior", leaver.login, successor.login)
        session.flush()
    session.flush()
    return len(departments), len(below)


def _hindrance(session: Session, report_id: int, name: str, to_id: int) -> Invalid | None:
    if report_id == to_id:
        return Invalid.at("reports", "%(name)s would report to themselves.", name=name)
    if reports_to(session, to_id, report_id):
        return Invalid.at("reports", "%(name)s is a superior of the successor.", name=name)
    return None
