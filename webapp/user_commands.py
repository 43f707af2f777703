"""``salesflow user …`` and ``salesflow token``: accounts from the command line, for the first administrator and for
whoever is locked out. Passwords are asked for, never given as arguments, because those stand in the shell's history.
"""

import datetime as dt
from collections.abc import Iterable

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflows.people.model import Department, Employee, EmployeeRole, Role

ROLES = click.Choice([role.value for role in Role])

user = AppGroup("user", help="People and their accounts.")


@user.command("list")
def list_users() -> None:
    """List everyone, with roles."""
    from webapp.extensions import db

    for each in db.session.scalars(select(Employee).order_by(Employee.id)):
        roles = " ".join(sorted(row.role for row in each.role_rows))
        click.echo(f"{each.login:<24}{'' if each.active else 'disabled  '}{each.name}  {roles}")


@user.command("add")
@click.argument("login")
@click.argument("name")
@click.option("--department", required=True, help="Its name; made when there is no department at all yet.")
@click.option("--role", "roles", type=ROLES, multiple=True, required=True)
@click.password_option()
def add_user(login: str, name: str, department: str, roles: tuple[str, ...], password: str) -> None:
    """Add a person who can sign in."""
    from webapp.engine import change
    from workflows.people.operations import EmployeeData, add_employee, set_password

    with change() as session:
        home = _department(session, department)
        data = EmployeeData(login=login, name=name, department_id=home.id, roles=frozenset(roles))
        employee = add_employee(session, data, keyring=current_app.extensions["keyring"])
        session.flush()
        set_password(session, employee.id, _hashed(password), now=dt.datetime.now(dt.UTC))
    click.echo(f"Added {login}")


@user.command("disable")
@click.argument("login")
def disable_user(login: str) -> None:
    """Shut a person out, from their next request on."""
    from webapp.engine import change, engine
    from workflows.engine.leaving import move_work_of
    from workflows.people.operations import disable_employee

    with change() as session:
        employee_id = _employee(session, login).id
        now = dt.datetime.now(dt.UTC)
        disable_employee(session, employee_id, actor_id=0, now=now)
        moved = move_work_of(engine(), session, employee_id, actor=None, now=now)
    click.echo(f"Disabled {login}; {moved} open tasks moved to other desks")


@user.command("enable")
@click.argument("login")
def enable_user(login: str) -> None:
    """Let a disabled person in again."""
    from webapp.engine import change
    from workflows.people.operations import enable_employee

    with change() as session:
        enable_employee(session, _employee(session, login).id, actor_id=None, now=dt.datetime.now(dt.UTC))
    click.echo(f"Enabled {login}")


@user.command("password")
@click.argument("login")
@click.password_option()
def set_user_password(login: str, password: str) -> None:
    """Give a person a new password; all their sessions end."""
    from webapp.engine import change
    from workflows.people.operations import set_password

    with change() as session:
        set_password(session, _employee(session, login).id, _hashed(password), now=dt.datetime.now(dt.UTC))
    click.echo(f"{login} has a new password")


@user.command("role")
@click.argument("login")
@click.argument("roles", type=ROLES, nargs=-1, required=True)
def set_user_roles(login: str, roles: tuple[str, ...]) -> None:
    """Give a person exactly these roles."""
    from webapp.engine import change

    with change() as session:
        employee = _employee(session, login)
        session.execute(delete(EmployeeRole).where(EmployeeRole.employee_id == employee.id))
        session.add_all(EmployeeRole(employee_id=employee.id, role=role) for role in set(roles))
        employee.revision += 1
    click.echo(f"{login} is now {', '.join(roles)}")


@click.command("token")
@click.argument("login")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
@with_appcontext
def token(login: str, name: str) -> None:
    """Print a new API token of a person; it is shown this once."""
    from webapp.engine import change
    from workflows.people.tokens import issue_token

    with change() as session:
        made = issue_token(session, _employee(session, login).id, name, now=dt.datetime.now(dt.UTC))
    click.echo(made)


def _employee(session: Session, login: str) -> Employee:
    found = session.scalar(select(Employee).where(Employee.login == login))
    if found is None:
        raise click.ClickException(f"There is nobody with the login {login}.")
    return found


def _department(session: Session, name: str) -> Department:
    known: Iterable[Department] = session.scalars(select(Department).order_by(Department.id)).all()
    for each in known:
        if each.name == name:
            return each
    if known:
        raise click.ClickException(f"There is no department {name}; there are: {', '.join(d.name for d in known)}.")
    first = Department(name=name)
    session.add(first)
    session.flush()
    return first


def _hashed(password: str) -> str:
    from flask_security import hash_password, password_length_validator

    problems = password_length_validator(password)
    if problems:
        raise click.ClickException(str(problems[0]))
    hashed: str = hash_password(password)
    return hashed
