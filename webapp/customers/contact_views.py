"""The people at a customer: shown in the clear on request, which is written down, and kept."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from forms.customers import ContactForm
from webapp.accounts.actor import current_actor
from webapp.clock import request_now
from webapp.customers.blueprint import blueprint
from webapp.customers.editing_views import revision
from webapp.customers.record_views import page
from webapp.customers.sealing import seals
from webapp.engine import change, saved
from webapp.errors import told
from webapp.extensions import db
from workflows.customers import contacts
from workflows.customers.contacts import ContactData, MaskedContact, contacts_of
from workflows.customers.model import Customer
from workflows.customers.rights import may_edit, seen
from workflows.kernel.errors import NotAllowed, NotFound, StaleRevision


@blueprint.post("/<int:customer_id>/contacts/show")
def show_contacts(customer_id: int) -> str:
    """Show the contacts in the clear; that this person saw them is written down first."""
    if not seen(db.session(), current_actor(), customer_id).sight.sees_contacts:
        raise NotAllowed("Only sales staff see contacts.")
    with change() as session:
        ids = [each.id for each in contacts_of(session, customer_id)]
        opened = contacts.open_contacts(
            session, ids, actor=current_actor(), how="page", seals=seals(), now=request_now()
        )
    return page(customer_id, opened=opened)


@blueprint.route("/<int:customer_id>/contacts/new", methods=["GET", "POST"])
def add_contact(customer_id: int) -> Response | str | tuple[str, int]:
    """Add somebody."""
    found = _editable(customer_id)
    form = ContactForm(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _form(form, found, None)
    if form.validate() and saved(
        form,
        lambda session: contacts.add_contact(
            session, customer_id, _data(form), seals=seals(), actor=current_actor(), now=request_now()
        ),
    ):
        flash(_("The contact was added."), "success")
        return _back(customer_id)
    return _form(form, found, None), 422


@blueprint.route("/<int:customer_id>/contacts/<int:contact_id>", methods=["GET", "POST"])
def edit_contact(customer_id: int, contact_id: int) -> Response | str | tuple[str, int]:
    """Change somebody; who opens the form sees the contact, which is written down."""
    found = _editable(customer_id)
    _there(customer_id, contact_id)
    if request.method == "GET":
        with change() as session:
            known = contacts.open_contact(
                session, contact_id, actor=current_actor(), how="page", seals=seals(), now=request_now()
            )
        return _form(ContactForm(obj=known), found, contact_id)
    form = ContactForm(request.form)

    def action(session: Session) -> None:
        contacts.edit_contact(
            session, contact_id, _data(form), revision=revision(form), seals=seals(), actor=current_actor()
        )

    try:
        if form.validate() and saved(form, action):
            flash(_("The contact is changed."), "success")
            return _back(customer_id)
    except StaleRevision as refusal:
        form.form_errors = [*form.form_errors, told(refusal.message, refusal.params)]
    return _form(form, found, contact_id), 422


@blueprint.post("/<int:customer_id>/contacts/<int:contact_id>/remove")
def remove_contact(customer_id: int, contact_id: int) -> Response:
    """Take somebody out of the archive."""
    _editable(customer_id)
    _there(customer_id, contact_id)
    with change() as session:
        contacts.remove_contact(session, contact_id, actor=current_actor(), now=request_now())
    flash(_("The contact is out of the archive."), "success")
    return _back(customer_id)


def _editable(customer_id: int) -> Customer:
    """A customer that the reader may change; for everybody else there is no such form."""
    found = seen(db.session(), current_actor(), customer_id)
    if not may_edit(current_actor(), found.sight, found.customer):
        raise NotFound("There is no such customer.")
    return found.customer


def _there(customer_id: int, contact_id: int) -> MaskedContact:
    for each in contacts_of(db.session(), customer_id):
        if each.id == contact_id:
            return each
    raise NotFound("There is no such contact.")


def _form(form: ContactForm, customer: Customer, contact_id: int | None) -> str:
    others = [each for each in contacts_of(db.session(), customer.id) if each.id != contact_id]
    return render_template(
        "customers/contact.html", form=form, customer=customer, contact_id=contact_id, others=others
    )


def _data(form: ContactForm) -> ContactData:
    return ContactData(
        form.name.data, form.position.data, form.phone.data or "", department=form.department.data or "",
        kind=form.kind.data, reports_to_id=form.reports_to_id.data, email=form.email.data or "",
        chat=form.chat.data or "", remarks=form.remarks.data or "", is_main=bool(form.is_main.data),
    )  # fmt: skip


def _back(customer_id: int) -> Response:
    return redirect(url_for("customers.customer", customer_id=customer_id, _anchor="contacts"), 303)
