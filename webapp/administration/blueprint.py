"""The blueprint of the administrators' pages on cases and leavers."""

import hashlib
import uuid

from flask import Blueprint, request

from webapp.extensions import db
from webapp.tasks.sent import page_key
from workflows.engine.interventions import suspension_of
from workflows.engine.submissions import Submitted
from workflows.people.trail import changes_of

blueprint = Blueprint("administration", __name__, url_prefix="/administration")
#: For the parts that tell every reader of a case why it stands still.
blueprint.add_app_template_global(lambda instance_id: suspension_of(db.session(), instance_id), "suspension_of")
#: For the page of a person.
blueprint.add_app_template_global(lambda employee_id: changes_of(db.session(), employee_id), "changes_of")


@blueprint.app_template_global()
def fresh_key() -> str:
    """A new idempotency key; each of several forms on one page has its own."""
    return uuid.uuid4().hex


def submitted_here() -> Submitted:
    """How this page's submission is named in the idempotency ledger, without what differs when it is sent again."""
    pairs = sorted(pair for pair in request.form.items(multi=True) if pair[0] not in ("csrf_token", "idempotency_key"))
    said = repr((request.path, pairs)).encode("utf-8", "surrogatepass")
    return Submitted(page_key(), hashlib.sha256(said).digest())
