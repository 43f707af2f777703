"""Keeping customers: adding and changing them, their grade, putting them away, and what is still missing (B3, I6).

Nothing here commits. What changes of a customer's name, industry, standing, grade, and whether it is archived is
written down beside (``CustomerChange``).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflows.customers.contacts import ContactData, insert_contact, refuse_bad_contact
from workflows.customers.duplicates import Duplicate, LooksAlike, same_phone, similar_names, with_key
from workflows.customers.model import Competitor, Contact, Customer, CustomerChange, Grade, Registration, Standing
from workflows.customers.names import initials_of, name_key, pinyin_of
from workflows.customers.phones import Seals
from workflows.customers.rights import held
from workflows.customers.rules import rule
from workflows.customers.scope import SALES_ROLES, Sight, sight_of
from workflows.engine.process import Actor
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StaleRevision
from workflows.people.model import Employee, EmployeeRole, Role

#: As much fits the fields that take more than a line.
LONGEST_TEXT = 4000
#: What is written down when an edit changes it.
_NOTED = ("name", "industry", "standing")


@dataclass(frozen=True, slots=True)
class CustomerData:
    """What a form says of a customer, without its grade, which changes with a reason."""

    name: str
    industry: str
    standing: str = Standing.POTENTIAL.value
    source: str = ""
    website: str = ""
    address: str = ""
    business: str = ""
    needs: str = ""
    organisation: str = ""
    decision_chain: str = ""
    budget: str = ""
    schedule: str = ""


@dataclass(frozen=True, slots=True)
class CompetitorData:
    """What a form says of a competitor."""

    name: str
    product: str = ""
    people: str = ""
    remarks: str = ""


def create_customer(
    session: Session, data: CustomerData, *, grade: str, contact: ContactData | None, seals: Seals, actor: Actor,
    now: dt.datetime, owner_id: int | None = None, is_confirmed: bool = False,
) -> int:  # fmt: skip
    """Add a customer with its main contact, and give its id. It belongs to whoever adds it, if nobody else is named.

    :raises NotAllowed: the person does not sell, or may not give customers to that owner
    :raises Invalid: at a field; ``Duplicate`` at ``name``, which names whose customer it is already
    :raises LooksAlike: others look like it, and nobody has confirmed that it is another one
    """
    sight = sight_of(session, actor)
    if not sight.sees_contacts:
        raise NotAllowed("Only sales staff keep customers.")
    owner = actor.id if owner_id is None else owner_id
    department_id = _department_of_owner(session, owner, actor, sight)
    if contact is not None:
        refuse_bad_contact(contact)
    _refuse_bad(data, grade)
    key = _key_of(data.name)
    _refuse_look_alikes(
        session, key, contact.phone if contact else "", seals=seals, sight=sight, is_confirmed=is_confirmed
    )
    new = session.execute(
        upsert(Customer)
        .values(
            **asdict(data), name_key=key, pinyin=pinyin_of(data.name), initials=initials_of(data.name), grade=grade,
            owner_id=owner, department_id=department_id, created_by_id=actor.id, created_at=now,
            follow_up_on=next_follow_up(session, grade, day_of(now)),
        )
        .on_conflict_do_nothing(index_elements=["name_key"])
        .returning(Customer.id)
    ).scalar_one_or_none()  # fmt: skip
    if new is None:
        # Somebody saved the same name between the question above and now.
        raise _duplicate(session, key, sight)
    if contact is not None:
        insert_contact(session, int(new), contact, seals=seals, actor_id=actor.id, now=now)
    return int(new)


def edit_customer(
    session: Session, customer_id: int, data: CustomerData, *, revision: int, seals: Seals, actor: Actor,
    now: dt.datetime, reason: str = "", is_confirmed: bool = False,
) -> None:  # fmt: skip
    """Change what stands in the archive; raises as ``create_customer``, ``StaleRevision`` and as ``rights.held``."""
    customer, sight = _found(session, actor, customer_id, revision)
    _refuse_bad(data, customer.grade)
    key = _key_of(data.name)
    if key != customer.name_key:
        _refuse_look_alikes(session, key, "", seals=seals, sight=sight, is_confirmed=is_confirmed, but=customer_id)
    for field in _NOTED:
        _note(session, customer_id, field, getattr(customer, field), getattr(data, field), reason, actor, now)
    try:
        with session.begin_nested():
            _set(
                session, customer_id, **asdict(data), name_key=key, pinyin=pinyin_of(data.name),
                initials=initials_of(data.name),
            )  # fmt: skip
    except IntegrityError:
        raise _duplicate(session, key, sight) from None


def change_grade(
    session: Session, customer_id: int, grade: str, *, reason: str, actor: Actor, now: dt.datetime
) -> None:
    """Give a customer another grade (I6.1, I6.2), and count anew when to follow up: from the last contact, not before
    today.

    :raises Invalid: at ``grade`` or ``reason``
    """
    customer = held(session, actor, customer_id).customer
    if grade not in set(Grade):
        raise Invalid.at("grade", "Choose one of the options.")
    if grade == customer.grade:
        raise Invalid.at("grade", "The customer has this grade already.")
    if not reason.strip():
        raise Invalid.at("reason", "Please give a reason.")
    today = day_of(now)
    follow_up_on = max(next_follow_up(session, grade, customer.last_contact_on or today), today)
    _note(session, customer_id, "grade", customer.grade, grade, reason, actor, now)
    _set(session, customer_id, grade=grade, follow_up_on=follow_up_on)


def archive_customer(session: Session, customer_id: int, *, reason: str, actor: Actor, now: dt.datetime) -> None:
    """Put a customer away: it is found no more unless asked for. Refused while somebody has a need of it registered.

    :raises Invalid: at ``reason``
    :raises Conflict: a registration is in force
    """
    held(session, actor, customer_id)
    if not reason.strip():
        raise Invalid.at("reason", "Please give a reason.")
    is_registered = exists().where(Registration.customer_id == customer_id, Registration.ended_at.is_(None))
    if session.execute(select(is_registered)).scalar_one():
        raise Conflict("A need of this customer is registered: it cannot be archived.")
    _note(session, customer_id, "archived", "", "archived", reason, actor, now)
    _set(session, customer_id, archived_at=now)


def unarchive_customer(session: Session, customer_id: int, *, reason: str, actor: Actor, now: dt.datetime) -> None:
    """Take a customer out again; when to follow up is counted from today."""
    customer = held(session, actor, customer_id, is_archived=True).customer
    if not reason.strip():
        raise Invalid.at("reason", "Please give a reason.")
    _note(session, customer_id, "archived", "archived", "", reason, actor, now)
    _set(
        session, customer_id, archived_at=None, follow_up_on=next_follow_up(session, customer.grade, day_of(now))
    )  # fmt: skip


def next_follow_up(session: Session, grade: str, last: dt.date) -> dt.date:
    """When the rhythm of a grade wants the next contact after one on a day."""
    return last + dt.timedelta(days=rule(session, f"follow_up_{grade.lower()}"))


def missing_fields(session: Session, customer_id: int) -> list[str]:
    """Which of the required fields (B3) are empty: name, contact, position, phone, standing.

    ``contact`` stands for the main contact and its name. A customer that does not exist lacks everything.
    """
    row = session.execute(
        select(
            Customer.name, Customer.standing, Contact.masked_name, Contact.position, Contact.masked_phone
        )
        .outerjoin(
            Contact,
            (Contact.customer_id == Customer.id) & Contact.is_main & Contact.removed_at.is_(None),
        )
        .where(Customer.id == customer_id)
    ).first()  # fmt: skip
    fields: Mapping[str, str | None] = {
        "name": row and row.name, "contact": row and row.masked_name, "position": row and row.position,
        "phone": row and row.masked_phone, "standing": row and row.standing,
    }  # fmt: skip
    return [name for name, value in fields.items() if not value]


def add_competitor(
    session: Session, customer_id: int, data: CompetitorData, *, actor: Actor, now: dt.datetime
) -> int:
    """Note who else offers something to the customer (I6.3); what is noted already, word for word, is noted once.

    :raises Invalid: at ``name``
    """
    held(session, actor, customer_id)
    if not data.name.strip():
        raise Invalid.at("name", "Please fill this in.")
    same = select(Competitor.id).filter_by(**asdict(data), customer_id=customer_id, removed_at=None)
    known = session.execute(same.limit(1)).scalar_one_or_none()
    if known is not None:
        return known
    values = {**asdict(data), "customer_id": customer_id, "noted_by_id": actor.id, "noted_at": now}
    return int(session.execute(insert(Competitor).values(**values).returning(Competitor.id)).scalar_one())


def remove_competitor(session: Session, competitor_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Take a competitor off the list; the row stays."""
    customer_id = session.execute(
        select(Competitor.customer_id).where(Competitor.id == competitor_id, Competitor.removed_at.is_(None))
    ).scalar_one_or_none()
    if customer_id is None:
        raise NotFound("There is no such competitor.")
    held(session, actor, customer_id)
    session.execute(update(Competitor).where(Competitor.id == competitor_id).values(removed_at=now))


def _key_of(name: str) -> str:
    key = name_key(name)
    if not key:
        raise Invalid.at("name", "A company’s name holds letters or digits.")
    return key


def _refuse_bad(data: CustomerData, grade: str) -> None:
    for field in ("name", "industry"):
        if not getattr(data, field).strip():
            raise Invalid.at(field, "Please fill this in.")
    for field, value in asdict(data).items():
        longest = getattr(Customer.__table__.c[field].type, "length", None) or LONGEST_TEXT
        if len(value) > longest:
            raise Invalid.at(field, "At most %(longest)s characters.", longest=longest)
    if data.standing not in set(Standing):
        raise Invalid.at("standing", "Choose one of the options.")
    if grade not in set(Grade):
        raise Invalid.at("grade", "Choose one of the options.")


def _refuse_look_alikes(
    session: Session, key: str, phone: str, *, seals: Seals, sight: Sight, is_confirmed: bool, but: int | None = None
) -> None:
    same = with_key(session, key, sight)
    if same is not None:
        raise Duplicate(same)
    if is_confirmed:
        return
    alike = [
        *similar_names(session, key, sight, but=but),
        *same_phone(session, seals.phone_key(phone), sight, but=but),
    ]
    if alike:
        raise LooksAlike(alike)


def _duplicate(session: Session, key: str, sight: Sight) -> Conflict | Invalid:
    same = with_key(session, key, sight)
    return Duplicate(same) if same else Conflict("Somebody else is saving this customer. Please try again.")


def _department_of_owner(session: Session, owner_id: int, actor: Actor, sight: Sight) -> int:
    """The department of who gets the customer; somebody else's are given by leaders and by assistants."""
    row = session.execute(
        select(Employee.department_id, Employee.active, func.array_agg(EmployeeRole.role).label("roles"))
        .outerjoin(EmployeeRole, EmployeeRole.employee_id == Employee.id)
        .where(Employee.id == owner_id)
        .group_by(Employee.id)
    ).one_or_none()
    if row is None or not row.active or SALES_ROLES.isdisjoint(row.roles):
        raise Invalid.at("owner", "There is no salesperson with this login name.")
    department_id = int(row.department_id)
    if owner_id == actor.id or sight.leads(department_id):
        return department_id
    if Role.SALES_ASSISTANT in actor.roles and department_id in (sight.departments or ()):
        return department_id
    raise NotAllowed("Only who leads the department or assists it gives customers to others.")


def _found(session: Session, actor: Actor, customer_id: int, revision: int) -> tuple[Customer, Sight]:
    found = held(session, actor, customer_id)
    if found.customer.revision != revision:
        raise StaleRevision("The customer has been changed since you opened this form.")
    return found.customer, found.sight


def _note(
    session: Session, customer_id: int, field: str, before: str, after: str, reason: str, actor: Actor,
    now: dt.datetime,
) -> None:  # fmt: skip
    if before != after:
        session.execute(
            insert(CustomerChange).values(
                customer_id=customer_id, field=field, before=before, after=after, reason=reason.strip(),
                changed_by_id=actor.id, changed_at=now,
            )
        )  # fmt: skip


def _set(session: Session, customer_id: int, **values: object) -> None:
    session.execute(
        update(Customer).where(Customer.id == customer_id).values(revision=Customer.revision + 1, **values)
    )
