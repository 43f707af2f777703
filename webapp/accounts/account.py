"""The account behind a request, read in one statement.

A request needs the person, their roles, whom they stand in for today and how many notices they have not read. That is
one SELECT, by session, by login or by bearer token; nothing is loaded lazily afterwards. Flask-Security changes a few
fields of an account (password, second factor); ``AccountDatastore.put`` writes just those back.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_security import RoleMixin, UserMixin
from flask_security.datastore import UserDatastore
from sqlalchemy import (
    Row,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Session, aliased

from webapp.accounts.second_factor import needs_second_factor
from webapp.clock import request_today
from webapp.extensions import db
from workflows.calendar.overrides import VERSION
from workflows.engine.process import Actor
from workflows.notices.model import Notice
from workflows.people.model import ApiToken, Delegation, Employee, EmployeeRole

#: The bell shows 99+ beyond this; counting further would make a neglected bell slow.
_NOTICES_COUNTED = 100
_KEPT_BY_FLASK_SECURITY = ("password", "active", "fs_uniquifier", "tf_primary_method", "tf_totp_secret",
                           "mf_recovery_codes")


@dataclass(eq=False)
class Account(UserMixin):  # type: ignore[misc]
    """One person, as the web sees them."""

    id: int = 0
    login: str = ""
    name: str = ""
    name_en: str = ""
    email: str | None = None
    department_id: int = 0
    locale: str = "zh_Hans"
    active: bool = False
    password: str | None = None
    fs_uniquifier: str = ""
    tf_primary_method: str | None = None
    tf_totp_secret: str | None = None
    mf_recovery_codes: list[str] | None = None
    unread_notices: int = 0
    #: Which calendar of working days is in force, so that pages that count days need not ask.
    calendar_version: int = 0
    actor: Actor = field(default_factory=lambda: Actor(0, frozenset()))

    #: Flask-Security's roles and telephone second factor are not used: the actor's roles are ids of lanes.
    roles = ()
    tf_phone_number = None

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
    ) -> tuple[bool, list[tuple[str, str]]]:
        """A second factor is asked from who has set one up and from the roles that the company requires it from."""
        return bool(tf_setup_methods) or needs_second_factor(self.actor.roles), tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """Whether the second factor may not be switched off."""
        return needs_second_factor(self.actor.roles)


class UnusedRole(RoleMixin):  # type: ignore[misc]
    """Flask-Security wants a role class; ours are rows of ``employee_role`` read with the account."""


def _account_select() -> Any:
    """The SELECT without its WHERE: employee, roles, covers and unread notices in one row."""
    delegator = aliased(Employee)
    roles = select(func.array_agg(EmployeeRole.role)).where(EmployeeRole.employee_id == Employee.id)
    delegator_roles = (
        select(func.coalesce(func.jsonb_agg(EmployeeRole.role), literal_column("'[]'::jsonb")))
        .where(EmployeeRole.employee_id == Delegation.delegator_id)
        .correlate(Delegation)
        .scalar_subquery()
    )
    covers = (
        select(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_array(Delegation.delegator_id, Delegation.process_keys, delegator_roles),
                    Delegation.id,
                )
            )
        )
        .join(delegator, and_(delegator.id == Delegation.delegator_id, delegator.active))
        .where(
            Delegation.delegate_id == Employee.id,
            Delegation.revoked_at.is_(None),
            bindparam("today", type_=Delegation.first_on.type).between(Delegation.first_on, Delegation.last_on),
        )
    )
    unread = (
        select(literal_column("1"))
        .where(Notice.employee_id == Employee.id, Notice.read_at.is_(None))
        .limit(literal_column(str(_NOTICES_COUNTED)))
        .correlate(Employee)
        .subquery("unread")
    )
    return select(
        Employee.id, Employee.login, Employee.name, Employee.name_en, Employee.email, Employee.department_id,
        Employee.locale, Employee.active, Employee.password, Employee.fs_uniquifier, Employee.tf_primary_method,
        Employee.tf_totp_secret, Employee.mf_recovery_codes,
        select(func.count()).select_from(unread).scalar_subquery().label("unread_notices"),
        roles.correlate(Employee).scalar_subquery().label("role_ids"),
        covers.correlate(Employee).scalar_subquery().label("covers"),
        literal_column(VERSION).label("calendar_version"),
    )


_SELECT = _account_select()


def _as_sql(statement: Any) -> str:
    """The statement as the driver takes it: every request asks it, and need not put it together anew."""
    return str(statement.compile(dialect=PGDialect_psycopg()))


_BY_SESSION = _as_sql(_SELECT.where(Employee.fs_uniquifier == bindparam("value")))
_BY_ID = _as_sql(_SELECT.where(Employee.id == bindparam("value")))
#: What was typed may be either; a login never holds an @, so at most one row matches a sane company.
_BY_NAME = _as_sql(
    _SELECT.where(or_(Employee.login == bindparam("value"), func.lower(Employee.email) == bindparam("value")))
    .order_by(case((Employee.login == bindparam("value"), literal_column("0")), else_=literal_column("1")))
    .limit(literal_column("1"))
)
_BY_TOKEN = _as_sql(
    _SELECT.join(ApiToken, ApiToken.employee_id == Employee.id).where(
        ApiToken.digest == bindparam("value"),
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > bindparam("now", type_=ApiToken.created_at.type)),
        Employee.active,
    )
)


def _find(session: Session, statement: str, **values: Any) -> Account | None:
    return _account(session.connection().exec_driver_sql(statement, values).one_or_none())


def _covers(rows: list[tuple[int, list[str], list[str]]]) -> Mapping[int, tuple[str, ...]]:
    """Whom the person stands in for; two delegations of one person add up, and one for all processes wins."""
    covers: dict[int, tuple[str, ...]] = {}
    for delegator_id, keys, _roles in rows:
        if not keys or covers.get(delegator_id) == ():
            covers[delegator_id] = ()
        else:
            covers[delegator_id] = (*covers.get(delegator_id, ()), *keys)
    return covers


def _account(row: Row[Any] | None) -> Account | None:
    if row is None:
        return None
    values = dict(row._mapping)
    covers = values.pop("covers") or []
    actor = Actor(
        values["id"],
        frozenset(values.pop("role_ids") or ()),
        _covers(covers),
        {delegator_id: frozenset(roles) for delegator_id, _keys, roles in covers},
    )
    return Account(**values, actor=actor)


def account_by_id(session: Session, employee_id: int, *, today: dt.date) -> Account | None:
    """The account of an employee, active or not."""
    return _find(session, _BY_ID, value=employee_id, today=today)


def account_by_name(session: Session, name: str, *, today: dt.date) -> Account | None:
    """The account with this login name or e-mail address, active or not."""
    return _find(session, _BY_NAME, value=name.strip().lower(), today=today)


def account_by_token_digest(session: Session, digest: bytes, *, now: dt.datetime, today: dt.date) -> Account | None:
    """The active account that a live API token speaks for."""
    return _find(session, _BY_TOKEN, value=digest, now=now, today=today)


class AccountDatastore(UserDatastore):  # type: ignore[misc]
    """What Flask-Security reads and writes of accounts."""

    def __init__(self) -> None:
        super().__init__(Account, UnusedRole)

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Account | None:
        """Find by one of session id, login, e-mail or id."""
        ((attribute, value),) = kwargs.items()
        today = request_today()
        if attribute == "fs_uniquifier":
            return _find(db.session(), _BY_SESSION, value=value, today=today)
        if attribute == "id":
            return account_by_id(db.session(), int(value), today=today)
        return account_by_name(db.session(), str(value), today=today)

    def find_role(self, role: str) -> None:
        """Flask-Security's roles are not used."""

    def put(self, account: Account) -> Account:
        """Write back what Flask-Security may have changed."""
        values: dict[str, Any] = {name: getattr(account, name) for name in _KEPT_BY_FLASK_SECURITY}
        db.session.execute(update(Employee).where(Employee.id == account.id).values(values))
        return account

    def delete(self, account: Account) -> None:
        """People are disabled, never deleted: their names stand in histories."""
        raise NotImplementedError("an employee is disabled, not deleted")

    def commit(self) -> None:
        """Called by Flask-Security's own views once they are done."""
        db.session.commit()
