"""What was changed about a person that decides what they may do and whose work they get: when, by whom and why.

Roles, superior, department, account (active or disabled) and the departments that they lead; in words for people, as
names were at that time. The database refuses to change or delete a row.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from workflows.kernel.base import Base, Instant, Key
from workflows.people.model import Department, Employee

SHOWN = 50


class EmployeeChange(Base):
    """One fact about a person that changed. ``before`` and ``after`` are role ids, a login or a department's name."""

    __tablename__ = "employee_change"

    id: Mapped[Key]
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    changed_at: Mapped[Instant]
    #: roles, superior, department, active, leads
    field: Mapped[str] = mapped_column(String(32))
    before: Mapped[str] = mapped_column(Text, server_default="")
    after: Mapped[str] = mapped_column(Text, server_default="")
    reason: Mapped[str] = mapped_column(String(500), server_default="")

    __table_args__ = (Index("ix_employee_change_employee", "employee_id", "id"),)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change as the person's page shows it; ``changed_by`` is None where the command line did it."""

    changed_at: dt.datetime
    changed_by: str | None
    changed_by_en: str | None
    field: str
    before: str
    after: str
    reason: str


def standing_of(session: Session, employee: Employee) -> dict[str, str]:
    """Give what is kept of a person as of now, in words: compared before and after a change by ``note_changes``."""
    superior = session.get(Employee, employee.superior_id) if employee.superior_id else None
    department = session.get(Department, employee.department_id)
    return {
        "roles": " ".join(sorted(row.role for row in employee.role_rows)),
        "superior": superior.login if superior else "",
        "department": department.name if department else "",
        "active": "yes" if employee.active else "no",
    }


def note_changes(
    session: Session,
    employee: Employee,
    before: Mapping[str, str],
    *,
    actor_id: int | None,
    now: dt.datetime,
    reason: str = "",
) -> None:
    """Keep a row for each fact that differs from what ``standing_of`` gave before."""
    after = standing_of(session, employee)
    for field, value in after.items():
        if value != before.get(field, ""):
            note(session, employee.id, field, before.get(field, ""), value, actor_id=actor_id, now=now, reason=reason)


def note(
    session: Session,
    employee_id: int,
    field: str,
    before: str,
    after: str,
    *,
    actor_id: int | None,
    now: dt.datetime,
    reason: str = "",
) -> None:
    """Keep one change."""
    session.add(
        EmployeeChange(
            employee_id=employee_id, changed_by_id=actor_id, changed_at=now, field=field, before=before, after=after,
            reason=reason,
        )
    )  # fmt: skip


def changes_of(session: Session, employee_id: int, *, limit: int = SHOWN) -> list[ChangeRow]:
    """Give what was changed about a person, the newest first."""
    by = aliased(Employee)
    rows = session.execute(
        select(
            EmployeeChange.changed_at, by.name, by.name_en, EmployeeChange.field, EmployeeChange.before,
            EmployeeChange.after, EmployeeChange.reason,
        )
        .outerjoin(by, by.id == EmployeeChange.changed_by_id)
        .where(EmployeeChange.employee_id == employee_id)
        .order_by(EmployeeChange.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [ChangeRow(*row) for row in rows]
