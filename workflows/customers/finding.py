"""Finding customers: by name, by its sound, by its initials, by a phone number; and narrowed by what they are.

A phone number is found whole or by its last four digits, through the keyed digests that stand beside the sealed
contacts; only who sees contacts finds customers by them. Lists are paged by key, the newest first.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, false, func, literal_column, or_, select, true, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflows.customers.model import Contact, Customer
from workflows.customers.names import name_key
from workflows.customers.phones import FEWEST, TAIL, Seals, digits_of, is_phone
from workflows.customers.scope import Sight, Slice
from workflows.people.model import Employee

PAGE = 30
LONGEST_SEARCH = 80


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to. Empty fields narrow nothing; archived customers are shown on request alone."""

    search: str = ""
    grade: str = ""
    standing: str = ""
    industry: str = ""
    owner: str = ""
    #: Only whose follow-up was due on this day or before.
    due_on: dt.date | None = None
    is_archived: bool = False
    part: Slice = Slice.ALL


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer in a list."""

    id: int
    name: str
    industry: str
    grade: str
    standing: str
    owner_id: int
    owner: str
    owner_en: str
    last_contact_on: dt.date | None
    follow_up_on: dt.date
    archived_at: dt.datetime | None
    #: The main contact, masked; None where there is none.
    contact: str | None
    phone: str | None


def customers_page(
    session: Session, wanted: Wanted, *, sight: Sight, seals: Seals, after: int | None = None, limit: int = PAGE
) -> tuple[list[CustomerRow], int | None]:
    """One page of what the person sees and wants, and the key of the next page if there is one."""
    query = (
        select(
            Customer.id, Customer.name, Customer.industry, Customer.grade, Customer.standing, Customer.owner_id,
            Employee.name, Employee.name_en, Customer.last_contact_on, Customer.follow_up_on, Customer.archived_at,
            Contact.masked_name, Contact.masked_phone,
        )
        .join(Employee, Employee.id == Customer.owner_id)
        .outerjoin(
            Contact, and_(Contact.customer_id == Customer.id, Contact.is_main, Contact.removed_at.is_(None))
        )
        .where(sight.where(Customer.owner_id, Customer.department_id, wanted.part), *conditions(wanted, sight, seals))
        .order_by(Customer.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if after is not None:
        query = query.where(Customer.id < after)
    rows = [CustomerRow(*tuple(row)) for row in session.execute(query)]
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def conditions(wanted: Wanted, sight: Sight, seals: Seals) -> list[ColumnElement[bool]]:
    """What is wanted, as conditions on the customer's row."""
    found: list[ColumnElement[bool]] = [
        Customer.archived_at.is_not(None) if wanted.is_archived else Customer.archived_at.is_(None)
    ]
    for column, value in [
        (Customer.grade, wanted.grade), (Customer.standing, wanted.standing), (Customer.industry, wanted.industry),
    ]:  # fmt: skip
        if value:
            found.append(column == value)
    if wanted.owner:
        owner = or_(Employee.login == wanted.owner.lower(), Employee.name == wanted.owner)
        found.append(Customer.owner_id.in_(select(Employee.id).where(owner)))
    if wanted.due_on is not None:
        found.append(Customer.follow_up_on <= wanted.due_on)
    if wanted.search.strip():
        found.append(searched(wanted.search.strip()[:LONGEST_SEARCH], sight, seals))
    return found


def searched(text: str, sight: Sight, seals: Seals) -> ColumnElement[bool]:
    """Whether a customer's name, its sound or initials hold what was typed, or a contact has that number.

    The arrays of grams are what indexes answer; they hold for more than was typed, so the text is compared besides.
    """
    key = name_key(text)
    lists = _named(key) if key else []
    if sight.sees_contacts and is_number(text):
        lists.append(_with_number(text, seals))
    # Lists of ids and not an OR: no index answers one over two tables, and within one table it has the grams of every
    # row that an index leads to worked out again.
    return Customer.id.in_(union(*lists)) if lists else false()


def is_number(text: str) -> bool:
    """Whether what was typed may be a phone number or the last four digits of one."""
    return (len(text) == TAIL and text.isascii() and text.isdecimal()) or is_phone(text)


def _named(key: str) -> list[Select[Any]]:
    # Latin letters and digits of a name stand in its sound, too.
    columns = ((Customer.pinyin, 3), (Customer.initials, 3)) if key.isascii() else ((Customer.name_key, 2),)
    return [
        select(Customer.id).where(_has_grams(column, key, size), column.contains(key, autoescape=True))
        for column, size in columns
    ]


def _has_grams(column: Any, key: str, size: int) -> ColumnElement[bool]:
    if len(key) < size:
        return true()
    width: ColumnElement[int] = literal_column(str(size))
    return func.text_grams(column, width, type_=ARRAY(Text)).contains(func.text_grams(key, width, type_=ARRAY(Text)))


def _with_number(text: str, seals: Seals) -> Select[Any]:
    if len(digits_of(text)) >= FEWEST:
        is_theirs = Contact.phone_key == seals.phone_key(text)
    else:
        is_theirs = Contact.phone_tail_key == seals.phone_tail_key(text)
    return select(Contact.customer_id).where(is_theirs, Contact.removed_at.is_(None))
