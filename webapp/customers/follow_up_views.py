"""Follow-ups due: what the inbox shows of them, and putting one off."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forms.customer_tables import PutOffForm
from webapp.accounts.actor import current_actor
from webapp.clock import request_now, request_today
from webapp.engine import saved
from webapp.extensions import db
from webapp.i18n import day
from workflows.customers.follow_ups import follow_ups_due, put_off
from workflows.customers.rights import seen
from workflows.customers.scope import SALES_ROLES
from workflows.kernel.errors import NotFound

blueprint = Blueprint("follow_ups", __name__, url_prefix="/customers")


def due_here() -> dict[str, Any]:
    """The reader's customers that wait for a contact, for the inbox: nothing for who does not sell."""
    actor = current_actor()
    if actor.roles.isdisjoint(SALES_ROLES):
        return {}
    rows, many = follow_ups_due(db.session(), actor.id, today=request_today())
    has_archive = "customers.customer" in current_app.view_functions
    return {"follow_ups": rows, "follow_ups_all": many, "has_archive": has_archive}


@blueprint.route("/<int:customer_id>/put-off", methods=["GET", "POST"])
def put_off_follow_up(customer_id: int) -> Response | str | tuple[str, int]:
    """Follow up later, with a reason."""
    actor = current_actor()
    found = seen(db.session(), actor, customer_id)
    if found.customer.owner_id != actor.id:
        raise NotFound("There is no such customer.")
    form = PutOffForm(request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate() and saved(
        form,
        lambda session: put_off(
            session, customer_id, form.follow_up_on.data, reason=form.reason.data, actor=actor, now=request_now()
        ),
    ):
        flash(_("%(name)s is to be followed up on %(day)s.", name=found.customer.name, day=day(form.follow_up_on.data)),
              "success")  # fmt: skip
        return redirect(url_for("inbox.pending"), 303)
    page = render_template("customers/put_off.html", form=form, customer=found.customer)
    return (page, 422) if request.method == "POST" else page
