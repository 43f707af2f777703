"""What a line in the bell says, and where it leads."""

import datetime as dt

from flask import current_app, url_for
from flask_babel import lazy_gettext as _

from webapp.extensions import db
from webapp.i18n import current_language, day
from webapp.processes import current_diagrams
from workflows.notices.model import Notice

SENTENCES = {
    "task_opened": _("%(step)s: %(title)s waits for you."),
    "task_reminded": _("%(step)s: %(title)s is still waiting for you."),
    "task_escalated": _("%(step)s: %(title)s lies too long on the desk of someone who reports to you."),
    "case_completed": _("%(title)s is completed."),
    "case_rejected": _("%(title)s was rejected."),
    "case_terminated": _("%(title)s was ended by an administrator."),
    "incident_opened": _("An incident was opened: %(title)s"),
    "advance_overdue": _("Advance %(number)s has been overdue since %(day)s."),
}


def notice_text(notice: Notice) -> str:
    """The notice as a sentence in the language of the page; an unknown kind is called by its name."""
    due = notice.params.get("return_on")
    facts = {
        "title": notice.params.get("title", ""),
        "step": _step_name(notice),
        "number": notice.params.get("number", ""),
        "day": day(dt.date.fromisoformat(due)) if due else "",
    }
    return str(SENTENCES[notice.kind]) % facts if notice.kind in SENTENCES else notice.kind


def notice_url(notice: Notice) -> str:
    """Where the notice leads: to the incident, to the task while it is about one, else to the case."""
    if notice.kind == "incident_opened":
        return url_for("incidents.detail", incident_id=notice.params["incident"])
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
