"""Adding a customer and changing what the archive holds of it; whoever may be the same is shown before it is saved."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from forms.base import ProcessForm
from forms.customers import CustomerForm, NewCustomerForm
from webapp.accounts.actor import current_account, current_actor
from webapp.clock import request_now
from webapp.customers.blueprint import blueprint
from webapp.customers.sealing import seals
from webapp.engine import change, show_at_fields
from webapp.errors import told
from webapp.extensions import db
from workflows.customers.archive import CustomerData, create_customer, edit_customer
from workflows.customers.contacts import ContactData
from workflows.customers.duplicates import Duplicate, LookAlike, LooksAlike
from workflows.customers.model import ContactKind, Customer
from workflows.customers.rights import may_edit, seen
from workflows.customers.scope import LEADING_ROLES
from workflows.kernel.errors import Invalid, NotAllowed, NotFound, StaleRevision
from workflows.people.model import Employee, Role
from workflows.people.naming import people_named

_TEXTS = (
    "name", "industry", "standing", "source", "website", "address", "business", "needs", "organisation",
    "decision_chain", "budget", "schedule",
)  # fmt: skip
_GIVES = LEADING_ROLES | {Role.SALES_ASSISTANT.value}


@blueprint.route("/new", methods=["GET", "POST"])
def add() -> Response | str | tuple[str, int]:
    """Add a customer with its main contact."""
    form = NewCustomerForm(request.form if request.method == "POST" else None, data={"industry": _own_industry()})
    if request.method == "GET":
        return _form(form, None, [])
    added: list[int] = []

    def action(session: Session) -> None:
        added.append(
            create_customer(
                session, _data(form), grade=form.grade.data, contact=_contact(form), seals=seals(),
                actor=current_actor(), now=request_now(), owner_id=_owner(session, form),
                is_confirmed=form.is_confirmed.data,
            )
        )  # fmt: skip

    alike = _tried(form, action)
    if alike is None:
        flash(_("The customer was added."), "success")
        return redirect(url_for("customers.customer", customer_id=added[0]), 303)
    return _form(form, None, alike), 422


@blueprint.route("/<int:customer_id>/edit", methods=["GET", "POST"])
def edit(customer_id: int) -> Response | str | tuple[str, int]:
    """Change what stands in the archive; a name, an industry or a standing that changes is written down."""
    found = seen(db.session(), current_actor(), customer_id)
    if not may_edit(current_actor(), found.sight, found.customer):
        raise NotFound("There is no such customer.")
    known = {name: getattr(found.customer, name) for name in (*_TEXTS, "revision")}
    form = CustomerForm(request.form if request.method == "POST" else None, data=known)
    if request.method == "GET":
        return _form(form, found.customer, [])

    def action(session: Session) -> None:
        edit_customer(
            session, customer_id, _data(form), revision=revision(form), seals=seals(), actor=current_actor(),
            now=request_now(), reason=form.reason.data or "", is_confirmed=form.is_confirmed.data,
        )  # fmt: skip

    alike = _tried(form, action)
    if alike is None:
        flash(_("The customer is changed."), "success")
        return redirect(url_for("customers.customer", customer_id=customer_id), 303)
    return _form(form, found.customer, alike), 422


def revision(form: Any) -> int:
    """The revision that a form was opened in; what is none fits no row."""
    text = str(form.revision.data or "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else -1  # noqa: PLR2004 (a column holds no more)


def _tried(form: ProcessForm, action: Callable[[Session], None]) -> list[LookAlike] | None:
    """Save; None once it is, or who may be the same with what is wrong at the form."""
    if not form.validate():
        return []
    try:
        with change() as session:
            action(session)
    except Duplicate as refusal:
        show_at_fields(form, refusal)
        return [refusal.look_alike]
    except Invalid as refusal:
        show_at_fields(form, refusal)
        return []
    except (LooksAlike, StaleRevision, NotAllowed) as refusal:
        form.form_errors = [*form.form_errors, told(refusal.message, refusal.params)]
        return refusal.look_alikes if isinstance(refusal, LooksAlike) else []
    return None


def _form(form: CustomerForm, customer: Customer | None, alike: list[LookAlike]) -> str:
    must_confirm = bool(alike) and not form.name.errors
    gives = not current_actor().roles.isdisjoint(_GIVES)
    return render_template(
        "customers/edit.html", form=form, customer=customer, alike=alike, must_confirm=must_confirm, gives=gives
    )


def _data(form: CustomerForm) -> CustomerData:
    return CustomerData(**{name: form[name].data or "" for name in _TEXTS})


def _contact(form: NewCustomerForm) -> ContactData | None:
    if not form.contact.data:
        return None
    kind = form.contact_kind.data or ContactKind.OTHER.value
    return ContactData(form.contact.data, form.position.data, form.phone.data, kind=kind, is_main=True)


def _owner(session: Session, form: NewCustomerForm) -> int | None:
    if not form.owner.data:
        return None
    named = people_named(session, [form.owner.data], field="owner")
    if len(named) != 1:
        raise Invalid.at("owner", "Name one person.")
    return named[0]


def _own_industry() -> str:
    """Salespeople sell inside their own industry (I8.1), so it stands in the form already."""
    account = current_account()
    person = db.session.get(Employee, account.actor.id) if account else None
    return person.industry if person else ""
