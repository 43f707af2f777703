"""Customers for programs: the list of those that one sees, one of them with masked contacts, and visits."""

from typing import Any

from flask import Response, request

from forms.customers import VisitForm
from webapp.accounts.actor import current_actor
from webapp.addresses import ident
from webapp.api.blueprint import ID, blueprint
from webapp.api.bodies import answer_of, limit_of_list, read_json
from webapp.api.shapes import answer
from webapp.clock import request_now
from webapp.customers.asked import wanted_here
from webapp.customers.sealing import seals
from webapp.engine import change
from webapp.extensions import db
from webapp.i18n import localized
from workflows.customers import visits
from workflows.customers.contacts import contacts_of
from workflows.customers.finding import customers_page
from workflows.customers.model import Grade, Standing
from workflows.customers.record import owner_names
from workflows.customers.rights import seen
from workflows.customers.scope import Slice, sight_of
from workflows.kernel.errors import Invalid

_OPTIONS = {"grade": Grade, "standing": Standing, "part": Slice}
_TEXTS = ("source", "website", "address", "business", "needs", "budget", "schedule")


@blueprint.get("/customers")
def customers() -> Response:
    """The customers that one sees, narrowed as asked, the newest first."""
    for name, offered in _OPTIONS.items():
        said = request.args.get(name)
        if said and said not in set(offered):
            raise Invalid.at(name, "Choose one of the options.")
    session = db.session()
    sight = sight_of(session, current_actor())
    rows, following = customers_page(
        session, wanted_here(), sight=sight, seals=seals(), after=_after(), limit=limit_of_list()
    )
    items = [
        {
            **_facts(row), "owner": _named(row.owner_id, row.owner, row.owner_en),
            "contact": row.contact if sight.sees_contacts else None,
            "phone": row.phone if sight.sees_contacts else None,
        }
        for row in rows
    ]  # fmt: skip
    return answer({"items": items, "next": str(following) if following else None})


@blueprint.get(f"/customers/<{ID}:customer_id>")
def customer(customer_id: int) -> Response:
    """One customer; its people are masked, and finance does not see them."""
    session = db.session()
    found = seen(session, current_actor(), customer_id)
    row, sells = found.customer, found.sight.sees_contacts
    names = owner_names(session, row.owner_id, row.department_id)
    return answer({
        **_facts(row), "owner": _named(row.owner_id, names[0], names[1]),
        **{name: getattr(row, name) for name in _TEXTS},
        "contacts": [_contact(each) for each in contacts_of(session, customer_id)] if sells else [],
        "visits": [_visit(each) for each in visits.visits_of(session, customer_id)[0]] if sells else [],
    })  # fmt: skip


@blueprint.post(f"/customers/<{ID}:customer_id>/visits")
def record_visit(customer_id: int) -> Response:
    """Write a visit down."""
    seen(db.session(), current_actor(), customer_id)
    said = answer_of(VisitForm, read_json())
    with change() as session:
        new = visits.record_visit(
            session, customer_id=customer_id, instance_id=said["instance_id"], kind=said["kind"],
            visited_on=said["visited_on"], visitors=said["visitors"], content=said["content"], result=said["result"],
            problems=said["problems"] or "", documents=said["documents"] or [], actor=current_actor(),
            now=request_now(),
        )  # fmt: skip
    return answer({"id": new}, 201)


def _after() -> int | None:
    said = request.args.get("after")
    try:
        return ident(said) if said else None
    except ValueError:
        raise Invalid.at("after", "This is not the place where a page ended.") from None


def _facts(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "industry": row.industry, "grade": row.grade, "standing": row.standing,
        "last_contact_on": row.last_contact_on.isoformat() if row.last_contact_on else None,
        "follow_up_on": row.follow_up_on.isoformat(), "is_archived": row.archived_at is not None,
    }  # fmt: skip


def _named(ident: int, name: str, name_en: str) -> dict[str, Any]:
    return {"id": ident, "name": localized(name, name_en)}


def _contact(one: Any) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.masked_name, "phone": one.masked_phone, "position": one.position,
        "department": one.department, "kind": one.kind, "reports_to_id": one.reports_to_id, "is_main": one.is_main,
    }  # fmt: skip


def _visit(one: visits.VisitRow) -> dict[str, Any]:
    return {
        "id": one.id, "kind": one.kind, "visited_on": one.visited_on.isoformat(), "visitors": one.visitors,
        "content": one.content, "result": one.result, "problems": one.problems, "instance_id": one.instance_id,
        "recorded_by": _named(one.recorded_by_id, one.recorded_by, one.recorded_by_en),
    }  # fmt: skip
