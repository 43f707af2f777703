"""Sales for programs: the list of those that one sees, and one of them with all of its papers."""

from collections.abc import Collection

from flask import Response, request

from webapp.accounts.actor import current_actor
from webapp.addresses import ident
from webapp.api.blueprint import ID, blueprint
from webapp.api.bodies import limit_of_list
from webapp.api.sale_shapes import (
    contract_item,
    entry_item,
    milestone_item,
    move_item,
    order_line_item,
    quotation_item,
    sale_card,
    sale_item,
)
from webapp.api.shapes import answer
from webapp.extensions import db
from webapp.sales.views import found_sale
from workflows.customers.scope import Slice, sight_of
from workflows.engine.model import InstanceStatus, ProcessInstance
from workflows.kernel.errors import Invalid
from workflows.sale.finding import LONGEST_SEARCH, SORTS, Wanted, sales_page
from workflows.sale.ledger import lines_of
from workflows.sale.model import SaleStatus, Stage
from workflows.sale.money import entries_of
from workflows.sale.process import acts_open_to
from workflows.sale.record import contracts_of, milestones_of, moves_of, quotations_of
from workflows.sale.standing import read_sale

_LONGEST_LOGIN = 64


@blueprint.get("/sales")
def sales() -> Response:
    """The sales that one sees, narrowed and sorted as asked."""
    session = db.session()
    sort = _one_of(SORTS, "sort", "newest")
    rows, further = sales_page(
        session, _wanted(), sight=sight_of(session, current_actor()), sort=sort,
        after=request.args.get("after") or None, limit=limit_of_list(),
    )  # fmt: skip
    return answer({"items": [sale_card(row) for row in rows], "next": further})


@blueprint.get(f"/sales/<{ID}:sale_id>")
def sale(sale_id: int) -> Response:
    """One sale, with the acts that are open to who asks."""
    session = db.session()
    row, sight = found_sale(sale_id)
    case = session.get_one(ProcessInstance, row.instance_id)
    is_running = case.status == InstanceStatus.RUNNING and case.suspended_at is None
    return answer({
        **sale_item(row),
        "quotations": [quotation_item(each) for each in quotations_of(session, row.id)],
        "contracts": [contract_item(each) for each in contracts_of(session, row.id, received=row.received)],
        "milestones": [milestone_item(each) for each in milestones_of(session, row.id)],
        "order_lines": [order_line_item(each) for each in lines_of(session, row.id)],
        "entries": [entry_item(each) for each in entries_of(session, row.id)],
        "moves": [move_item(each) for each in moves_of(session, row.id)],
        "acts": acts_open_to(read_sale(session, row.instance_id), sight, is_running=is_running),
    })  # fmt: skip


def _wanted() -> Wanted:
    """What the address asks for; raises ``Invalid`` at what it asks wrongly."""
    asked = request.args
    stage = asked.get("stage", "")
    if stage and stage not in {str(each.value) for each in Stage}:
        raise Invalid.at("stage", "Choose one of the options.")
    return Wanted(
        part=Slice(_one_of([each.value for each in Slice], "part", Slice.ALL.value)),
        status=_one_of([each.value for each in SaleStatus], "status", ""),
        stage=int(stage or 0),
        owner=asked.get("owner", "").replace("\0", "").strip()[:_LONGEST_LOGIN],
        product_line_id=_line(asked.get("line")),
        search=asked.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
    )


def _one_of(options: Collection[str], name: str, usual: str) -> str:
    said = request.args.get(name) or usual
    if said and said not in options:
        raise Invalid.at(name, "Choose one of the options.")
    return said


def _line(said: str | None) -> int:
    if not said:
        return 0
    try:
        return ident(said)
    except ValueError:
        raise Invalid.at("line", "This must be a whole number.") from None
