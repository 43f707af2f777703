"""One customer on one page, and what is written down there: visits, files, grade, competitors, archiving."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from forms.base import ProcessForm
from forms.customers import ArchiveForm, CompetitorForm, FilesForm, GradeForm, VisitForm
from webapp.accounts.actor import current_account, current_actor
from webapp.addresses import ident
from webapp.clock import request_now, request_today
from webapp.customers.blueprint import blueprint
from webapp.customers.sales_of import sales_of
from webapp.documents.uploads import uploaded_pairs
from webapp.engine import saved
from webapp.errors import told
from webapp.extensions import db
from webapp.i18n import localized
from workflows.customers import archive, visits
from workflows.customers.archive import CompetitorData
from workflows.customers.complaints import complaints_of
from workflows.customers.contacts import OpenContact, contacts_of, last_views
from workflows.customers.record import changes_of, competitors_of, owner_names, registrations_of
from workflows.customers.rights import may_edit, seen
from workflows.kernel.errors import Conflict

_Page = Response | tuple[str, int]


@blueprint.get("/<int:customer_id>")
def customer(customer_id: int) -> str:
    """What the archive holds of a customer; finance sees it without its people and what names them."""
    return page(customer_id)


@blueprint.post("/<int:customer_id>/visits")
def record_visit(customer_id: int) -> _Page:
    """Write a visit down."""
    form = VisitForm(_with_files())

    def action(session: Session) -> None:
        visits.record_visit(
            session, customer_id=customer_id, instance_id=form.instance_id.data, kind=form.kind.data,
            visited_on=form.visited_on.data, visitors=form.visitors.data, content=form.content.data,
            result=form.result.data, problems=form.problems.data or "", documents=form.documents.data,
            actor=current_actor(), now=request_now(),
        )  # fmt: skip

    return _taken(customer_id, "visit", form, action, _("The visit is recorded."), "visits")


@blueprint.post("/<int:customer_id>/files")
def add_files(customer_id: int) -> _Page:
    """Put files into the archive."""
    form = FilesForm(_with_files())

    def action(session: Session) -> None:
        visits.add_files(session, customer_id, form.documents.data, actor=current_actor(), now=request_now())

    return _taken(customer_id, "files", form, action, _("The files are in the archive."), "files")


@blueprint.post("/<int:customer_id>/grade")
def change_grade(customer_id: int) -> _Page:
    """Give the customer another grade, with a reason."""
    form = GradeForm(request.form)

    def action(session: Session) -> None:
        archive.change_grade(
            session, customer_id, form.grade.data, reason=form.reason.data, actor=current_actor(), now=request_now()
        )

    return _taken(customer_id, "grading", form, action, _("The grade is changed."), "about")


@blueprint.post("/<int:customer_id>/archive")
def archive_customer(customer_id: int) -> _Page:
    """Put the customer away."""
    form = ArchiveForm(request.form)

    def action(session: Session) -> None:
        archive.archive_customer(
            session, customer_id, reason=form.reason.data, actor=current_actor(), now=request_now()
        )

    return _taken(customer_id, "archiving", form, action, _("The customer is archived."), "about")


@blueprint.post("/<int:customer_id>/unarchive")
def unarchive_customer(customer_id: int) -> _Page:
    """Take the customer out again."""
    form = ArchiveForm(request.form)

    def action(session: Session) -> None:
        archive.unarchive_customer(
            session, customer_id, reason=form.reason.data, actor=current_actor(), now=request_now()
        )

    return _taken(customer_id, "archiving", form, action, _("The customer is back."), "about")


@blueprint.post("/<int:customer_id>/competitors")
def add_competitor(customer_id: int) -> _Page:
    """Note a competitor."""
    form = CompetitorForm(request.form)

    def action(session: Session) -> None:
        data = CompetitorData(
            form.name.data, form.product.data or "", form.people.data or "", form.remarks.data or ""
        )
        archive.add_competitor(session, customer_id, data, actor=current_actor(), now=request_now())

    return _taken(customer_id, "competing", form, action, _("The competitor is noted."), "competitors")


@blueprint.post("/<int:customer_id>/competitors/<int:competitor_id>/remove")
def remove_competitor(customer_id: int, competitor_id: int) -> _Page:
    """Take a competitor off the list."""
    form = ProcessForm()

    def action(session: Session) -> None:
        archive.remove_competitor(session, competitor_id, actor=current_actor(), now=request_now())

    return _taken(customer_id, "", form, action, _("The competitor is off the list."), "competitors")


def page(customer_id: int, *, opened: list[OpenContact] | None = None, **forms: ProcessForm) -> str:
    """The customer's page; ``forms`` are those that were sent and came back with errors, ``opened`` its people."""
    session, actor = db.session(), current_actor()
    found = seen(session, actor, customer_id)
    edits = may_edit(actor, found.sight, found.customer)
    sales = sales_of(session, customer_id, found.sight)
    context: dict[str, Any] = {
        "customer": found.customer, "sight": found.sight, "may_edit": edits,
        "acts": edits and found.customer.archived_at is None,
        "owner": owner_names(session, found.customer.owner_id, found.customer.department_id),
        "sales": sales, "registrations": registrations_of(session, customer_id),
        "changes": changes_of(session, customer_id), "today": request_today(),
        "has_sales_pages": "sales.sale" in current_app.view_functions,
    }  # fmt: skip
    if found.sight.sees_contacts:
        context |= _people_and_visits(session, customer_id, opened)
        context |= {
            "visit": _visit_form(sales), "files": FilesForm(), "competing": CompetitorForm(),
            "grading": GradeForm(data={"grade": found.customer.grade}), "archiving": ArchiveForm(),
        }  # fmt: skip
    return render_template("customers/customer.html", **(context | forms))


def _people_and_visits(session: Session, customer_id: int, opened: list[OpenContact] | None) -> dict[str, Any]:
    """What finance does not see."""
    before = request.args.get("before", "")
    rows, following = visits.visits_of(session, customer_id, before=_key(before))
    return {
        "contacts": contacts_of(session, customer_id), "opened": {one.id: one for one in opened or ()},
        "views": last_views(session, customer_id), "competitors": competitors_of(session, customer_id),
        "visits": rows, "archived_files": visits.files_of(session, customer_id),
        "older": f"{following[0].isoformat()}.{following[1]}" if following else None,
        "is_paged": bool(before), "complaints": complaints_of(session, customer_id),
    }  # fmt: skip


def _key(text: str) -> tuple[dt.date, int] | None:
    """Where the visits of the page before ended."""
    day, _dot, number = text.partition(".")
    try:
        return dt.date.fromisoformat(day), ident(number)
    except ValueError:
        return None


def _visit_form(sales: list[Any]) -> VisitForm:
    """The form as it is opened: today, by oneself, for the sale that the address names."""
    chosen = request.args.get("instance", type=ident)
    account = current_account()
    return VisitForm(
        data={
            "kind": "visit", "visited_on": request_today(),
            "visitors": localized(account.name, account.name_en) if account else "",
            "instance_id": chosen if chosen in {one.instance_id for one in sales} else None,
        }
    )  # fmt: skip


def _taken(
    customer_id: int, name: str, form: ProcessForm, action: Callable[[Session], None], words: str, anchor: str
) -> _Page:
    """Do it and lead back to where it now stands, or show the page with what is wrong at its form."""
    status = 422
    try:
        if form.validate() and saved(form, action):
            flash(words, "success")
            return redirect(url_for("customers.customer", customer_id=customer_id, _anchor=anchor), 303)
    except Conflict as refusal:
        if name != "visit":
            raise
        # The customer was archived meanwhile; what was typed is not lost.
        form.form_errors = [*form.form_errors, told(refusal.message, refusal.params)]
        status = 409
    return page(customer_id, **{name: form}), status


def _with_files() -> MultiDict[str, str]:
    """The fields with the ids of the files that came along."""
    return MultiDict([*request.form.items(multi=True), *uploaded_pairs()])
