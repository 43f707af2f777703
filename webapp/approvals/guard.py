"""Who may look for an action at all: nobody is shown what is wrong with a form that would be refused anyway."""

from webapp.accounts.actor import current_actor
from webapp.approvals.actions import REMOVE, TAKE_BACK, Action
from webapp.approvals.offers import is_mine, last_decision, may_remove, offered_actions
from webapp.engine import engine
from webapp.extensions import db
from webapp.instances.case import Case, CaseTask, case_of_task
from workflows.engine.access import may_read
from workflows.engine.bpmn.diagrams import Diagram
from workflows.kernel.errors import Conflict, NotAllowed, NotFound


def readable(task_id: int) -> tuple[Case, CaseTask, Diagram]:
    """Give a task with its case and diagram; for whom may not read the case there is none."""
    session = db.session()
    case = case_of_task(session, task_id)
    diagram = engine().diagram(session, case.definition_id)
    task = case.task(task_id)
    if not is_mine(task) and not may_read(session, current_actor(), case.id, frozenset(diagram.readers)):
        raise NotFound("There is no such case or task.")
    return case, task, diagram


def refuse_others(action: Action, case: Case, task: CaseTask, diagram: Diagram) -> None:
    """Raise ``NotAllowed`` or ``Conflict`` where an action would be refused whatever is filled in."""
    if action is REMOVE:
        is_offered, is_theirs = may_remove(task), task.asked_by_id == current_actor().id
    elif action is TAKE_BACK:
        last = last_decision(case, diagram)
        is_offered = last is not None and last.task.id == task.id
        is_theirs = task.closed_by_id == current_actor().id
    else:
        is_offered = is_theirs = is_mine(task)
        if is_theirs and action not in offered_actions(task, diagram):
            raise Conflict("This step does not allow that.")
    if not is_theirs:
        raise NotAllowed("This task is not yours.")
    if not is_offered:
        raise Conflict("The case has gone on since.")
