"""What an administrator does to people: adding, changing, disabling, and giving a new password.

An employee is never deleted, because their name stands in histories. Whoever edits sends the revision that they saw,
so that two administrators do not overwrite each other. Payout accounts are sealed before they reach the database.
"""

import datetime as dt
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from workflows.kernel.crypto import Keyring
from workflows.kernel.errors import Invalid, NotAllowed, NotFound, StaleRevision
from workflows.people.directory import employee_with_login
from workflows.people.model import Department, Employee, EmployeeRole, Role
from workflows.people.tokens import revoke_tokens
from workflows.people.trail import note_changes, standing_of

#: Any number that no other advisory lock of the project uses.
_SUPERIOR_LOCK = 7_303
#: Constraint -> the field at which its violation is shown, and the message.
_AT_FIELD = {
    "uq_employee_login": ("login", "This login name is taken."),
    "uq_employee_email": ("email", "Somebody else has this e-mail address."),
}


@dataclass(frozen=True, slots=True)
class EmployeeData:
    """What an administrator says about a person. ``payout_account`` None leaves it, an empty text removes it.

    ``batch_ceiling_fen`` None means the company's ceiling for approving together, 0 that nothing with an amount may be.
    """

    login: str
    name: str
    department_id: int
    name_en: str = ""
    email: str | None = None
    superior_login: str = ""
    roles: Collection[str] = field(default_factory=frozenset)
    industry: str = ""
    job_grade: str = ""
    employment: str = "permanent"
    hired_on: dt.date | None = None
    left_on: dt.date | None = None
    payout_account: str | None = None
    batch_ceiling_fen: int | None = None


def add_employee(session: Session, data: EmployeeData, *, keyring: Keyring) -> Employee:
    """Add a person, who cannot sign in before a password is set.

    :raises Invalid: at the field
    """
    employee = Employee(fs_uniquifier=new_session_id(), login=data.login, name=data.name,
                        department_id=data.department_id)
    _write(session, employee, data)
    session.add(employee)
    _flush(session)
    _seal_account(employee, data.payout_account, keyring)
    session.flush()
    return employee


def edit_employee(
    session: Session,
    employee_id: int,
    data: EmployeeData,
    *,
    revision: int,
    keyring: Keyring,
    actor_id: int,
    now: dt.datetime,
) -> Employee:
    """Change a person; what decides over what they may do is kept on the trail.

    :raises StaleRevision: somebody else has changed the person since the form was opened
    :raises Invalid: at the field
    """
    employee = locked_employee(session, employee_id)
    if employee.revision != revision:
        raise StaleRevision("Somebody else has changed %(name)s in the meantime. Open the page again.",
                            name=employee.name)
    if employee_id == actor_id and Role.ADMINISTRATOR not in data.roles:
        raise Invalid.at("roles", "You cannot take the administrator's role from yourself.")
    before = standing_of(session, employee)
    _write(session, employee, data)
    _seal_account(employee, data.payout_account, keyring)
    employee.revision += 1
    _flush(session)
    note_changes(session, employee, before, actor_id=actor_id, now=now)
    return employee


def disable_employee(session: Session, employee_id: int, *, actor_id: int, now: dt.datetime) -> Employee:
    """Shut a person out from the next request on; sessions and tokens end for good, names stay.

    :raises NotAllowed: it would be oneself, which might leave the company without an administrator
    """
    if employee_id == actor_id:
        raise NotAllowed("You cannot disable your own account.")
    employee = locked_employee(session, employee_id)
    before = standing_of(session, employee)
    employee.active = False
    employee.fs_uniquifier = new_session_id()
    revoke_tokens(session, employee_id, now=now)
    employee.revision += 1
    note_changes(session, employee, before, actor_id=actor_id or None, now=now)
    return employee


def enable_employee(session: Session, employee_id: int, *, actor_id: int | None, now: dt.datetime) -> Employee:
    """Let a disabled person sign in again."""
    employee = locked_employee(session, employee_id)
    before = standing_of(session, employee)
    employee.active = True
    employee.revision += 1
    note_changes(session, employee, before, actor_id=actor_id, now=now)
    return employee


def set_password(session: Session, employee_id: int, password_hash: str, *, now: dt.datetime) -> Employee:
    """Put a new password, already hashed; every session and token ends, the second factor is asked as before."""
    employee = locked_employee(session, employee_id)
    employee.password = password_hash
    employee.fs_uniquifier = new_session_id()
    revoke_tokens(session, employee_id, now=now)
    return employee


def new_session_id() -> str:
    """What ties a session to an account: changing it ends every session."""
    return secrets.token_hex(32)


def locked_employee(session: Session, employee_id: int) -> Employee:
    """The employee, held until the transaction ends."""
    employee = session.get(Employee, employee_id, with_for_update={"of": Employee})
    if employee is None:
        raise NotFound("There is no such person.")
    return employee


def account_row(employee_id: int) -> str:
    """What a sealed payout account is bound to."""
    return f"employee:{employee_id}:payout_account"


def _write(session: Session, employee: Employee, data: EmployeeData) -> None:
    unknown = set(data.roles) - set(Role)
    if unknown:
        raise Invalid.at("roles", "There is no role %(role)s.", role=min(unknown))
    if session.get(Department, data.department_id) is None:
        raise Invalid.at("department_id", "There is no such department.")
    # Asked for before anything is changed: a query would write a change that a constraint is yet to refuse.
    employee.superior_id = _superior_id(session, employee, data.superior_login)
    employee.login = data.login
    employee.name, employee.name_en = data.name, data.name_en
    employee.email = data.email.lower() if data.email else None
    employee.department_id = data.department_id
    employee.industry, employee.job_grade, employee.employment = data.industry, data.job_grade, data.employment
    employee.hired_on, employee.left_on = data.hired_on, data.left_on
    employee.batch_ceiling_fen = data.batch_ceiling_fen
    kept = {row.role: row for row in employee.role_rows}
    employee.role_rows = [kept.get(role) or EmployeeRole(role=role) for role in sorted(set(data.roles))]


def _superior_id(session: Session, employee: Employee, login: str) -> int | None:
    """Whom the person reports to.

    :raises Invalid: nobody of that login, a disabled account, or someone who reports to this very person
    """
    if not login:
        return None
    superior = employee_with_login(session, login)
    if superior is None:
        raise Invalid.at("superior", "There is no one with the login name %(login)s.", login=login)
    if not superior.active:
        raise Invalid.at("superior", "The account of %(name)s is disabled.", name=superior.name)
    if employee.id is not None and reports_to(session, superior.id, employee.id):
        raise Invalid.at("superior", "%(name)s reports to this person.", name=superior.name)
    return superior.id


def reports_to(session: Session, start_id: int, goal_id: int) -> bool:
    """Whether ``start`` is ``goal`` or reports to them, over any number of superiors."""
    # Two edits at once could close a circle that neither sees alone.
    session.execute(select(func.pg_advisory_xact_lock(_SUPERIOR_LOCK)))
    line = select(Employee.id, Employee.superior_id).where(Employee.id == start_id).cte("line", recursive=True)
    above = aliased(Employee)
    line = line.union(select(above.id, above.superior_id).join(line, above.id == line.c.superior_id))
    return session.scalar(select(line.c.id).where(line.c.id == goal_id)) is not None


def _seal_account(employee: Employee, account: str | None, keyring: Keyring) -> None:
    if account is not None:
        employee.payout_account_sealed = keyring.seal(account, row=account_row(employee.id)) if account else None


def _flush(session: Session) -> None:
    """Write, and turn a violated constraint into a message at its field; the caller rolls back."""
    try:
        session.flush()
    except IntegrityError as violation:
        name = getattr(getattr(violation.orig, "diag", None), "constraint_name", None)
        if name not in _AT_FIELD:
            raise
        at, message = _AT_FIELD[name]
        raise Invalid.at(at, message) from violation


