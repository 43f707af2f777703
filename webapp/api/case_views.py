"""A case as a whole: start it, look at it, call it back."""

from flask import Response, url_for

from forms.base import ProcessForm
from forms.fields import TextField
from webapp.accounts.actor import current_actor
from webapp.api.asked import asked_in
from webapp.api.blueprint import ID, blueprint
from webapp.api.bodies import answer_of, read_json, sent_by_program, submission
from webapp.api.queries import history_of, open_tasks, readable_instance
from webapp.api.shapes import answer, history_items, instance_item, result_of
from webapp.clock import request_now, request_today
from webapp.engine import change, engine
from webapp.extensions import db
from webapp.incidents.recording import take_step


class Withdrawal(ProcessForm):
    """Why a case is called back, if its starter wants to say."""

    reason = TextField(longest=500, lines=True)


@blueprint.post("/processes/<key>/instances")
def start_instance(key: str) -> Response:
    """Start a case."""
    result = take_step(sent_by_program(process_key=key), actor=current_actor())
    started = answer(result_of(result), 201)
    started.headers["Location"] = url_for("api.instance", instance_id=result.instance_id)
    return started


@blueprint.get(f"/instances/<{ID}:instance_id>")
def instance(instance_id: int) -> Response:
    """One case and what it waits for."""
    session = db.session()
    row = readable_instance(session, current_actor(), instance_id)
    request_data = asked_in(session, row.process_key, row.id, today=request_today())
    return answer({**instance_item(row, open_tasks(session, row.id)), "request": request_data})


@blueprint.get(f"/instances/<{ID}:instance_id>/history")
def instance_history(instance_id: int) -> Response:
    """All that happened in a case, the oldest first."""
    row = readable_instance(db.session(), current_actor(), instance_id)
    events = history_items(row.definition_id, history_of(db.session(), instance_id))
    return answer({"items": events, "next": None})


@blueprint.post(f"/instances/<{ID}:instance_id>/acts/<act>")
def act_on_instance(instance_id: int, act: str) -> Response:
    """Do something to a case besides answering its tasks."""
    sent = sent_by_program(instance_id=instance_id, act=act)
    return answer(result_of(take_step(sent, actor=current_actor())))


@blueprint.post(f"/instances/<{ID}:instance_id>/withdraw")
def withdraw_instance(instance_id: int) -> Response:
    """Call my own case back."""
    reason = answer_of(Withdrawal, read_json())["reason"]
    submitted, actor = submission(), current_actor()
    with change() as session:
        result = engine().withdraw(
            session, instance_id, submitted=submitted, reason=reason or "", actor=actor, now=request_now()
        )
    return answer(result_of(result))
