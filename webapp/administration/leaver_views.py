"""Leavers: who leaves and who takes over, what would go where, and then all of it in one act."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from forms.administration import SuccessionForm
from webapp.accounts.actor import current_actor
from webapp.administration.blueprint import blueprint
from webapp.administration.cases import person_named, step_name
from webapp.administration.succession import Succession, hand_all_over
from webapp.clock import request_now, request_today
from webapp.engine import change, engine
from webapp.errors import status_of, told
from webapp.extensions import db
from webapp.i18n import current_language
from workflows.customers.handing_over import holdings_of
from workflows.engine.leaving import Work, foreseen, refuse_pair, work_of
from workflows.engine.overview import CaseFilter, State, cases_page
from workflows.kernel.errors import Invalid, NotFound, Refusal
from workflows.people.directory import names_of
from workflows.people.model import Employee
from workflows.people.naming import people_named
from workflows.people.succession import dependants_of

#: How many tasks and cases the preview writes out; the rest is counted.
SHOWN_TASKS, SHOWN_CASES = 200, 5


@blueprint.get("/leavers")
def leavers() -> str | tuple[str, int]:
    """Choose the leaver and the successor, and see what would go where."""
    said = {name: " ".join(request.args.get(name, "").replace("\0", "").split())[:64] for name in ("person", "to")}
    form = SuccessionForm(data={"to": said["to"]})
    try:
        person_id = person_named(db.session(), said["person"], "person") if said["person"] else None
        to_id = people_named(db.session(), [said["to"]], field="to")[0] if said["to"] and person_id else None
        if person_id and to_id:
            refuse_pair(db.session(), person_id, to_id)
    except Invalid as refusal:
        return _chooser(said, {field: told(*texts[0]) for field, texts in refusal.fields.items()}), 422
    if person_id is None:
        return _chooser(said, {})
    return _preview(person_id, to_id, form)


@blueprint.post("/leavers/<int:person_id>")
def move_work(person_id: int) -> Response | tuple[str, int]:
    """Hand everything over."""
    form = SuccessionForm(request.form)
    to_id = None
    try:
        if not form.validate():
            raise form.refusal()
        [to_id] = people_named(db.session(), [form.to.data], field="to")
        with change() as session:
            moved = _hand_over(session, person_id, to_id, form)
    except NotFound:
        raise
    except Refusal as refusal:
        if isinstance(refusal, Invalid) and not form.errors:
            form.show(refusal, told)
        elif not isinstance(refusal, Invalid):
            form.form_errors = [told(refusal.message, refusal.params)]
        return _preview(person_id, to_id, form), status_of(refusal)
    _tell(moved)
    return redirect(url_for("administration.leavers", person=_found(person_id).login), 303)


def _hand_over(session: Session, person_id: int, to_id: int, form: SuccessionForm) -> Succession:
    return hand_all_over(
        session,
        _found(person_id).id,
        to_id,
        department_ids=form.departments.data,
        report_ids=form.reports.data,
        reason=form.reason.data,
    )


def _tell(succession: Succession) -> None:
    moved, customers = succession.work, succession.customers
    parts = [
        ngettext("%(num)s task moved to the successor.", "%(num)s tasks moved to the successor.", moved.taken),
        ngettext("%(num)s went where the rule says.", "%(num)s went where the rule says.", moved.elsewhere)
        if moved.elsewhere
        else "",
        ngettext("%(num)s department has a new manager.", "%(num)s departments have a new manager.", moved.departments)
        if moved.departments
        else "",
        ngettext("%(num)s person has a new superior.", "%(num)s people have a new superior.", moved.reports)
        if moved.reports
        else "",
        ngettext("%(num)s customer changed hands.", "%(num)s customers changed hands.", customers) if customers else "",
    ]
    flash(" ".join(part for part in parts if part), "success")


def _chooser(said: dict[str, str], problems: dict[str, str]) -> str:
    return render_template("administration/leavers.html", said=said, problems=problems)


def _preview(person_id: int, to_id: int | None, form: SuccessionForm) -> str:
    session, now = db.session(), request_now()
    person = _found(person_id)
    successor = session.get(Employee, to_id) if to_id else None
    work, depends = work_of(session, person_id), dependants_of(session, person_id, today=request_today())
    if successor is not None and not form.to.errors:
        try:
            work = foreseen(engine(), session, person_id, successor.id, actor=current_actor(), now=now)
            depends = dependants_of(session, person_id, successor.id, today=request_today())
        except Invalid as refusal:
            form.show(refusal, told)
    started, _ = cases_page(
        session,
        CaseFilter(starter_id=person_id, state=State.RUNNING),
        now=now,
        process_keys=list(engine().processes),
        limit=SHOWN_CASES,
    )
    return render_template(
        "administration/leaver.html",
        person=person,
        successor=successor,
        form=form,
        work=work[:SHOWN_TASKS],
        not_shown=max(0, len(work) - SHOWN_TASKS),
        depends=depends,
        holdings=holdings_of(session, person_id),
        started=started,
        step=_step,
        told=told,
        names=_names(session, work),
        is_repeated=request.method == "POST",
    )


def _names(session: Session, work: list[Work]) -> dict[int, str]:
    ids = [each.instead.assignee_id for each in work if each.instead and each.instead.assignee_id]
    return names_of(session, ids, in_english=current_language() == "en")


def _step(work: Work) -> str:
    return step_name(engine().diagram(db.session(), work.definition_id), work.element_id)


def _found(person_id: int) -> Employee:
    person = db.session.get(Employee, person_id)
    if person is None:
        raise NotFound("There is no such person.")
    return person
