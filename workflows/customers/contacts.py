"""People at the customer: kept sealed, shown masked, and opened with a row that says who saw them (I4.1, I6.5.5).

Each contact is sealed under its own row (``contact:17``). Who is main is one of them; who stands above whom makes the
decision chain (I6.3), which is a tree because nobody stands above themselves.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from workflows.customers.model import Contact, ContactKind, ContactView, Customer
from workflows.customers.phones import Seals, is_phone, masked_name, masked_phone
from workflows.customers.rights import held
from workflows.customers.scope import sight_of
from workflows.engine.process import Actor
from workflows.kernel.errors import Conflict, Invalid, NotFound, StaleRevision
from workflows.people.model import Employee

#: Ways in which contacts are seen.
HOWS = frozenset({"page", "export", "api"})
#: As many characters fit each field.
LONGEST = {
    "name": 64, "position": 80, "department": 80, "phone": 40, "email": 254, "chat": 80, "remarks": 1000,
}  # fmt: skip
_SEALED = ("name", "phone", "email", "chat", "remarks")


@dataclass(frozen=True, slots=True)
class ContactData:
    """What a form says of a contact. The main contact has a phone number; of the others it may be unknown."""

    name: str
    position: str
    phone: str = ""
    department: str = ""
    kind: str = ContactKind.OTHER.value
    reports_to_id: int | None = None
    email: str = ""
    chat: str = ""
    remarks: str = ""
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class MaskedContact:
    """A contact as lists show it."""

    id: int
    customer_id: int
    masked_name: str
    masked_phone: str
    position: str
    department: str
    kind: str
    reports_to_id: int | None
    is_main: bool
    revision: int
    #: How deep it stands in the decision chain.
    depth: int = 0


@dataclass(frozen=True, slots=True)
class OpenContact:
    """A contact in the clear, for whom a view was written down."""

    id: int
    customer_id: int
    name: str
    phone: str
    email: str
    chat: str
    remarks: str
    position: str
    department: str
    kind: str
    reports_to_id: int | None
    is_main: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Viewed:
    """Who saw a contact, when and how."""

    contact_id: int
    name: str
    name_en: str
    viewed_at: dt.datetime
    how: str


def add_contact(
    session: Session, customer_id: int, data: ContactData, *, seals: Seals, actor: Actor, now: dt.datetime
) -> int:
    """Add a contact; the first one is the main one. Gives its id.

    :raises Invalid: at the field that is wrong
    :raises NotFound, NotAllowed, Conflict: as ``rights.held``
    """
    held(session, actor, customer_id)
    return insert_contact(session, customer_id, data, seals=seals, actor_id=actor.id, now=now)


def insert_contact(
    session: Session, customer_id: int, data: ContactData, *, seals: Seals, actor_id: int, now: dt.datetime
) -> int:
    """The same for a customer that is held already."""
    others = {row.id: row for row in _living(session, customer_id)}
    is_main = data.is_main or not any(row.is_main for row in others.values())
    _refuse_bad(data, is_main=is_main, others=others.keys())
    # The row's name goes into the seal, so the id is taken first.
    new = int(session.execute(select(func.nextval(func.pg_get_serial_sequence("contact", "id")))).scalar_one())
    if is_main:
        _no_longer_main(session, customer_id)
    session.execute(
        insert(Contact).values(
            id=new, customer_id=customer_id, created_by_id=actor_id, created_at=now,
            **_columns(new, data, seals, is_main=is_main),
        )
    )  # fmt: skip
    return new


def insert_main_contacts(
    session: Session, contacts: Mapping[int, ContactData], *, seals: Seals, actor_id: int, now: dt.datetime
) -> None:
    """The same for many new customers at once: customer's id -> its main contact, checked before."""
    ids = session.connection().exec_driver_sql(
        "SELECT nextval(pg_get_serial_sequence('contact', 'id')) FROM generate_series(1, %(many)s)",
        {"many": len(contacts)},
    )
    rows = [
        {"id": new, "customer_id": customer_id, "created_by_id": actor_id, "created_at": now,
         **_columns(new, data, seals, is_main=True)}
        for new, (customer_id, data) in zip(ids.scalars().all(), contacts.items(), strict=True)
    ]  # fmt: skip
    session.execute(insert(Contact), rows)


def edit_contact(
    session: Session, contact_id: int, data: ContactData, *, revision: int, seals: Seals, actor: Actor
) -> None:
    """Change a contact; raises as ``add_contact``, and ``StaleRevision`` where somebody else was faster."""
    contact = _held_contact(session, contact_id, actor)
    if contact.revision != revision:
        raise StaleRevision("The contact has been changed since you opened this form.")
    others = {row.id: row for row in _living(session, contact.customer_id) if row.id != contact_id}
    is_main = data.is_main or contact.is_main
    _refuse_bad(data, is_main=is_main, others=others.keys())
    if data.reports_to_id is not None and contact_id in _above(data.reports_to_id, others.values()):
        raise Invalid.at("reports_to_id", "They would stand above themselves.")
    if is_main:
        _no_longer_main(session, contact.customer_id)
    session.execute(
        update(Contact)
        .where(Contact.id == contact_id)
        .values(revision=Contact.revision + 1, **_columns(contact_id, data, seals, is_main=is_main))
    )


def remove_contact(session: Session, contact_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Take a contact out of the archive; who reported to them reports to whom they did.

    :raises Conflict: it is the main one and others are there; name another main contact first
    """
    contact = _held_contact(session, contact_id, actor)
    others = [row for row in _living(session, contact.customer_id) if row.id != contact_id]
    if contact.is_main and others:
        raise Conflict("This is the main contact: make another one the main contact first.")
    session.execute(
        update(Contact).where(Contact.reports_to_id == contact_id).values(reports_to_id=contact.reports_to_id)
    )
    session.execute(update(Contact).where(Contact.id == contact_id).values(removed_at=now, is_main=False))


def open_contact(
    session: Session, contact_id: int, *, actor: Actor, how: str, seals: Seals, now: dt.datetime
) -> OpenContact:
    """Open a contact for somebody who may see it, and write down that they saw it.

    :raises NotFound: there is none, or none that this person may see
    """
    opened = open_contacts(session, [contact_id], actor=actor, how=how, seals=seals, now=now)
    if not opened:
        raise NotFound("There is no such contact.")
    return opened[0]


def open_contacts(
    session: Session, contact_ids: Sequence[int], *, actor: Actor, how: str, seals: Seals, now: dt.datetime
) -> list[OpenContact]:
    """Open those of some contacts that the person may see, each with its row in the log of views."""
    if how not in HOWS:
        raise ValueError(f"contacts are not seen by {how}")
    sight = sight_of(session, actor)
    if not sight.sees_contacts or not contact_ids:
        return []
    rows = session.scalars(
        select(Contact)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(
            Contact.id.in_(contact_ids),
            Contact.removed_at.is_(None),
            sight.where(Customer.owner_id, Customer.department_id),
        )
        .order_by(Contact.customer_id, Contact.id)
    ).all()
    if rows:
        session.execute(
            insert(ContactView),
            [
                {"contact_id": row.id, "customer_id": row.customer_id, "viewed_by_id": actor.id, "viewed_at": now,
                 "how": how}
                for row in rows
            ],
        )  # fmt: skip
    return [_opened(row, seals) for row in rows]


def contacts_of(session: Session, customer_id: int) -> list[MaskedContact]:
    """The customer's contacts, masked: the decision chain from the top, each followed by whom they lead."""
    return in_chain(
        MaskedContact(*row)
        for row in session.execute(
            select(
                Contact.id, Contact.customer_id, Contact.masked_name, Contact.masked_phone, Contact.position,
                Contact.department, Contact.kind, Contact.reports_to_id, Contact.is_main, Contact.revision,
            )
            .where(Contact.customer_id == customer_id, Contact.removed_at.is_(None))
            .order_by(Contact.is_main.desc(), Contact.id)
        )
    )  # fmt: skip


def in_chain(contacts: Iterable[MaskedContact]) -> list[MaskedContact]:
    """Order contacts as a tree, with the depth of each; whose superior is not there stands at the top."""
    known = {each.id: each for each in contacts}
    below: dict[int | None, list[MaskedContact]] = {}
    for each in known.values():
        below.setdefault(each.reports_to_id if each.reports_to_id in known else None, []).append(each)
    ordered: list[MaskedContact] = []
    waiting = [(each, 0) for each in reversed(below.get(None, []))]
    while waiting:
        each, depth = waiting.pop()
        ordered.append(_at_depth(each, depth))
        waiting += [(lower, depth + 1) for lower in reversed(below.get(each.id, []))]
    return ordered


def last_views(session: Session, customer_id: int, *, limit: int = 10) -> list[Viewed]:
    """Who saw the customer's contacts last."""
    rows = session.execute(
        select(ContactView.contact_id, Employee.name, Employee.name_en, ContactView.viewed_at, ContactView.how)
        .join(Employee, Employee.id == ContactView.viewed_by_id)
        .where(ContactView.customer_id == customer_id)
        .order_by(ContactView.id.desc())
        .limit(limit)
    )
    return [Viewed(*row) for row in rows]


def refuse_bad_contact(data: ContactData) -> None:
    """Raise ``Invalid`` for a main contact that lacks something (B3: name, position, phone) or has a bad number."""
    _refuse_bad(data, is_main=True, others=())


def _refuse_bad(data: ContactData, *, is_main: bool, others: Iterable[int]) -> None:
    if not data.name.strip():
        raise Invalid.at("name", "Please fill this in.")
    if not data.position.strip():
        raise Invalid.at("position", "Please fill this in.")
    if is_main and not data.phone.strip():
        raise Invalid.at("phone", "The main contact has a phone number.")
    if data.phone.strip() and not is_phone(data.phone):
        raise Invalid.at("phone", "Write a phone number with digits, + and -, such as 138 0013 8000 or 0571-88886666.")
    for field, longest in LONGEST.items():
        if len(getattr(data, field)) > longest:
            raise Invalid.at(field, "At most %(longest)s characters.", longest=longest)
    if data.kind not in set(ContactKind):
        raise Invalid.at("kind", "Choose one of the options.")
    if data.reports_to_id is not None and data.reports_to_id not in set(others):
        raise Invalid.at("reports_to_id", "There is no such contact at this customer.")


def _columns(contact_id: int, data: ContactData, seals: Seals, *, is_main: bool) -> dict[str, object]:
    sealed = json.dumps({name: getattr(data, name).strip() for name in _SEALED}, ensure_ascii=False)
    return {
        "position": data.position.strip(), "department": data.department.strip(), "kind": data.kind,
        "reports_to_id": data.reports_to_id, "is_main": is_main,
        "sealed": seals.keyring.seal(sealed, row=f"contact:{contact_id}"),
        "masked_name": masked_name(data.name.strip()), "masked_phone": masked_phone(data.phone),
        "phone_key": seals.phone_key(data.phone), "phone_tail_key": seals.phone_tail_key(data.phone),
    }  # fmt: skip


def _opened(row: Contact, seals: Seals) -> OpenContact:
    inside = json.loads(seals.keyring.unseal(row.sealed, row=f"contact:{row.id}"))
    return OpenContact(
        id=row.id, customer_id=row.customer_id, position=row.position, department=row.department, kind=row.kind,
        reports_to_id=row.reports_to_id, is_main=row.is_main, revision=row.revision,
        **{name: str(inside.get(name, "")) for name in _SEALED},
    )  # fmt: skip


def _living(session: Session, customer_id: int) -> Sequence[Row]:  # type: ignore[type-arg]
    return session.execute(
        select(Contact.id, Contact.reports_to_id, Contact.is_main).where(
            Contact.customer_id == customer_id, Contact.removed_at.is_(None)
        )
    ).all()


def _held_contact(session: Session, contact_id: int, actor: Actor) -> Contact:
    """A contact of a customer that the person may change, once the customer is locked."""
    owner = session.execute(
        select(Contact.customer_id).where(Contact.id == contact_id, Contact.removed_at.is_(None))
    ).scalar_one_or_none()
    if owner is None:
        raise NotFound("There is no such contact.")
    held(session, actor, owner)
    contact = session.execute(
        select(Contact)
        .where(Contact.id == contact_id, Contact.removed_at.is_(None))
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if contact is None:
        raise NotFound("There is no such contact.")
    return contact


def _no_longer_main(session: Session, customer_id: int) -> None:
    session.execute(
        update(Contact).where(Contact.customer_id == customer_id, Contact.is_main).values(is_main=False)
    )


def _above(contact_id: int, others: Iterable[Row]) -> set[int]:  # type: ignore[type-arg]
    """Whom one meets on the way up from a contact, themselves included."""
    superior = {row.id: row.reports_to_id for row in others}
    met: set[int] = set()
    step: int | None = contact_id
    while step is not None and step not in met:
        met.add(step)
        step = superior.get(step)
    return met


def _at_depth(contact: MaskedContact, depth: int) -> MaskedContact:
    return MaskedContact(
        contact.id, contact.customer_id, contact.masked_name, contact.masked_phone, contact.position,
        contact.department, contact.kind, contact.reports_to_id, contact.is_main, contact.revision, depth,
    )  # fmt: skip
