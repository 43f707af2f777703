"""The company's people (domain.md, People).

A department tree with a manager on each node; an employee with roles, a superior and a department; a dated, scoped
delegation for holidays. Login data stand on the employee because one person is one account.
"""

import datetime as dt
import enum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.kernel.base import Base, Instant, Key


class Role(enum.StrEnum):
    """What a person may be asked to do; the ids are the lanes of the diagrams (domain.md, People)."""

    SALESPERSON = "salesperson"
    SALES_ASSISTANT = "sales_assistant"
    SALES_SUPERVISOR = "sales_supervisor"
    SALES_MANAGER = "sales_manager"
    SALES_DIRECTOR = "sales_director"
    GENERAL_MANAGER = "general_manager"
    HR = "hr"
    ACCOUNTANT = "accountant"
    FINANCE_DIRECTOR = "finance_director"
    ADMINISTRATOR = "administrator"


class Department(Base):
    """A node of the department tree. The root has no parent."""

    __tablename__ = "department"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80), server_default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    manager_id: Mapped[int | None] = mapped_column(
        ForeignKey("employee.id", use_alter=True, name="fk_department_manager_id")
    )

    parent: Mapped["Department | None"] = relationship(remote_side="Department.id")
    manager: Mapped["Employee | None"] = relationship(foreign_keys=[manager_id], post_update=True)

    __table_args__ = (
        UniqueConstraint("parent_id", "name"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )


class Employee(Base):
    """A person and the account they log in with."""

    __tablename__ = "employee"

    id: Mapped[Key]
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    name_en: Mapped[str] = mapped_column(String(64), server_default="")
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    #: Whom this person reports to; empty means the manager of the department, or of the one above it.
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    industry: Mapped[str] = mapped_column(String(40), server_default="")
    job_grade: Mapped[str] = mapped_column(String(1), server_default="")
    employment: Mapped[str] = mapped_column(String(16), server_default="permanent")
    hired_on: Mapped[dt.date | None]
    left_on: Mapped[dt.date | None]
    locale: Mapped[str] = mapped_column(String(8), server_default="zh_Hans")
    #: The payout account, sealed (workflows.kernel.crypto) with this row as associated data; shown to finance only.
    payout_account_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: The largest amount that this person may approve in a batch; empty means the company's own, 0 none at all.
    batch_ceiling_fen: Mapped[int | None] = mapped_column(BigInteger)
    #: Counts edits, so that two administrators do not overwrite each other.
    revision: Mapped[int] = mapped_column(server_default="1")

    # What Flask-Security keeps of an account.
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(ARRAY(String))

    department: Mapped[Department] = relationship(foreign_keys=[department_id])
    superior: Mapped["Employee | None"] = relationship(remote_side="Employee.id", foreign_keys=[superior_id])
    role_rows: Mapped[list["EmployeeRole"]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    __table_args__ = (
        CheckConstraint("superior_id <> id", name="not_own_superior"),
        CheckConstraint("login ~ '^[a-z0-9][a-z0-9._-]*$'", name="login_form"),
        CheckConstraint("batch_ceiling_fen >= 0", name="batch_ceiling_fen"),
        CheckConstraint("job_grade IN ('', 'A', 'B', 'C')", name="job_grade"),
        CheckConstraint("employment IN ('permanent', 'contract', 'intern', 'outsourced')", name="employment"),
    )


class EmployeeRole(Base):
    """One role of one employee."""

    __tablename__ = "employee_role"

    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True)

    __table_args__ = (Index("ix_employee_role_role", "role", "employee_id"),)


class Delegation(Base):
    """Holiday cover: from the first to the last day, the delegate may do what waits for the delegator.

    ``process_keys`` limits it to some processes; empty means all. Both names stand on what the delegate decides.
    """

    __tablename__ = "delegation"

    id: Mapped[Key]
    delegator_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    delegate_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    first_on: Mapped[dt.date]
    last_on: Mapped[dt.date]
    process_keys: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}")
    reason: Mapped[str] = mapped_column(String(200), server_default="")
    created_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]

    delegator: Mapped[Employee] = relationship(foreign_keys=[delegator_id])
    delegate: Mapped[Employee] = relationship(foreign_keys=[delegate_id])

    __table_args__ = (
        CheckConstraint("delegator_id <> delegate_id", name="not_to_oneself"),
        CheckConstraint("last_on >= first_on", name="dates_in_order"),
    )


class ApiToken(Base):
    """A bearer token of the API, kept as its SHA-256 digest only; shown once, revocable."""

    __tablename__ = "api_token"

    id: Mapped[Key]
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]


class LoginThrottle(Base):
    """Failed logins in the running window, for one login or one address; shared by every web process."""

    __tablename__ = "login_throttle"

    #: ``login:<what was typed>``, ``code:<employee id>`` or ``address:<IP address>``.
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    failures: Mapped[int]
    window_started_at: Mapped[Instant]
    blocked_until: Mapped[Instant | None]
