"""What a line in the bell says, and where it leads."""

import datetime as dt

from flask import current_app, url_for
from flask_babel import gettext as _

from webapp.extensions import db
from webapp.i18n import current_language, day
from webapp.processes import current_diagrams
from workflows.engine.model import Notice


def notice_text(notice: Notice) -> str:
    """The notice as a sentence in the language of the page."""
    title = notice.params.get("title", "")
    step = _step_name(notice)
    match notice.kind:
        case "task_opened":
            return _("%(step)s: %(title)s waits for you.", step=step, title=title)
        case "task_reminded":
            return _("%(step)s: %(title)s is still waiting for you.", step=step, title=title)
        case "task_escalated":
            return _("%(step)s: %(title)s lies too long on the desk of someone who reports to you.",
                     step=step, title=title)
        case "case_completed":
            return _("%(title)s is completed.", title=title)
        case "case_rejected":
            return _("%(title)s was rejected.", title=title)
        case "case_terminated":
            return _("%(title)s was ended by an administrator.", title=title)
        case "advance_overdue":
            due = dt.date.fromisoformat(notice.params["return_on"])
            return _("Advance %(number)s has been overdue since %(day)s.", number=notice.params["number"], day=day(due))
        case _:
            return title or notice.kind


def notice_url(notice: Notice) -> str:
    """Where the notice leads: to the task while it is about one, else to the case."""
    targets = (("tasks.task", "task_id", notice.task_id), ("instances.instance", "instance_id", notice.instance_id))
    for endpoint, name, value in targets:
        if value is not None and endpoint in current_app.view_functions:
            return url_for(endpoint, **{name: value})
    return ""


def _step_name(notice: Notice) -> str:
    element_id = notice.params.get("element", "")
    for diagram in current_diagrams(db.session()).values():
        if diagram.has_element(element_id):
            return diagram.element(element_id).name(current_language())
    return element_id
