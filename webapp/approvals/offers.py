"""What a page offers its reader to do with a task, judged by what it has read already. The operations decide again."""

from dataclasses import dataclass

from flask import g

from webapp.accounts.actor import current_actor
from webapp.approvals.actions import ADD_SIGNERS, ASK_OPINION, HAND_OVER, Action
from webapp.clock import request_now
from webapp.engine import engine
from webapp.extensions import db
from webapp.i18n import localized
from webapp.instances.case import Case, CaseTask
from workflows.engine.acting import belongs
from workflows.engine.approvals.sending_back import targets_of
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.model import TaskKind, TaskStatus

_ASKED = (TaskKind.ADDED, TaskKind.ADVISER)


@dataclass(frozen=True, slots=True)
class Target:
    """A step to which a case may be sent back, and who did it."""

    element_id: str
    is_start: bool
    person: str


@dataclass(frozen=True, slots=True)
class LastDecision:
    """One's own newest decision on a case. ``seen_by`` has opened what it led to, so that it is too late."""

    task: CaseTask
    seen_by: str


def offered_actions(task: CaseTask, diagram: Diagram) -> list[Action]:
    """The actions for whoever has an open task on the desk."""
    if not diagram.has_element(task.element_id):
        return []
    element = diagram.element(task.element_id)
    is_signer = task.kind in (TaskKind.SIGNER, TaskKind.ADDED)
    found = [ADD_SIGNERS] if is_signer and element.approval else []
    found += [HAND_OVER] if element.assign != "starter" else []
    return [*found, ASK_OPINION] if is_signer else found


def may_remove(task: CaseTask) -> bool:
    """Whether the reader has asked for this and may ask no more."""
    is_pending = task.is_open or task.is_waiting
    return is_pending and task.kind in _ASKED and task.asked_by_id == current_actor().id


def return_targets(case: Case, task: CaseTask, diagram: Diagram) -> list[Target]:
    """Where an open task may send its case, the starter first, with who did each step last. Read once a request."""
    kept: dict[int, list[Target]] = g.setdefault("return_targets", {})
    if task.id not in kept:
        found = targets_of(engine(), db.session(), task.id, now=request_now())
        kept[task.id] = [_target(case, element_id, diagram) for element_id in found]
    return kept[task.id]


def _target(case: Case, element_id: str, diagram: Diagram) -> Target:
    if element_id == diagram.start_id:
        return Target(element_id, True, localized(case.starter, case.starter_en))
    done = [t for t in case.tasks if t.element_id == element_id and t.status == TaskStatus.COMPLETED and t.closed_by]
    people = dict.fromkeys(localized(t.closed_by or "", t.closed_by_en) for t in done if t.kind == TaskKind.SIGNER)
    return Target(element_id, False, ", ".join(people))


def last_decision(case: Case, diagram: Diagram) -> LastDecision | None:
    """The reader's newest decision, while it may still be taken back or is just too late; None where there is none."""
    me = current_actor().id
    mine = [t for t in case.tasks if t.closed_by_id == me and t.status == TaskStatus.COMPLETED and t.closed_at]
    newest = max(mine, key=lambda t: (t.closed_at, t.id), default=None)
    if newest is None or not case.is_running or case.suspended_at or not _is_decision(newest, diagram):
        return None
    since = [t for t in case.tasks if t.opened_at >= newest.closed_at and t.id != newest.id]
    if any(t.status == TaskStatus.COMPLETED for t in since if t.node_id != newest.node_id):
        return None
    seen = next((t for t in since if t.is_open and t.read_at), None)
    return LastDecision(newest, localized(seen.assignee or "", seen.assignee_en) if seen else "")


def _is_decision(task: CaseTask, diagram: Diagram) -> bool:
    is_signer = task.kind in (TaskKind.SIGNER, TaskKind.ADDED)
    return is_signer and diagram.has_element(task.element_id) and diagram.element(task.element_id).approval


def is_mine(task: CaseTask) -> bool:
    """Whether an open task lies on the reader's desk, or their group's, for them to do."""
    actor = current_actor()
    return task.is_open and belongs(task, actor) and actor.id not in task.barred
