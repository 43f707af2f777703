"""What people do to a sale besides answering its tasks: one page for each act, which works without JavaScript."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forms.base import ProcessForm
from forms.registry import form_class
from webapp.accounts.actor import current_actor
from webapp.clock import request_today
from webapp.errors import status_of
from webapp.extensions import db
from webapp.incidents.recording import take_step
from webapp.sales.blueprint import ID, blueprint
from webapp.sales.views import found_sale
from webapp.sales.words import ACTS
from webapp.tasks.sent import Sent
from workflows.engine.model import ProcessInstance
from workflows.kernel.errors import Conflict, NotAllowed, NotFound, Refusal
from workflows.kernel.money import Method
from workflows.sale.ledger import lines_of
from workflows.sale.money import entries_of
from workflows.sale.process import RULES, acts_open_to
from workflows.sale.record import SaleRow, milestones_of
from workflows.sale.standing import read_sale

#: These refusals say that the act is not the reader's, or not now; all others are mended in the form.
GONE = (Conflict, NotAllowed, NotFound)


@blueprint.get(f"/<{ID}:sale_id>/<name>")
def act(sale_id: int, name: str) -> str:
    """The form of an act, to whom it is open."""
    sale = _open_to_reader(sale_id, name)
    return _page(sale, name, form_class("sale", name)(data=_first(sale, name)))


@blueprint.post(f"/<{ID}:sale_id>/<name>")
def perform(sale_id: int, name: str) -> Response | tuple[str, int]:
    """Do it, and go back to the sale."""
    if name not in RULES:
        raise NotFound("There is no such form.")
    sale, _sight = found_sale(sale_id)
    sent = Sent.by_page(instance_id=sale.instance_id, act=name)
    try:
        take_step(sent, actor=current_actor())
    except Refusal as refusal:
        if isinstance(refusal, GONE) and sent.form is None:
            raise
        sent.show(refusal)
        form = sent.form if sent.form is not None else form_class("sale", name)(data=_first(sale, name))
        return _page(sale, name, form), status_of(refusal)
    flash(_("Done: %(what)s", what=ACTS[name]), "success")
    return redirect(url_for("sales.sale", sale_id=sale.id), 303)


def _open_to_reader(sale_id: int, act: str) -> SaleRow:
    if act not in RULES:
        raise NotFound("There is no such form.")
    sale, sight = found_sale(sale_id)
    session = db.session()
    status = session.get_one(ProcessInstance, sale.instance_id).status
    standing = read_sale(session, sale.instance_id)
    if act not in acts_open_to(standing, sight, is_running=status == "running"):
        RULES[act](standing, sight)
        raise Conflict("This case has ended already.")
    return sale


def _page(sale: SaleRow, act: str, form: ProcessForm) -> str:
    return render_template(
        "sales/act.html", sale=sale, act=act, form=form, idempotency_key=uuid.uuid4().hex, **_choices(sale, act)
    )


def _choices(sale: SaleRow, act: str) -> dict[str, Any]:
    """What the form chooses from."""
    if act == "reach_milestone":
        return {"milestones": [each for each in milestones_of(db.session(), sale.id) if each.reached_on is None]}
    if act == "record_cost":
        return {"lines": lines_of(db.session(), sale.id)}
    if act == "reverse_receipt":
        return {"entries": [each for each in entries_of(db.session(), sale.id) if each.is_reversible]}
    return {}


def _first(sale: SaleRow, act: str) -> dict[str, Any]:
    """What the form starts with: what is known, and what the address says."""
    today = request_today()
    given = {name: int(text) for name, text in request.args.items() if text.isdecimal() and len(text) < 19}  # noqa: PLR2004
    values: dict[str, dict[str, Any]] = {
        "change_forecast": {"expected_amount": sale.expected, "expected_on": sale.expected_on},
        "reach_milestone": {"reached_on": today, "position": given.get("position")},
        "record_receipt": {
            "amount": sale.owed or None, "received_on": today, "method": Method.BANK_TRANSFER.value,
            "payer": sale.customer,
        },
        "reverse_receipt": {"receipt": given.get("receipt")},
        "record_cost": {"occurred_on": today, "line": given.get("line")},
    }  # fmt: skip
    return values.get(act, {})
