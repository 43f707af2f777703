"""What states, decisions and events are called. English message ids; their Chinese stands in the translations."""

from flask import Blueprint
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

#: Status of a case -> its name and the colour of its badge.
STATUS: dict[str, tuple[LazyString, str]] = {
    "running": (_("In progress"), "blue"),
    "completed": (_("Completed"), "green"),
    "rejected": (_("Rejected"), "red"),
    "withdrawn": (_("Withdrawn"), "secondary"),
    "terminated": (_("Terminated"), "secondary"),
}

#: The word of a form -> what it says of the person, and the colour of its badge.
DECISIONS: dict[str, tuple[LazyString, str]] = {
    "approve": (_("Approved"), "green"),
    "return": (_("Returned for changes"), "orange"),
    "reject": (_("Rejected"), "red"),
    "submit": (_("Submitted"), "blue"),
    "pay": (_("Paid"), "green"),
    "paid": (_("Paid"), "green"),
}

#: Kind of a history event -> what happened (workflows.engine.history).
HAPPENINGS: dict[str, LazyString] = {
    "instance_started": _("Started the request"),
    "instance_completed": _("The request was completed"),
    "instance_rejected": _("The request was rejected"),
    "instance_withdrawn": _("Withdrew the request"),
    "instance_terminated": _("Terminated the request"),
    "case_copied": _("Sent a copy"),
    "task_urged": _("Urged"),
    "task_opened": _("Came onto the desk"),
    "task_completed": _("Did the step"),
    "task_cancelled": _("The step was dropped"),
    "task_claimed": _("Claimed the task"),
    "task_released": _("Put the task back for the group"),
    "task_reassigned": _("Reassigned the task"),
    "task_reminded": _("A reminder was sent"),
    "task_escalated": _("The superior was told that it is late"),
    "timer_fired": _("The time had come"),
    "message_received": _("A message arrived"),
    "incident_opened": _("An incident was opened"),
    "incident_closed": _("An incident was closed"),
}


def status_name(status: str) -> LazyString | str:
    """What a status is called."""
    return STATUS[status][0] if status in STATUS else status


def status_colour(status: str) -> str:
    """The colour of a status's badge."""
    return STATUS[status][1] if status in STATUS else "secondary"


def decision_name(decision: str | None) -> LazyString | str:
    """What a decision is called."""
    return DECISIONS[decision][0] if decision in DECISIONS else _("Done")


def decision_colour(decision: str | None) -> str:
    """The colour of a decision's badge."""
    return DECISIONS[decision][1] if decision in DECISIONS else "green"


def happening(kind: str) -> LazyString | str:
    """What an event is called."""
    return HAPPENINGS.get(kind, kind)


def init_words(blueprint: Blueprint) -> None:
    """Give every template the words."""
    for word in (status_name, status_colour, decision_name, decision_colour, happening):
        blueprint.add_app_template_filter(word)
