"""The pipeline as a board and as a table, and one sale on one page."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import text
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.actor import current_actor
from webapp.addresses import ident
from webapp.clock import request_now, request_today
from webapp.documents.reading import may_read_case
from webapp.engine import engine
from webapp.extensions import db
from webapp.i18n import current_language
from webapp.sales.blueprint import ID, blueprint
from webapp.sales.export import sale_rows
from webapp.sales.parts import further_parts
from webapp.spreadsheets import refuse_other_ending, table_file
from workflows.customers.scope import Sight, sight_of
from workflows.documents.files import documents_of
from workflows.engine.model import InstanceStatus
from workflows.kernel.errors import NotFound
from workflows.products.lines import product_lines
from workflows.sale.finding import LONGEST_SEARCH, MOST_EXPORTED, SORTS, STATUSES, Card, Wanted, board, sales_page
from workflows.sale.model import SaleStatus, Stage
from workflows.sale.process import acts_open_to
from workflows.sale.record import SaleRow, contracts_of, milestones_of, moves_of, quotations_of, sale_of
from workflows.sale.standing import read_sale

#: What waits for somebody in a case, with its name and desk.
_WAITING = text("""
SELECT t.id, t.element_id, t.assignee_id, t.group_role, t.opened_at, e.name, e.name_en, i.definition_id, i.status,
       i.suspended_at
  FROM process_instance i LEFT JOIN user_task t ON t.instance_id = i.id AND t.status = 'open'
  LEFT JOIN employee e ON e.id = t.assignee_id
 WHERE i.id = :instance ORDER BY t.id
""")


@blueprint.get("")
def overview() -> str:
    """The open sales by stage."""
    sight = _sight()
    wanted = _wanted(sight)
    return render_template(
        "sales/board.html", columns=board(db.session(), wanted, sight=sight), **_around(sight, wanted)
    )


@blueprint.get("/table")
def table() -> str:
    """The same as a table, closed, lost and suspended sales among them."""
    sight = _sight()
    wanted, sort = _wanted(sight), _sort()
    rows, following = sales_page(
        db.session(), wanted, sight=sight, sort=sort, after=request.args.get("after") or None
    )
    kept = _kept(wanted) | {"sort": sort}
    more = url_for("sales.table", **kept, after=following) if following else None
    return render_template("sales/table.html", rows=rows, more=more, sort=sort, **_around(sight, wanted))


@blueprint.get("/table.<kind>")
def export(kind: str) -> Response:
    """What the table shows, as a file for spreadsheets."""
    refuse_other_ending(kind)
    sight = _sight()
    rows, _following = sales_page(db.session(), _wanted(sight), sight=sight, sort=_sort(), limit=MOST_EXPORTED)
    return table_file(sale_rows(rows), f"sales-{request_today().isoformat()}.{kind}", title=gettext("Sales"))


@blueprint.get(f"/<{ID}:sale_id>")
def sale(sale_id: int) -> str:
    """One sale: where it stands, what is next, money, delivery, papers and what has happened."""
    session = db.session()
    found, sight = found_sale(sale_id)
    waiting = session.execute(_WAITING, {"instance": found.instance_id}).all()
    is_running = waiting[0].status == InstanceStatus.RUNNING and waiting[0].suspended_at is None
    diagram = engine().diagram(session, waiting[0].definition_id)
    reads_case = may_read_case(current_actor(), found.instance_id)
    return render_template(
        "sales/sale.html",
        sale=found,
        today=request_today(),
        now=request_now(),
        steps=[(row, diagram.element(row.element_id).name(current_language())) for row in waiting if row.id],
        acts=acts_open_to(read_sale(session, found.instance_id), sight, is_running=is_running),
        quotations=quotations_of(session, found.id),
        contracts=contracts_of(session, found.id, received=found.received),
        milestones=milestones_of(session, found.id),
        moves=moves_of(session, found.id),
        # Finance sees all sales, and neither contacts nor visits.
        visits=_visits(found.instance_id) if sight.sees_contacts else [],
        sees_visits=sight.sees_contacts,
        documents=documents_of(session, [found.instance_id]) if reads_case else [],
        reads_case=reads_case,
        **further_parts(session, found, request_today()),
    )


@blueprint.get(f"/case/<{ID}:instance_id>")
def of_case(instance_id: int) -> BaseResponse:
    """Lead from a case to its sale."""
    found = sale_of(db.session(), instance_id=instance_id)
    if found is None:
        raise NotFound("There is no such sale.")
    found_sale(found.id)
    return redirect(url_for("sales.sale", sale_id=found.id))


def found_sale(sale_id: int) -> tuple[SaleRow, Sight]:
    """A sale that the reader sees; any other does not exist for them."""
    session, actor = db.session(), current_actor()
    found, sight = sale_of(session, sale_id=sale_id), sight_of(session, actor)
    if found is None or not (
        sight.covers(owner_id=found.owner_id, department_id=found.department_id)
        or may_read_case(actor, found.instance_id)
    ):
        raise NotFound("There is no such sale.")
    return found, sight


def _visits(instance_id: int) -> Sequence[Any]:
    query = text(
        "SELECT v.visited_on, v.kind, v.visitors, v.content, v.result, v.problems, e.name, e.name_en FROM visit v"
        " JOIN employee e ON e.id = v.recorded_by_id WHERE v.instance_id = :instance"
        " ORDER BY v.visited_on DESC, v.id DESC LIMIT 50"
    )
    return db.session().execute(query, {"instance": instance_id}).all()


def _sight() -> Sight:
    sight = sight_of(db.session(), current_actor())
    if not sight.slices:
        abort(403)
    return sight


def _wanted(sight: Sight) -> Wanted:
    """What the address asks for; what it asks wrongly is left out."""
    asked = request.args
    part = next((each for each in sight.slices if each.value == asked.get("part")), sight.slices[0])
    status = asked.get("status", "")
    return Wanted(
        part=part,
        status=status if status in set(SaleStatus) else "",
        stage=next((stage.value for stage in Stage if str(stage.value) == asked.get("stage")), 0),
        owner=asked.get("owner", "").replace("\0", "").strip()[:64],
        product_line_id=asked.get("line", type=ident) or 0,
        search=asked.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
    )


def _sort() -> str:
    asked = request.args.get("sort", "")
    return asked if asked in SORTS else "newest"


def _kept(wanted: Wanted) -> dict[str, Any]:
    """The address that asks for the same again."""
    return {
        "part": wanted.part.value, "status": wanted.status or None, "stage": wanted.stage or None,
        "owner": wanted.owner or None, "line": wanted.product_line_id or None, "q": wanted.search or None,
    }  # fmt: skip


def _around(sight: Sight, wanted: Wanted) -> dict[str, Any]:
    return {
        "sight": sight,
        "wanted": wanted,
        "kept": {name: value for name, value in _kept(wanted).items() if value is not None},
        "lines": product_lines(db.session(), only_active=False),
        "statuses": STATUSES,
        "now": request_now(),
        "step_name": _step_names(),
        "key": uuid.uuid4().hex,
    }


def _step_names() -> Callable[[Card], str]:
    """Make what names the step that a sale waits for, in the language of the page."""
    session, language, known = db.session(), current_language(), engine()
    names: dict[tuple[int, str], str] = {}

    def name(card: Card) -> str:
        if card.task_definition_id is None or card.task_element is None:
            return ""
        step = card.task_definition_id, card.task_element
        if step not in names:
            names[step] = known.diagram(session, step[0]).element(step[1]).name(language)
        return names[step]

    return name
