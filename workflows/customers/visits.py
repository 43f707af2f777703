"""Contacts with the customer, each written once: content, visitors, result, open problems, files (I6.3)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import Session

from workflows.customers.archive import next_follow_up
from workflows.customers.model import Customer, CustomerDocument, Registration, Visit, VisitKind
from workflows.customers.registrations import touch
from workflows.customers.rights import held, visited
from workflows.documents.files import DocumentInfo, documents_kept, keep
from workflows.engine.process import Actor
from workflows.kernel.days import day_of
from workflows.kernel.errors import Invalid
from workflows.people.model import Employee

#: What documents of the archive are marked with.
KEEPER = "customer"
#: Nobody writes down a visit of the last century.
OLDEST = dt.date(2000, 1, 1)
#: What is sent again within this time is the same visit.
_TWICE = dt.timedelta(minutes=10)
_LONGEST = {"visitors": 200, "content": 4000, "result": 2000, "problems": 2000}


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit as pages and programs show it."""

    id: int
    kind: str
    visited_on: dt.date
    visitors: str
    content: str
    result: str
    problems: str
    instance_id: int | None
    recorded_by_id: int
    recorded_by: str
    recorded_by_en: str
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """A file of the archive, and the visit that it came with."""

    info: DocumentInfo
    visit_id: int | None
    owner: str
    owner_en: str


def record_visit(
    session: Session, *, customer_id: int, instance_id: int | None, kind: str, visited_on: dt.date, visitors: str,
    content: str, result: str, problems: str, documents: Sequence[int], actor: Actor, now: dt.datetime,
) -> int:  # fmt: skip
    """Write a contact with the customer down, and give its id.

    The same visit sent twice within ten minutes, as a thumb on a phone does, is written down once.
    The customer's last contact and next follow-up move with it, forwards only, and so do the registrations that the
    person has for this customer (I8.1).

    :raises Invalid: at the field that is wrong; a visit of tomorrow is no visit
    :raises NotFound, NotAllowed, Conflict: as ``rights.visited``
    """
    customer = visited(session, actor, customer_id).customer
    written = {"visitors": visitors, "content": content, "result": result, "problems": problems}
    _refuse_bad(written, kind, visited_on, day_of(now))
    if instance_id is not None:
        _refuse_other_sale(session, customer_id, instance_id)
    written = {name: text.strip() for name, text in written.items()}
    same = _written_before(session, customer_id, instance_id, kind, visited_on, written, actor, now)
    if same is not None:
        return same
    new = session.execute(
        insert(Visit)
        .values(
            customer_id=customer_id, instance_id=instance_id, kind=kind, visited_on=visited_on,
            recorded_by_id=actor.id, recorded_at=now, **written,
        )
        .returning(Visit.id)
    ).scalar_one()  # fmt: skip
    _keep(session, customer_id, documents, visit_id=int(new), actor=actor, now=now)
    session.execute(
        update(Customer)
        .where(Customer.id == customer_id)
        .values(
            last_contact_on=func.greatest(Customer.last_contact_on, visited_on),
            follow_up_on=func.greatest(
                Customer.follow_up_on, next_follow_up(session, customer.grade, visited_on)
            ),
        )
    )
    touch(session, customer_id=customer_id, owner_id=actor.id, on=visited_on)
    return int(new)


def add_files(
    session: Session, customer_id: int, documents: Sequence[int], *, actor: Actor, now: dt.datetime
) -> None:
    """Put uploaded files into the customer's archive. Raises ``Invalid`` at ``documents``."""
    held(session, actor, customer_id)
    if not documents:
        raise Invalid.at("documents", "Choose at least one file.")
    _keep(session, customer_id, documents, visit_id=None, actor=actor, now=now)


def visits_of(
    session: Session, customer_id: int, *, before: tuple[dt.date, int] | None = None, limit: int = 20
) -> tuple[list[VisitRow], tuple[dt.date, int] | None]:
    """The customer's visits, the latest first, and the key of the next page if there is one."""
    query = (
        select(
            Visit.id, Visit.kind, Visit.visited_on, Visit.visitors, Visit.content, Visit.result, Visit.problems,
            Visit.instance_id, Visit.recorded_by_id, Employee.name, Employee.name_en, Visit.recorded_at,
        )
        .join(Employee, Employee.id == Visit.recorded_by_id)
        .where(Visit.customer_id == customer_id)
        .order_by(Visit.visited_on.desc(), Visit.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if before is not None:
        query = query.where(
            (Visit.visited_on < before[0]) | ((Visit.visited_on == before[0]) & (Visit.id < before[1]))
        )
    rows = [VisitRow(*tuple(row)) for row in session.execute(query)]
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], (last.visited_on, last.id) if last else None


def files_of(session: Session, customer_id: int) -> list[CustomerFile]:
    """The files of the customer's archive, the latest first."""
    visit_by_id = {
        row.document_id: row.visit_id
        for row in session.execute(
            select(CustomerDocument.document_id, CustomerDocument.visit_id).where(
                CustomerDocument.customer_id == customer_id
            )
        )
    }
    found = documents_kept(session, list(visit_by_id))
    return [CustomerFile(info, visit_by_id[info.id], name, name_en) for info, name, name_en in found]


def customer_of_document(session: Session, document_id: int) -> int | None:
    """Whose archive holds a document."""
    return session.execute(
        select(CustomerDocument.customer_id).where(CustomerDocument.document_id == document_id)
    ).scalar_one_or_none()


def _refuse_bad(written: dict[str, str], kind: str, visited_on: dt.date, today: dt.date) -> None:
    if kind not in set(VisitKind):
        raise Invalid.at("kind", "Choose one of the options.")
    if visited_on > today:
        raise Invalid.at("visited_on", "This day lies in the future.")
    if visited_on < OLDEST:
        raise Invalid.at("visited_on", "This day lies too far back.")
    for field, longest in _LONGEST.items():
        if field != "problems" and not written[field].strip():
            raise Invalid.at(field, "Please fill this in.")
        if len(written[field]) > longest:
            raise Invalid.at(field, "At most %(longest)s characters.", longest=longest)


def _written_before(
    session: Session, customer_id: int, instance_id: int | None, kind: str, visited_on: dt.date,
    written: dict[str, str], actor: Actor, now: dt.datetime,
) -> int | None:  # fmt: skip
    """The same visit by the same person a moment ago. The customer's row is locked, so two cannot pass at once."""
    query = select(Visit.id).where(
        Visit.customer_id == customer_id, Visit.instance_id.is_not_distinct_from(instance_id), Visit.kind == kind,
        Visit.visited_on == visited_on, Visit.recorded_by_id == actor.id, Visit.recorded_at > now - _TWICE,
        *(getattr(Visit, name) == text for name, text in written.items()),
    )  # fmt: skip
    return session.execute(query.order_by(Visit.id).limit(1)).scalar_one_or_none()


def _refuse_other_sale(session: Session, customer_id: int, instance_id: int) -> None:
    """A sale belongs to the customer whose need is registered for it."""
    is_theirs = exists().where(Registration.instance_id == instance_id, Registration.customer_id == customer_id)
    if not session.execute(select(is_theirs)).scalar_one():
        raise Invalid.at("instance_id", "There is no such sale with this customer.")


def _keep(
    session: Session, customer_id: int, documents: Sequence[int], *, visit_id: int | None, actor: Actor,
    now: dt.datetime,
) -> None:  # fmt: skip
    if not documents:
        return
    keep(session, documents, owner_id=actor.id, keeper=KEEPER, now=now)
    session.execute(
        insert(CustomerDocument),
        [{"document_id": each, "customer_id": customer_id, "visit_id": visit_id} for each in documents],
    )
