"""What a request asks of the figures: the filters in its address, read for one reader."""

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms.figures import FiguresForm
from webapp.clock import request_today
from webapp.errors import told
from webapp.i18n import current_language, localized
from webapp.processes import process_names
from workflows.engine.figures import refuse_question, visible_departments
from workflows.engine.process import Actor
from workflows.engine.waiting import Question
from workflows.kernel.errors import Invalid
from workflows.people.directory import department_tree


def form_here(session: Session, actor: Actor) -> FiguresForm:
    """The filters of this request, offering what the reader may see.

    :raises NotAllowed: there are no figures for this person
    """
    visible = visible_departments(session, actor)
    departments = [
        (node.id, "\u2003" * node.depth + localized(node.name, node.name_en))
        for node in department_tree(session)
        if node.id in visible
    ]
    return FiguresForm(request.args, processes=process_names(session, current_language()), departments=departments)


def question_of(session: Session, actor: Actor, form: FiguresForm) -> Question:
    """What the filters ask.

    :raises Invalid: at the filter
    """
    question = form.question(request_today())
    refuse_question(session, actor, question)
    return question


def question_or_errors(session: Session, actor: Actor, form: FiguresForm) -> Question | None:
    """What the filters ask; None with the messages at the filters where they do not fit."""
    try:
        return question_of(session, actor, form)
    except Invalid as refusal:
        form.show({name: [told(*each) for each in messages] for name, messages in refusal.fields.items()})
        return None


def described(form: FiguresForm) -> str:
    """What the figures are about, in one line."""
    process, department = (
        next(str(choice.label) for choice in field.choices if choice.value == (field.data or ""))
        for field in (form.process_key, form.department)
    )
    return _(
        "%(first)s to %(last)s · %(process)s · %(department)s",
        first=form.first_on.data, last=form.last_on.data, process=process, department=department.strip(),
    )  # fmt: skip
