"""The list of customers."""

from flask import render_template, request, url_for

from webapp.access import may_open
from webapp.accounts.actor import current_actor
from webapp.addresses import ident, said_here
from webapp.clock import request_today
from webapp.customers.asked import FILTERS, wanted_here
from webapp.customers.blueprint import blueprint
from webapp.customers.sealing import seals
from webapp.extensions import db
from workflows.customers.finding import customers_page
from workflows.customers.scope import LEADING_ROLES, Sight, Slice, sight_of
from workflows.people.model import Role

_FOR_OTHERS = LEADING_ROLES | {Role.SALES_ASSISTANT.value}


@blueprint.get("")
def overview() -> str:
    """The customers that the reader sees, by name, sound, initials or number, and narrowed by what they are."""
    session = db.session()
    sight = sight_of(session, current_actor())
    wanted = wanted_here(_usual(sight))
    rows, following = customers_page(
        session, wanted, sight=sight, seals=seals(), after=request.args.get("after", type=ident)
    )
    kept = said_here(*FILTERS) | {"part": wanted.part.value}
    more = url_for("customers.overview", **kept, after=following) if following else None
    return render_template(
        "customers/overview.html", rows=rows, more=more, wanted=wanted, kept=kept, sight=sight, today=request_today(),
        may_add=may_open("customers.add"), is_narrowed=bool(kept.keys() - {"part"}),
    )  # fmt: skip


def _usual(sight: Sight) -> Slice:
    """What the list begins with: one's own customers, or those of the department for who works for others."""
    if sight.is_finance:
        return Slice.ALL
    return Slice.MINE if current_actor().roles.isdisjoint(_FOR_OTHERS) else Slice.DEPARTMENT
