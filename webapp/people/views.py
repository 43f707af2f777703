"""The pages on people: the list, one person, and the picker that other forms use."""

import secrets
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import hash_password
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from forms.page import choices
from forms.people import ROLE_NAMES, EmployeeFilter, EmployeeForm
from webapp.accounts.actor import current_actor
from webapp.addresses import ident, said_here
from webapp.clock import request_now
from webapp.engine import change, engine, saved
from webapp.extensions import db
from webapp.i18n import localized
from workflows.engine.leaving import move_work_of, work_of
from workflows.kernel.crypto import Keyring
from workflows.kernel.errors import NotFound
from workflows.kernel.money import from_fen, to_fen
from workflows.people import operations
from workflows.people.directory import department_tree, employees_page, pick_people
from workflows.people.model import Employee
from workflows.people.operations import EmployeeData

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("/pick")
def pick() -> str:
    """People whose name or login fits what is typed in a field; the field sends itself under its own name."""
    typed = next(iter(request.args.values()), "").replace("\0", "")
    return render_template("people/pick.html", people=pick_people(db.session(), typed[:64]))


@blueprint.get("")
def employees() -> str:
    """The list of people, narrowed by name, department, role and account."""
    form = _filter(db.session())
    rows, following = employees_page(
        db.session(),
        search=form.search.data or "",
        department_id=request.args.get("department_id", type=ident),
        role=form.role.data if form.role.data in ROLE_NAMES else None,
        active={"active": True, "disabled": False}.get(form.state.data),
        after=request.args.get("after", type=ident),
    )
    kept = said_here("search", "department_id", "role", "state")
    more = url_for("people.employees", **kept, after=following) if following else None
    return render_template("people/employees.html", form=form, employees=rows, more=more)


@blueprint.route("/new", methods=["GET", "POST"])
def add_employee() -> Response | str:
    """Add a person; a password is the next step."""
    form = _employee_form(db.session(), None)
    added: list[Employee] = []
    if request.method == "POST" and form.validate() and saved(
        form, lambda session: added.append(operations.add_employee(session, _data(form), keyring=_keyring()))
    ):
        flash(_("%(name)s was added and needs a password to sign in.", name=added[0].name), "success")
        return redirect(url_for("people.edit_employee", employee_id=added[0].id))
    return render_template("people/employee.html", form=form, employee=None)


@blueprint.route("/<int:employee_id>", methods=["GET", "POST"])
def edit_employee(employee_id: int) -> Response | str:
    """See and change a person."""
    employee = _found(employee_id)
    form = _employee_form(db.session(), employee)
    if request.method == "POST" and form.validate() and saved(form, lambda session: operations.edit_employee(
        session, employee_id, _data(form), revision=_revision(form), keyring=_keyring(), actor_id=current_user.id,
        now=request_now(),
    )):
        flash(_("The changes to %(name)s are saved.", name=employee.name), "success")
        return redirect(url_for("people.edit_employee", employee_id=employee_id))
    return render_template("people/employee.html", form=form, employee=employee)


@blueprint.route("/<int:employee_id>/disable", methods=["GET", "POST"])
def disable_employee(employee_id: int) -> Response | str:
    """Say what would be left undone, then shut the person out."""
    employee = _found(employee_id)
    if request.method == "GET":
        return render_template("people/disable.html", employee=employee, open_tasks=_open_tasks(employee_id))
    with change() as session:
        operations.disable_employee(session, employee_id, actor_id=current_user.id, now=request_now())
        moved = move_work_of(engine(), session, employee_id, actor=current_actor(), now=request_now())
    flash(_("%(name)s is shut out from now on.", name=employee.name), "success")
    if moved:
        flash(_("%(count)s open tasks moved to other desks.", count=moved), "info")
    return redirect(url_for("people.edit_employee", employee_id=employee_id))


@blueprint.post("/<int:employee_id>/enable")
def enable_employee(employee_id: int) -> Response:
    """Let a person sign in again."""
    with change() as session:
        enabled = operations.enable_employee(session, employee_id, actor_id=current_user.id, now=request_now())
        name = enabled.name
    flash(_("%(name)s may sign in again.", name=name), "success")
    return redirect(url_for("people.edit_employee", employee_id=employee_id))


@blueprint.post("/<int:employee_id>/password")
def reset_password(employee_id: int) -> str:
    """Give a person a new password, shown this once to be handed over."""
    password = secrets.token_urlsafe(12)
    with change() as session:
        employee = operations.set_password(session, employee_id, hash_password(password), now=request_now())
    return render_template("people/password.html", employee=employee, password=password)


def _found(employee_id: int) -> Employee:
    employee = db.session.get(Employee, employee_id)
    if employee is None:
        raise NotFound("There is no such person.")
    return employee


def _filter(session: Session) -> EmployeeFilter:
    form = EmployeeFilter(request.args)
    form.department_id.choices = choices([(0, _("All departments")), *_department_choices(session)])
    form.role.choices = choices([("", _("All roles")), *ROLE_NAMES.items()])
    return form


def _employee_form(session: Session, employee: Employee | None) -> EmployeeForm:
    form = EmployeeForm(
        request.form if request.method == "POST" else None, data=_known(session, employee) if employee else None
    )
    form.department_id.choices = choices(_department_choices(session))
    return form


def _known(session: Session, employee: Employee) -> dict[str, Any]:
    """What the form shows of a person; the payout account stays sealed."""
    columns = ("login", "name", "name_en", "email", "department_id", "industry", "job_grade", "employment",
               "hired_on", "left_on")
    superior = session.get(Employee, employee.superior_id) if employee.superior_id else None
    return {
        **{name: getattr(employee, name) for name in columns},
        "revision": str(employee.revision),
        "batch_ceiling": None if employee.batch_ceiling_fen is None else from_fen(employee.batch_ceiling_fen),
        "superior": superior.login if superior else "",
        "roles": [row.role for row in employee.role_rows],
    }


def _department_choices(session: Session) -> list[tuple[Any, Any]]:
    # Choices can't be nested, so depth is shown by ideographic spaces, which keep their width in every font.
    return [(node.id, "\u3000" * node.depth + localized(node.name, node.name_en)) for node in department_tree(session)]


def _data(form: EmployeeForm) -> EmployeeData:
    """What the form says, in the operation's words; an untouched payout account stays as it is."""
    account = form.payout_account.data or None
    return EmployeeData(
        login=form.login.data, name=form.name.data, name_en=form.name_en.data or "", email=form.email.data or None,
        department_id=form.department_id.data, superior_login=form.superior.data or "", roles=form.roles.chosen(),
        industry=form.industry.data or "", job_grade=form.job_grade.data or "", employment=form.employment.data,
        hired_on=form.hired_on.data, left_on=form.left_on.data,
        payout_account="" if "remove_account" in request.form else account,
        batch_ceiling_fen=None if form.batch_ceiling.data is None else to_fen(form.batch_ceiling.data),
    )


def _revision(form: EmployeeForm) -> int:
    text = form.revision.data or ""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else -1  # noqa: PLR2004


def _keyring() -> Keyring:
    keyring: Keyring = current_app.extensions["keyring"]
    return keyring


def _open_tasks(employee_id: int) -> int:
    """How many tasks lie on this person's own desk, now or later."""
    return len(work_of(db.session(), employee_id))
