"""The page of one case, its diagram, and calling it back."""

import hashlib
import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.actor import current_actor
from webapp.clock import request_now
from webapp.conversation.talk import note_opened
from webapp.engine import change, engine
from webapp.errors import status_of, told
from webapp.extensions import db
from webapp.headers import allow_style_attributes
from webapp.i18n import current_language
from webapp.instances.case import Case, case_of_instance, history_of
from webapp.instances.way import awaited_event, passed, way_ahead
from webapp.tasks.packages import business_url
from webapp.tasks.sent import page_key
from workflows.documents.files import documents_of
from workflows.engine.access import may_read
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.submissions import Submitted
from workflows.kernel.errors import Invalid, NotFound, Refusal

blueprint = Blueprint("instances", __name__, url_prefix="/instances")
_LONGEST_REASON = 500


@blueprint.get("/<int:instance_id>")
def instance(instance_id: int) -> str:
    """Show a case to whoever may read it."""
    return _page(instance_id)


@blueprint.get("/<int:instance_id>/diagram.xml")
def diagram(instance_id: int) -> Response:
    """The drawing of the version that the case stands on, named in the language of the page."""
    _case, shown = _readable(instance_id)
    answer = Response(shown.xml_for(current_language()), content_type="application/xml; charset=utf-8")
    answer.set_etag(f"{shown.digest[:32]}-{current_language()}")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request.environ)
    return answer


@blueprint.post("/<int:instance_id>/withdraw")
def withdraw(instance_id: int) -> Response | tuple[str, int]:
    """Call one's own case back, with a reason."""
    reason = " ".join(request.form.get("reason", "").replace("\0", "").split())[:_LONGEST_REASON]
    try:
        if not reason:
            raise Invalid.at("reason", "Please give a reason.")
        with change() as session:
            result = engine().withdraw(
                session,
                instance_id,
                submitted=_submitted(reason),
                reason=reason,
                actor=current_actor(),
                now=request_now(),
            )
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(instance_id, problem=told(refusal.message, refusal.params), reason=reason), status_of(refusal)
    flash(_("%(title)s was withdrawn.", title=result.title), "success")
    return redirect(url_for("instances.instance", instance_id=instance_id), 303)


def _submitted(reason: str) -> Submitted:
    said = f"{request.path}\n{reason}".encode("utf-8", "surrogatepass")
    return Submitted(page_key(), hashlib.sha256(said).digest())


def _readable(instance_id: int) -> tuple[Case, Diagram]:
    """The case and its diagram; for whom may not read it there is no such case."""
    session = db.session()
    case = case_of_instance(session, instance_id)
    shown = engine().diagram(session, case.definition_id)
    if not may_read(session, current_actor(), instance_id, frozenset(shown.readers)):
        raise NotFound("There is no such case or task.")
    return case, shown


def _page(instance_id: int, *, problem: str = "", reason: str = "") -> str:
    """The page; ``problem`` and ``reason`` come back from a refused withdrawal."""
    case, shown = _readable(instance_id)
    note_opened(case, None)
    session = db.session()
    allow_style_attributes()
    return render_template(
        "instances/instance.html",
        case=case,
        diagram=shown,
        process_name=shown.name(current_language()),
        ahead=way_ahead(session, shown, case),
        awaited=awaited_event(shown, case),
        passed=passed(shown, case),
        history=history_of(session, case.id),
        documents=documents_of(session, [case.id]),
        business_url=business_url(session, case),
        can_withdraw=bool(problem) or engine().may_withdraw(session, case, actor=current_actor(), now=request_now()),
        idempotency_key=uuid.uuid4().hex,
        now=request_now(),
        problem=problem,
        reason=reason,
    )
