"""A contested registration (I8.1): whoever was refused gives a ground, the owner replies, the sales manager decides.

What was said stands in ``registration_contest``, files at the case. A transfer gives the registration to the claimant
in the step of the decision; the sale that goes with it follows once the step is committed (``pass_case_on``).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from workflows.customers import registrations
from workflows.customers.model import Contest, Customer, Registration
from workflows.customers.scope import sight_of
from workflows.customers.telling import tell
from workflows.documents.files import attach_answered
from workflows.engine.model import InstanceStatus, ProcessInstance
from workflows.engine.process import Actor, Opening, Outcome, Step, Values
from workflows.kernel.errors import Conflict, Invalid
from workflows.people.model import Employee
from workflows.products.model import ProductLine

#: Who has decided on the sale, or is asked to, cannot own it: nobody acts in two lanes of one case.
_ACTS_ON_SALE = """
SELECT EXISTS (SELECT FROM user_task WHERE instance_id = %(case)s AND kind <> 'adviser'
                AND ((status IN ('open', 'waiting') AND assignee_id = %(who)s)
                     OR (status = 'completed' AND %(who)s IN (closed_by_id, on_behalf_of_id))))
"""


@dataclass(frozen=True, slots=True)
class Contested:
    """A registration as those see it who contest it or decide on it."""

    id: int
    customer_id: int
    customer: str
    industry: str
    line: str
    line_en: str
    need: str
    owner_id: int
    owner: str
    owner_en: str
    registered_at: dt.datetime
    last_contact_on: dt.date
    lapses_on: dt.date
    ended_at: dt.datetime | None
    instance_id: int | None


@dataclass(frozen=True, slots=True)
class Case:
    """A contest with what both sides said."""

    registration: Contested
    claimant_id: int
    claimant: str
    claimant_en: str
    ground: str
    reply: str
    decision: str | None


def contest_registration(step: Step, answer: Mapping[str, Any]) -> Opening:
    """Contest a registration in force that is somebody else's.

    :raises Invalid: at ``registration``: there is none, or it is one's own; the customer is of another industry
    :raises Conflict: one contests it already
    """
    found = _of(step.session, Registration.id == answer["registration"])
    if found is None or found.ended_at is not None or not _may_see(step.session, step.actor, found.customer_id):
        raise Invalid.at("registration", "There is no such registration, or it has ended.")
    if found.owner_id == step.starter_id:
        raise Invalid.at("registration", "This registration is your own.")
    try:
        registrations.refuse_other_industry(step.session, step.starter_id, found.industry)
    except Invalid as refusal:
        raise Invalid({"registration": refusal.fields["customer"]}) from None
    _refuse_twice(step, found.id)
    step.session.execute(
        insert(Contest).values(
            instance_id=step.instance_id, registration_id=found.id, claimant_id=step.starter_id,
            ground=answer["ground"],
        )
    )  # fmt: skip
    attach_answered(step, answer)
    replies = step.session.execute(select(Employee.active).where(Employee.id == found.owner_id)).scalar_one()
    values: dict[str, list[int] | bool] = {"owner": [found.owner_id], "owner_replies": bool(replies)}
    return Opening(f"{found.customer} · {found.line}"[:120], values)


def reply_to_contest(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """What the owner says: ``approve`` gives the registration up, ``reject`` keeps the claim. It decides nothing."""
    step.session.execute(
        update(Contest).where(Contest.instance_id == step.instance_id).values(reply=answer.get("opinion") or "")
    )
    attach_answered(step, answer)
    return Outcome(answer["decision"], answer.get("opinion"))


def decide_contest(step: Step, answer: Mapping[str, Any]) -> Outcome:
    """The sales manager's word, always with a reason: ``approve`` transfers the registration, ``reject`` keeps it.

    :raises Invalid: at ``decision``: the claimant has decided on the sale that goes with it
    :raises Conflict: the registration has ended meanwhile
    """
    contest = _contest(step)
    registration = step.session.get_one(Registration, contest.registration_id)
    if answer["decision"] == "approve":
        _refuse_transfer(step.session, registration, contest.claimant_id)
    return Outcome(answer["decision"], answer["opinion"])


def transfer_registration(step: Step) -> Values:
    """Give the registration to the claimant, and the sale that goes with it."""
    contest = _contest(step)
    registration = step.session.get_one(Registration, contest.registration_id)
    _refuse_transfer(step.session, registration, contest.claimant_id)
    new = registrations.renew(step.session, registration.id, owner_id=contest.claimant_id, now=step.now)
    if registration.instance_id is not None:
        step.enqueue(
            "pass_case_on", instance_id=registration.instance_id, to_id=contest.claimant_id,
            reason=f"I8.1 {step.instance_id}", actor_id=step.actor.id if step.actor else None,
        )  # fmt: skip
    _close(step, contest, "transferred")
    return {"registration": new}


def keep_registration(step: Step) -> Values:
    """Leave the registration with its owner."""
    _close(step, _contest(step), "kept")
    return {}


def contest_of(session: Session, instance_id: int) -> Case | None:
    """The contest of a case with what it is about."""
    row = session.execute(
        select(Contest, Employee.name, Employee.name_en)
        .join(Employee, Employee.id == Contest.claimant_id)
        .where(Contest.instance_id == instance_id)
    ).one_or_none()
    if row is None:
        return None
    contest, name, name_en = row
    found = _of(session, Registration.id == contest.registration_id)
    if found is None:
        return None
    return Case(found, contest.claimant_id, name, name_en, contest.ground, contest.reply, contest.decision)


def contestable(session: Session, actor: Actor, registration_id: int) -> Contested | None:
    """A registration in force that this person may contest as far as they see it; None otherwise."""
    found = _of(session, Registration.id == registration_id, Registration.ended_at.is_(None))
    if found is None or found.owner_id == actor.id or not _may_see(session, actor, found.customer_id):
        return None
    return found


def others_registrations(session: Session, actor: Actor, *, limit: int = 100) -> list[Contested]:
    """The registrations in force that this person may contest, the latest first."""
    own = session.execute(select(Employee.industry).where(Employee.id == actor.id)).scalar_one_or_none()
    sight = sight_of(session, actor)
    rows = session.execute(
        _contested()
        .where(
            Registration.ended_at.is_(None),
            Registration.owner_id != actor.id,
            sight.where(Customer.owner_id, Customer.department_id),
            *([Customer.industry == own] if own else []),
        )
        .order_by(Registration.id.desc())
        .limit(limit)
    )
    return [Contested(*tuple(row)) for row in rows]


def _of(session: Session, *conditions: Any) -> Contested | None:
    row = session.execute(_contested().where(*conditions)).one_or_none()
    return Contested(*tuple(row)) if row is not None else None


def _contested() -> Any:
    return (
        select(
            Registration.id, Registration.customer_id, Customer.name.label("customer"), Customer.industry,
            ProductLine.name.label("line"), ProductLine.name_en, Registration.need, Registration.owner_id,
            Employee.name.label("owner"), Employee.name_en.label("owner_en"), Registration.registered_at,
            Registration.last_contact_on, Registration.lapses_on, Registration.ended_at, Registration.instance_id,
        )
        .join(Customer, Customer.id == Registration.customer_id)
        .join(ProductLine, ProductLine.id == Registration.product_line_id)
        .join(Employee, Employee.id == Registration.owner_id)
    )  # fmt: skip


def _may_see(session: Session, actor: Actor | None, customer_id: int) -> bool:
    row = session.execute(
        select(Customer.owner_id, Customer.department_id).where(Customer.id == customer_id)
    ).one_or_none()
    if row is None or actor is None:
        return False
    return sight_of(session, actor).covers(owner_id=row.owner_id, department_id=row.department_id)


def _refuse_twice(step: Step, registration_id: int) -> None:
    running: Sequence[int] = step.session.scalars(
        select(Contest.id)
        .join(ProcessInstance, ProcessInstance.id == Contest.instance_id)
        .where(
            Contest.registration_id == registration_id,
            Contest.claimant_id == step.starter_id,
            ProcessInstance.status == InstanceStatus.RUNNING,
        )
    ).all()
    if running:
        raise Conflict("You contest this registration already.")


def _refuse_transfer(session: Session, registration: Registration, claimant_id: int) -> None:
    if registration.ended_at is not None:
        raise Conflict("The registration has ended meanwhile: decline, and the need can be registered anew.")
    if registration.instance_id is None:
        return
    given = {"case": registration.instance_id, "who": claimant_id}
    if session.connection().exec_driver_sql(_ACTS_ON_SALE, given).scalar_one():
        raise Invalid.at("decision", "They have decided on the sale that goes with it and cannot own it.")


def _contest(step: Step) -> Contest:
    return step.session.scalars(select(Contest).where(Contest.instance_id == step.instance_id)).one()


def _close(step: Step, contest: Contest, decision: str) -> None:
    """Write down what was decided, and tell both sides."""
    step.session.execute(
        update(Contest).where(Contest.id == contest.id).values(decision=decision, decided_at=step.now)
    )
    registration = step.session.get_one(Registration, contest.registration_id)
    name = step.session.execute(select(Customer.name).where(Customer.id == registration.customer_id)).scalar_one()
    params = {"title": name, "actor_id": step.actor.id if step.actor else None}
    tell(
        step.session, [contest.claimant_id, registration.owner_id], f"registration_{decision}", key=str(contest.id),
        params=params, now=step.now, instance_id=step.instance_id,
    )  # fmt: skip
