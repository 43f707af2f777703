"""The two pages of a batch: what was chosen with its sum, and what became of each."""

import uuid
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from webapp.accounts.actor import current_actor
from webapp.errors import status_of, told
from webapp.extensions import db
from webapp.tasks.batch import BatchRow, approve, company_ceiling, read_choices, rows_of
from webapp.tasks.sent import page_key
from workflows.engine.batch import ceiling_of
from workflows.kernel.errors import Refusal
from workflows.kernel.money import from_fen

blueprint = Blueprint("batch", __name__, url_prefix="/inbox/batch")

_LONGEST_OPINION = 1000


@blueprint.get("")
def confirm() -> tuple[str, int] | str:
    """Show what was chosen, what it sums up to and what has to be opened instead, and ask once more."""
    try:
        chosen = read_choices(request.args.getlist("task"))
    except Refusal as refusal:
        return _refused(refusal)
    rows = rows_of(db.session(), chosen, actor=current_actor())
    return render_template("tasks/batch_confirm.html", **_sums(rows), key=uuid.uuid4().hex, opinion="")


@blueprint.post("")
def decide() -> tuple[str, int] | str:
    """Approve each of them by itself, and say of each what became of it. Sent twice, it says the same twice."""
    try:
        chosen = read_choices(request.form.getlist("task"))
    except Refusal as refusal:
        return _refused(refusal)
    actor, opinion = current_actor(), request.form.get("opinion", "").strip()
    if len(opinion) > _LONGEST_OPINION:
        rows = rows_of(db.session(), chosen, actor=actor)
        problem = _("At most %(longest)s characters.", longest=_LONGEST_OPINION)
        page = render_template(
            "tasks/batch_confirm.html", **_sums(rows), key=page_key(), opinion=opinion, problem=problem
        )
        return page, 422
    # A key for a task is the batch's key and its number, within the width of the ledger's column.
    rows = approve(rows_of(db.session(), chosen, actor=actor), page_key()[:80], opinion, actor=actor)
    return render_template("tasks/batch_result.html", rows=rows)


def _sums(rows: list[BatchRow]) -> dict[str, Any]:
    """The rows that go through, those that don't, and the sum of the former in yuan."""
    through = [row for row in rows if row.refusal is None]
    ceiling = ceiling_of(db.session(), current_actor().id, company_fen=company_ceiling())
    return {
        "rows": through,
        "refused": [row for row in rows if row.refusal is not None],
        "total": sum((from_fen(row.amount_fen) for row in through if row.amount_fen is not None), start=Decimal(0)),
        "has_amounts": any(row.amount_fen is not None for row in through),
        "ceiling": from_fen(ceiling),
    }


def _refused(refusal: Refusal) -> tuple[str, int]:
    message = told(refusal.message, refusal.params)
    return render_template("tasks/refused.html", message=message, texts=[], task_id=None), status_of(refusal)


@blueprint.app_template_global("company_ceiling")
def company_ceiling_in_yuan() -> Decimal:
    """The ceiling of whoever has none of their own."""
    return from_fen(company_ceiling())


@blueprint.app_template_filter()
def yuan(fen: int) -> Decimal:
    """Fen as yuan, for the filter that writes money."""
    return from_fen(fen)


@blueprint.app_template_filter()
def reason(refusal: Exception) -> str:
    """Why a row was refused, in the reader's language."""
    if isinstance(refusal, Refusal):
        return told(refusal.message, refusal.params)
    return _("The step failed. Nothing was changed, and the administrators were told.")
