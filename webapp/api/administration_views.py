"""For administrators: suspend cases, let them go on, take them back, end them; move tasks and a leaver's work."""

from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from forms.administration import JumpForm, ReasonForm, ReassignForm, SuccessionForm
from forms.base import ProcessForm
from webapp.accounts.actor import current_actor
from webapp.administration.cases import step_name
from webapp.administration.succession import hand_all_over
from webapp.api.blueprint import ID, blueprint
from webapp.api.bodies import answer_of, read_json, submission
from webapp.api.shapes import answer, instant, result_of
from webapp.clock import request_now, request_today
from webapp.engine import change, engine
from webapp.errors import told
from webapp.extensions import db
from webapp.i18n import localized
from workflows.engine import interventions
from workflows.engine.leaving import Work, foreseen, work_of
from workflows.kernel.errors import Invalid, NotFound
from workflows.people.directory import employee_with_login, names_of
from workflows.people.model import Employee
from workflows.people.naming import people_named
from workflows.people.succession import Dependants, dependants_of


@blueprint.post(f"/instances/<{ID}:instance_id>/suspend")
def suspend_instance(instance_id: int) -> Response:
    """Keep a case from moving."""
    return _acted(interventions.suspend, instance_id, reason=_sent(ReasonForm)["reason"])


@blueprint.post(f"/instances/<{ID}:instance_id>/resume")
def resume_instance(instance_id: int) -> Response:
    """Let a suspended case go on."""
    return _acted(interventions.resume, instance_id, reason=_sent(ReasonForm)["reason"])


@blueprint.post(f"/instances/<{ID}:instance_id>/jump")
def jump_instance(instance_id: int) -> Response:
    """Take a case back to a step that it has passed."""
    sent = _sent(JumpForm)
    return _acted(interventions.jump, instance_id, sent["element"], reason=sent["reason"])


@blueprint.post(f"/instances/<{ID}:instance_id>/terminate")
def terminate_instance(instance_id: int) -> Response:
    """End a case for good."""
    return _acted(interventions.terminate, instance_id, reason=_sent(ReasonForm)["reason"])


@blueprint.post(f"/tasks/<{ID}:task_id>/reassign")
def reassign_task(task_id: int) -> Response:
    """Put a task on somebody's desk."""
    sent = _sent(ReassignForm)
    to_id = _one_named(db.session(), sent["to"])
    return _acted(interventions.reassign, task_id, to_id, reason=sent["reason"])


@blueprint.get("/people/<login>/work")
def work(login: str) -> Response:
    """What lies on somebody's desk and what else depends on them; with ``to``, where all of it would go."""
    session, to = db.session(), _asked_successor()
    person = _person(session, login)
    if to is None:
        found = work_of(session, person.id)
    else:
        found = foreseen(engine(), session, person.id, to, actor=current_actor(), now=request_now())
    depends = dependants_of(session, person.id, to, today=request_today())
    return answer({"person": _named(person), "tasks": _tasks(session, found), **_depends(depends)})


@blueprint.post("/people/<login>/work")
def hand_work_over(login: str) -> Response:
    """Hand it over in one act. A repetition finds nothing left."""
    sent = _sent(SuccessionForm)
    with change() as session:
        moved = hand_all_over(
            session,
            _person(session, login).id,
            _one_named(session, sent["to"]),
            department_ids=sent["departments"],
            report_ids=sent["reports"],
            reason=sent["reason"],
        )
    return answer(
        {
            "taken": moved.work.taken,
            "elsewhere": moved.work.elsewhere,
            "departments": moved.work.departments,
            "reports": moved.work.reports,
            "customers": moved.customers,
            "registrations": moved.registrations,
        }
    )


def _acted(act: Any, ident: int, *more: Any, reason: str) -> Response:
    submitted, actor, now = submission(), current_actor(), request_now()
    with change() as session:
        result = act(engine(), session, ident, *more, reason=reason, submitted=submitted, actor=actor, now=now)
    return answer(result_of(result))


def _sent(form: type[ProcessForm]) -> Any:
    return answer_of(form, read_json())


def _asked_successor() -> int | None:
    typed = request.args.get("to", "").replace("\0", "")
    return _one_named(db.session(), typed[:64]) if typed else None


def _one_named(session: Session, typed: str) -> int:
    found = people_named(session, [typed], field="to")
    if len(found) != 1:
        raise Invalid.at("to", "Please name one person.")
    return found[0]


def _person(session: Session, login: str) -> Employee:
    person = employee_with_login(session, login.replace("\0", ""))
    if person is None:
        raise NotFound("There is no such person.")
    return person


def _named(person: Any) -> dict[str, Any]:
    return {"id": person.id, "name": person.name}


def _tasks(session: Session, found: list[Work]) -> list[dict[str, Any]]:
    ids = [each.instead.assignee_id for each in found if each.instead and each.instead.assignee_id]
    names = names_of(session, ids)
    return [
        {
            "id": each.task_id,
            "instance_id": each.instance_id,
            "process": each.process_key,
            "element": each.element_id,
            "name": step_name(engine().diagram(session, each.definition_id), each.element_id),
            "title": each.title,
            "status": each.status,
            "opened_at": instant(each.opened_at),
            "due_at": instant(each.due_at),
            "hindrance": told(each.hindrance.message, each.hindrance.params) if each.hindrance else None,
            "instead": _instead(each, names),
        }
        for each in found
    ]


def _instead(each: Work, names: dict[int, str]) -> dict[str, Any] | None:
    if each.instead is None:
        return None
    ident = each.instead.assignee_id
    return {
        "person": {"id": ident, "name": names[ident]} if ident is not None else None,
        "group_role": each.instead.group_role,
    }


def _depends(depends: Dependants) -> dict[str, Any]:
    return {
        "departments": [{"id": each.id, "name": localized(each.name, each.name_en)} for each in depends.departments],
        "reports": [
            {
                "id": each.id,
                "name": each.name,
                "hindrance": told(each.hindrance.message, each.hindrance.params) if each.hindrance else None,
            }
            for each in depends.reports
        ],
        "stands_in": [{"person": _named(each.delegator), "until": each.last_on.isoformat()} for each in depends.taken],
        "represented_by": [
            {"person": _named(each.delegate), "until": each.last_on.isoformat()} for each in depends.given
        ],
    }
