"""What states, decisions and events are called. English message ids; their Chinese stands in the translations."""

from flask import Blueprint
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from webapp.instances.standing import step_of, steps_now
from webapp.instances.trail import reason_of, sentence, trail_of

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
    "advise": (_("Opinion"), "azure"),
    "skip": (_("Skipped"), "secondary"),
}

#: Why the clock or a policy of the diagram acted in place of a person; it stands where opinions do.
REASONS: dict[str, LazyString] = {
    "starter": _("The starter would have decided on their own request."),
    "same_person": _("The same person has just decided the step before."),
    "overdue": _("The deadline passed, and the step decided by itself."),
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
    "task_handed_over": _("Handed the task over"),
    "task_skipped": _("The step was skipped"),
    "signer_added": _("Asked somebody to sign as well"),
    "signer_removed": _("Asks somebody no more"),
    "signer_left_out": _("A signer was left out"),
    "opinion_asked": _("Asked for an opinion"),
    "sent_back": _("Sent the case back"),
    "taken_back": _("Took the decision back"),
    "instance_suspended": _("Suspended the case"),
    "instance_resumed": _("Let the case go on"),
    "instance_jumped": _("Took the case back to a step"),
    "case_acted_on": _("Recorded something"),
    "case_passed_on": _("Gave the case to somebody else"),
    "task_reminded": _("A reminder was sent"),
    "task_escalated": _("The superior was told that it is late"),
    "timer_fired": _("The time had come"),
    "message_received": _("A message arrived"),
    "decided": _("A decision table decided"),
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


def opinion_text(opinion: str | None, is_by_person: bool) -> LazyString | str:
    """What stands below a step: what its person wrote, or why nobody was asked."""
    return (opinion or "") if is_by_person else REASONS.get(opinion or "", opinion or "")


def skip_reason(policy: str) -> LazyString | str:
    """Why nobody will be asked."""
    return REASONS.get(policy, policy)


def happening(kind: str) -> LazyString | str:
    """What an event is called."""
    return HAPPENINGS.get(kind, kind)


def init_words(blueprint: Blueprint) -> None:
    """Give every template the words."""
    for word in (
        status_name,
        status_colour,
        decision_name,
        decision_colour,
        happening,
        opinion_text,
        skip_reason,
        sentence,
        reason_of,
    ):
        blueprint.add_app_template_filter(word)
    for asked in (trail_of, steps_now, step_of):
        blueprint.add_app_template_global(asked)
