"""For those who lead: customers that change hands, and the rules of follow-ups and registrations with their history."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from forms.customer_tables import HandOverCustomersForm, RuleForm
from webapp.access import may_open
from webapp.accounts.actor import current_actor
from webapp.clock import request_now
from webapp.engine import change, engine, saved
from webapp.errors import told
from webapp.extensions import db
from webapp.i18n import current_language
from workflows.customers import rules
from workflows.customers.handing_over import MOST, hand_over
from workflows.customers.model import Customer
from workflows.customers.scope import sight_of
from workflows.kernel.errors import Invalid, NotFound
from workflows.people.directory import names_of
from workflows.people.model import Employee
from workflows.people.naming import people_named

blueprint = Blueprint("customer_rules", __name__, url_prefix="/customers")

RULE_NAMES = {
    "follow_up_a": lazy_gettext("Follow up a customer of grade A every"),
    "follow_up_b": lazy_gettext("Follow up a customer of grade B every"),
    "follow_up_c": lazy_gettext("Follow up a customer of grade C every"),
    "follow_up_d": lazy_gettext("Follow up a customer of grade D every"),
    "registration_days": lazy_gettext("A registration lapses without contact after"),
    "registration_warning": lazy_gettext("Its owner is warned before that"),
    "due_reminder_before": lazy_gettext("Remind of an instalment before it is due"),
    "due_reminder_after": lazy_gettext("Remind of an overdue instalment every"),
}


@blueprint.get("/rules")
def overview() -> str:
    """Every rule in force, and who changed which when and why."""
    return _rules(None, "")


@blueprint.post("/rules/<key>")
def change_rule(key: str) -> Response | tuple[str, int]:
    """Put another number in force."""
    if key not in RULE_NAMES:
        raise NotFound("There is no such rule.")
    form = RuleForm(request.form)

    def action(session: Any) -> None:
        try:
            rules.change_rule(
                session, key, form.value.data, reason=form.reason.data, actor_id=current_actor().id, now=request_now()
            )
        except Invalid as refusal:
            raise Invalid({("value" if name == key else name): said for name, said in refusal.fields.items()}) from None

    if form.validate() and saved(form, action):
        flash(_("The rule is changed. What was counted by the old one stays as it was."), "success")
        return redirect(url_for("customer_rules.overview"), 303)
    return _rules(form, key), 422


def _rules(form: RuleForm | None, key: str) -> str:
    trail = rules.changes(db.session())
    people = names_of(db.session(), {each.changed_by_id for each in trail}, in_english=current_language() == "en")
    return render_template(
        "customers/rules.html", names=RULE_NAMES, values=rules.rules(db.session()), bounds=rules.DEFAULTS, trail=trail,
        people=people, form=form, wrong=key, may_change=may_open("customer_rules.change_rule"),
    )  # fmt: skip


@blueprint.get("/hand-over")
def choose() -> str:
    """Choose customers of one's departments, by their owner, and who gets them."""
    return _chooser(HandOverCustomersForm())


@blueprint.post("/hand-over")
def hand_over_chosen() -> Response | tuple[str, int]:
    """Give the chosen customers to another salesperson."""
    form = HandOverCustomersForm(request.form)
    try:
        if not form.validate():
            raise form.refusal()
        named = people_named(db.session(), [form.to.data], field="to")
        if len(named) != 1:
            raise Invalid.at("to", "Name one person.")
        with change() as session:
            many = hand_over(
                session, engine().defer, form.customers.data or [], named[0], reason=form.reason.data,
                actor=current_actor(), now=request_now(),
            )  # fmt: skip
    except Invalid as refusal:
        if not form.errors:
            form.show(refusal, told)
        return _chooser(form), 422
    flash(ngettext("%(num)s customer changed hands.", "%(num)s customers changed hands.", many), "success")
    return redirect(url_for("customer_rules.choose", owner=request.form.get("owner", "")), 303)


def _chooser(form: HandOverCustomersForm) -> str:
    session = db.session()
    sight = sight_of(session, current_actor())
    owner = " ".join(request.values.get("owner", "").replace("\0", "").split())[:64]
    led = Customer.department_id.in_(sight.led)
    owners = session.execute(
        select(Employee.login, Employee.name, Employee.name_en)
        .where(Employee.id.in_(select(Customer.owner_id).where(led)))
        .order_by(Employee.login)
    ).all()
    query = (
        select(Customer.id, Customer.name, Customer.grade, Customer.industry)
        .join(Employee, Employee.id == Customer.owner_id)
        .where(led, Employee.login == owner)
        .order_by(Customer.name, Customer.id)
        .limit(MOST)
    )
    rows = session.execute(query).all() if owner else []
    return render_template("customers/hand_over.html", form=form, owners=owners, owner=owner, rows=rows, most=MOST)
