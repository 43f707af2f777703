"""The tables of the customer archive.

Contacts are sealed (I6.5.5) under the row that they stand in; what is searched for in them (a phone number, its last
four digits) stands beside as a keyed digest. Visits, changes of grade, views of contacts and rules are written once.
"""

import datetime as dt
import enum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.kernel.base import Base, Instant, Key


class Grade(enum.StrEnum):
    """How near a purchase is (I6.1): within 1 month, 2-3 months, 3-6 months, plans only."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Standing(enum.StrEnum):
    """The customer's status (I6.3, the words are filled)."""

    POTENTIAL = "potential"
    NEGOTIATING = "negotiating"
    BUYING = "buying"
    DORMANT = "dormant"


class ContactKind(enum.StrEnum):
    """What somebody does in the customer's decision (I6.3: buyers, users, who decides, who influences)."""

    DECIDES = "decides"
    INFLUENCES = "influences"
    BUYS = "buys"
    USES = "uses"
    OTHER = "other"


class VisitKind(enum.StrEnum):
    """How one met."""

    VISIT = "visit"
    PHONE = "phone"
    ONLINE = "online"
    EVENT = "event"


def _words(kinds: type[enum.StrEnum]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


class Customer(Base):
    """One company that buys or may buy."""

    __tablename__ = "customer"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(120))
    #: The name as duplicates are told by (``names.name_key``); the database lets each stand once.
    name_key: Mapped[str] = mapped_column(String(120), unique=True)
    #: The name's pinyin without tones and blanks, and its initials, for searching.
    pinyin: Mapped[str] = mapped_column(String(700), server_default="")
    initials: Mapped[str] = mapped_column(String(120), server_default="")
    industry: Mapped[str] = mapped_column(String(40))
    grade: Mapped[str] = mapped_column(String(1))
    standing: Mapped[str] = mapped_column(String(16))
    owner_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    #: The owner's department when the customer was given to them: whose archive it is (I4.1).
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    source: Mapped[str] = mapped_column(String(80), server_default="")
    website: Mapped[str] = mapped_column(String(200), server_default="")
    address: Mapped[str] = mapped_column(String(200), server_default="")
    business: Mapped[str] = mapped_column(Text, server_default="")
    #: I6.3: what they need, how they are organised and decide, budget and schedule of their plans.
    needs: Mapped[str] = mapped_column(Text, server_default="")
    organisation: Mapped[str] = mapped_column(Text, server_default="")
    decision_chain: Mapped[str] = mapped_column(Text, server_default="")
    budget: Mapped[str] = mapped_column(String(200), server_default="")
    schedule: Mapped[str] = mapped_column(String(200), server_default="")
    created_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    created_at: Mapped[Instant]
    last_contact_on: Mapped[dt.date | None]
    #: When the rhythm of the grade wants the next contact.
    follow_up_on: Mapped[dt.date]
    archived_at: Mapped[Instant | None]
    #: Counts edits, so that two people do not overwrite each other.
    revision: Mapped[int] = mapped_column(server_default="1")

    __table_args__ = (
        CheckConstraint(f"grade IN ({_words(Grade)})", name="grade"),
        CheckConstraint(f"standing IN ({_words(Standing)})", name="standing"),
        Index("ix_customer_owner", "owner_id", "id"),
        Index("ix_customer_department", "department_id", "id"),
        Index(
            "ix_customer_follow_up", "owner_id", "follow_up_on", "id", postgresql_where=text("archived_at IS NULL")
        ),
        # Any part of a name or of its sound (``finding``).
        Index("ix_customer_name_grams", text("text_grams(name_key, 2)"), postgresql_using="gin"),
        Index("ix_customer_pinyin_grams", text("text_grams(pinyin, 3)"), postgresql_using="gin"),
        Index("ix_customer_initials_grams", text("text_grams(initials, 3)"), postgresql_using="gin"),
    )


class Contact(Base):
    """Somebody at the customer. What tells who and where is sealed; ``contacts`` opens it and logs that it did."""

    __tablename__ = "contact"

    id: Mapped[Key]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    position: Mapped[str] = mapped_column(String(80))
    department: Mapped[str] = mapped_column(String(80), server_default="")
    kind: Mapped[str] = mapped_column(String(16), server_default="other")
    #: Who stands above them at the customer.
    reports_to_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    #: name, phone, email, chat and remarks as one sealed JSON object.
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    #: What lists show of the phone number (138****1234) and of the name (李*); both tell nobody whom to call.
    masked_name: Mapped[str] = mapped_column(String(64))
    masked_phone: Mapped[str] = mapped_column(String(32))
    #: Keyed digests of the whole number and of its last four digits.
    phone_key: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    phone_tail_key: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    is_main: Mapped[bool] = mapped_column(server_default=text("false"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    created_at: Mapped[Instant]
    removed_at: Mapped[Instant | None]
    revision: Mapped[int] = mapped_column(server_default="1")

    __table_args__ = (CheckConstraint(f"kind IN ({_words(ContactKind)})", name="kind"),)


class ContactView(Base):
    """Somebody saw a contact's data (I4.1). The database refuses to change or delete a row."""

    __tablename__ = "contact_view"

    id: Mapped[Key]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    viewed_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    viewed_at: Mapped[Instant]
    #: page, export or api
    how: Mapped[str] = mapped_column(String(16))

    __table_args__ = (Index("ix_contact_view_customer", "customer_id", "id"),)


class Competitor(Base):
    """Who else offers something to the customer (I6.3)."""

    __tablename__ = "competitor"

    id: Mapped[Key]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    product: Mapped[str] = mapped_column(String(200), server_default="")
    people: Mapped[str] = mapped_column(String(200), server_default="")
    remarks: Mapped[str] = mapped_column(Text, server_default="")
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    noted_at: Mapped[Instant]
    removed_at: Mapped[Instant | None]


class Visit(Base):
    """One contact with the customer: content, visitors, result and open problems (I6.3), never changed afterwards."""

    __tablename__ = "visit"

    id: Mapped[Key]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    #: The sale that it was for.
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    kind: Mapped[str] = mapped_column(String(16))
    visited_on: Mapped[dt.date]
    visitors: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)
    problems: Mapped[str] = mapped_column(Text, server_default="")
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    recorded_at: Mapped[Instant]

    __table_args__ = (
        CheckConstraint(f"kind IN ({_words(VisitKind)})", name="kind"),
        Index("ix_visit_customer", "customer_id", "visited_on", "id"),
        Index("ix_visit_instance", "instance_id", "id", postgresql_where=text("instance_id IS NOT NULL")),
        Index("ix_visit_recorder", "recorded_by_id", "visited_on"),
    )


class CustomerDocument(Base):
    """A file of a customer's archive, readable by whoever may see the customer."""

    __tablename__ = "customer_document"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"))


class CustomerChange(Base):
    """Something about a customer that changed: its grade, its owner, its name. Never changed or deleted itself."""

    __tablename__ = "customer_change"

    id: Mapped[Key]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    #: grade, owner, name, industry, standing, archived
    field: Mapped[str] = mapped_column(String(16))
    before: Mapped[str] = mapped_column(String(120), server_default="")
    after: Mapped[str] = mapped_column(String(120), server_default="")
    reason: Mapped[str] = mapped_column(String(500), server_default="")
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    changed_at: Mapped[Instant]

    __table_args__ = (
        Index("ix_customer_change_customer", "customer_id", "id"),
        # The grades that a person changed in a period, for their work report (I6.2).
        Index("ix_customer_change_grades", "changed_by_id", "changed_at", postgresql_where=text("field = 'grade'")),
    )


class Registration(Base):
    """A need of a customer that somebody registered (I8.1). While it lasts, nobody else can register the same."""

    __tablename__ = "registration"

    id: Mapped[Key]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    product_line_id: Mapped[int] = mapped_column(ForeignKey("product_line.id"))
    industry: Mapped[str] = mapped_column(String(40))
    need: Mapped[str] = mapped_column(String(500))
    owner_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    #: The case of the sale. Checked at commit, because a case's row is written after the operation that starts it.
    instance_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("process_instance.id", deferrable=True, initially="DEFERRED"), index=True
    )
    registered_at: Mapped[Instant]
    last_contact_on: Mapped[dt.date]
    lapses_on: Mapped[dt.date]
    warned_on: Mapped[dt.date | None]
    ended_at: Mapped[Instant | None]
    #: lapsed, lost, suspended, transferred, closed or withdrawn
    ended_why: Mapped[str | None] = mapped_column(String(16))

    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended_has_a_reason"),
        # The rule itself: of two who register at the same moment the database lets one through.
        Index(
            "uq_registration_open", "customer_id", "product_line_id", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_registration_owner", "owner_id", "id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_registration_lapses", "lapses_on", postgresql_where=text("ended_at IS NULL")),
    )  # fmt: skip


class Contest(Base):
    """Somebody who was refused a registration asks the sales manager to decide (I8.1); a case each."""

    __tablename__ = "registration_contest"

    id: Mapped[Key]
    instance_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("process_instance.id", deferrable=True, initially="DEFERRED"), unique=True
    )
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    claimant_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    ground: Mapped[str] = mapped_column(Text)
    #: What the other side wrote.
    reply: Mapped[str] = mapped_column(Text, server_default="")
    #: kept or transferred, once decided
    decision: Mapped[str | None] = mapped_column(String(16))
    decided_at: Mapped[Instant | None]


class Complaint(Base):
    """A customer's complaint about anyone (I6.4); a case each, closed with the customer's word."""

    __tablename__ = "complaint"

    id: Mapped[Key]
    instance_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("process_instance.id", deferrable=True, initially="DEFERRED"), unique=True
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    #: The case of the sale that it is about.
    sale_instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"), index=True)
    about: Mapped[str] = mapped_column(String(120))
    content: Mapped[str] = mapped_column(Text)
    raised_on: Mapped[dt.date]
    raised_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    #: What was done, and what the customer says of it: 1 (very dissatisfied) to 5.
    measures: Mapped[str] = mapped_column(Text, server_default="")
    satisfaction: Mapped[int | None]
    customer_word: Mapped[str] = mapped_column(Text, server_default="")
    closed_at: Mapped[Instant | None]

    __table_args__ = (CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),)


class SalesRule(Base):
    """A number that the source leaves open and the company fills in; the newest row of a key is in force."""

    __tablename__ = "sales_rule"

    id: Mapped[Key]
    #: follow_up_a to follow_up_d, registration_days, registration_warning, … (``rules``)
    key: Mapped[str] = mapped_column(String(32))
    value: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500), server_default="")
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    changed_at: Mapped[Instant]

    __table_args__ = (Index("ix_sales_rule_key", "key", "id"),)
