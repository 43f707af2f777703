"""What has been done on a case, as its way shows it: the steps that people took, and how work changed hands between.

The rows of the tasks say who did a step; the history alone says who handed over, asked, sent back or took back.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from webapp.extensions import db
from webapp.i18n import current_language, localized
from webapp.instances.case import Case, CaseTask, Happening, history_of
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.model import TaskStatus


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the way: a step that was taken or passed over, or how work changed hands."""

    at: dt.datetime
    task: CaseTask | None = None
    event: Happening | None = None


def trail_of(case: Case, history: list[Happening] | None = None) -> list[Entry]:
    """Give what has been done on a case, the oldest first; what was dropped without an answer is left out.

    ``history`` is the whole history of the case where the page has read it already.
    """
    done = [
        Entry(task.closed_at, task=task)
        for task in case.tasks
        if task.closed_at and (task.status != TaskStatus.CANCELLED or task.is_taken_back)
    ]
    told = history_of(db.session(), case.id, SENTENCES) if history is None else history
    moved = [Entry(one.at, event=one) for one in told if one.kind in SENTENCES]
    # Of one instant, the answer comes first and what it led to after it.
    return sorted(done + moved, key=lambda entry: entry.at)


def sentence(event: Happening, diagram: Diagram) -> str:
    """Say in words how work changed hands; empty for events of another kind."""
    said = SENTENCES.get(event.kind)
    return said(event, diagram) if said else ""


def reason_of(event: Happening) -> str:
    """The reason that somebody gave; empty where the clock acted."""
    reason = event.details.get("reason") or ""
    return "" if event.actor is None else str(reason)


def _names(event: Happening) -> dict[str, str]:
    by = localized(event.actor or "", event.actor_en or "")
    if event.on_behalf_of:
        absent = localized(event.on_behalf_of, event.on_behalf_of_en or "")
        by = _("%(delegate)s for %(absent)s", delegate=by, absent=absent)
    return {"by": by, "to": localized(event.to or "", event.to_en or "")}


def _handed_over(event: Happening, _diagram: Diagram) -> str:
    giver = localized(event.giver or "", event.giver_en or "")
    names = _names(event)
    if event.actor is None:
        return _("The deadline passed: handed over from %(giver)s to %(to)s", giver=giver, to=names["to"])
    return _("%(by)s handed the task over from %(giver)s to %(to)s", giver=giver, **names)


def _reassigned(event: Happening, _diagram: Diagram) -> str:
    if event.giver is None:
        return _("%(by)s gave the task to %(to)s", **_names(event))
    giver = localized(event.giver, event.giver_en or "")
    return _("%(by)s moved the task from %(giver)s to %(to)s", giver=giver, **_names(event))


def _signer_added(event: Happening, _diagram: Diagram) -> str:
    if event.details.get("before"):
        return _("%(by)s asked %(to)s to sign first", **_names(event))
    return _("%(by)s asked %(to)s to sign next", **_names(event))


def _signer_removed(event: Happening, _diagram: Diagram) -> str:
    return _("%(by)s asks %(to)s no more", **_names(event))


def _opinion_asked(event: Happening, _diagram: Diagram) -> str:
    return _("%(by)s asked %(to)s for an opinion", **_names(event))


def _left_out(event: Happening, _diagram: Diagram) -> str:
    return _("%(to)s is not asked: disabled, or in another role on this case", to=_names(event)["to"])


def _sent_back(event: Happening, diagram: Diagram) -> str:
    step = _step(diagram, event.details.get("to_element"))
    if event.details.get("straight"):
        return _("%(by)s sent it back to “%(step)s”, and wants it back at once", by=_names(event)["by"], step=step)
    return _("%(by)s sent it back to “%(step)s”, and everybody is asked again", by=_names(event)["by"], step=step)


def _jumped(event: Happening, diagram: Diagram) -> str:
    step = _step(diagram, event.details.get("to_element"))
    return _("%(by)s took the case back to “%(step)s”", by=_names(event)["by"], step=step)


def _taken_back(event: Happening, _diagram: Diagram) -> str:
    return _("%(by)s took the decision back", by=_names(event)["by"])


def _suspended(event: Happening, _diagram: Diagram) -> str:
    return _("%(by)s suspended the case", by=_names(event)["by"])


def _resumed(event: Happening, _diagram: Diagram) -> str:
    return _("%(by)s let the case go on", by=_names(event)["by"])


def _passed_on(event: Happening, _diagram: Diagram) -> str:
    giver = localized(event.giver or "", event.giver_en or "")
    return _("%(by)s gave the case from %(giver)s to %(to)s", giver=giver, **_names(event))


def _step(diagram: Diagram, element_id: str | None) -> str:
    known = element_id is not None and diagram.has_element(element_id)
    return diagram.element(str(element_id)).name(current_language()) if known else str(element_id or "")


SENTENCES: dict[str, Callable[[Happening, Diagram], str]] = {
    "task_handed_over": _handed_over,
    "task_reassigned": _reassigned,
    "signer_added": _signer_added,
    "signer_removed": _signer_removed,
    "opinion_asked": _opinion_asked,
    "signer_left_out": _left_out,
    "sent_back": _sent_back,
    "taken_back": _taken_back,
    "instance_suspended": _suspended,
    "instance_resumed": _resumed,
    "instance_jumped": _jumped,
    "case_passed_on": _passed_on,
}
