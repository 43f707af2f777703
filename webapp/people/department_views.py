"""The pages on the department tree."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from forms.page import choices
from forms.people import DepartmentForm
from webapp.engine import change, saved
from webapp.extensions import db
from webapp.i18n import localized
from workflows.people import departments as operations
from workflows.people.directory import department_tree
from workflows.people.model import Department, Employee

blueprint = Blueprint("departments", __name__, url_prefix="/people/departments")


@blueprint.get("")
def overview() -> str:
    """The whole tree."""
    return render_template("people/departments.html", tree=department_tree(db.session()))


@blueprint.route("/new", methods=["GET", "POST"])
def add_department() -> Response | str:
    """Add a department."""
    form = _form(db.session(), None)
    if request.method == "POST" and form.validate() and saved(
        form, lambda session: operations.add_department(session, **_data(form))
    ):
        flash(_("The department was added."), "success")
        return redirect(url_for("departments.overview"))
    return render_template("people/department.html", form=form, department=None)


@blueprint.route("/<int:department_id>", methods=["GET", "POST"])
def edit_department(department_id: int) -> Response | str:
    """Rename a department, move it, or give it another manager."""
    department = operations.found_department(db.session(), department_id)
    form = _form(db.session(), department)
    if request.method == "POST" and form.validate() and saved(
        form, lambda session: operations.edit_department(session, department_id, **_data(form))
    ):
        flash(_("The department is changed."), "success")
        return redirect(url_for("departments.overview"))
    return render_template("people/department.html", form=form, department=department)


@blueprint.post("/<int:department_id>/remove")
def remove_department(department_id: int) -> Response:
    """Remove an empty department."""
    with change() as session:
        operations.remove_department(session, department_id)
    flash(_("The department is gone."), "success")
    return redirect(url_for("departments.overview"))


def _form(session: Session, department: Department | None) -> DepartmentForm:
    known = _known(session, department) if department else None
    form = DepartmentForm(request.form if request.method == "POST" else None, data=known)
    nodes = department_tree(session)
    form.parent_id.choices = choices([
        (0, _("No department: it is the company itself")),
        *((node.id, "\u3000" * node.depth + localized(node.name, node.name_en)) for node in nodes),
    ])
    return form


def _known(session: Session, department: Department) -> dict[str, Any]:
    manager = session.get(Employee, department.manager_id) if department.manager_id else None
    return {
        "name": department.name, "name_en": department.name_en, "parent_id": department.parent_id or 0,
        "manager": manager.login if manager else "",
    }


def _data(form: DepartmentForm) -> dict[str, Any]:
    return {
        "name": form.name.data, "name_en": form.name_en.data or "", "parent_id": form.parent_id.data or None,
        "manager_login": form.manager.data or "",
    }
