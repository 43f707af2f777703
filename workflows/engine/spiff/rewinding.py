"""Taking a running workflow back to a step that it has passed, out of branches and subprocesses.

A workflow is a tree of what happened and what may come. Taking it back to a task removes everything that followed from
that task. What makes this more than cutting off a branch is a join: the way behind it hangs on the branch that arrived
last, so it is taken off there as well, and the join waits for the other branches again, whose own steps stay done. The
library's ``reset_from_task_id`` leaves such a way open, which then runs beside the repeated one.
"""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.task import Task, TaskState

from workflows.engine.spiff.specs import ServiceTask, UserTask, answers_of


def passed_tasks(workflow: BpmnWorkflow, present: Task) -> list[Task]:
    """Give the user tasks that led to a present one: of each element the newest, the last answered first.

    A step of a branch that runs beside the present one did not lead to it and is not among them.
    """
    newest: dict[str, Task] = {}
    for task in every_task(workflow):
        if task.state == TaskState.COMPLETED and isinstance(task.task_spec, UserTask):
            earlier = newest.get(task.task_spec.bpmn_id)
            if earlier is None or earlier.last_state_change <= task.last_state_change:
                newest[task.task_spec.bpmn_id] = task
    led = [task for task in newest.values() if task is not present and present in followers(workflow, task)]
    return sorted(led, key=lambda task: task.last_state_change, reverse=True)


def services_since(workflow: BpmnWorkflow, task: Task) -> set[str]:
    """Give the ids of the service tasks that ran because of a task, which taking it back would run again."""
    return {
        follower.task_spec.bpmn_id
        for follower in followers(workflow, task)
        if isinstance(follower.task_spec, ServiceTask) and follower.state == TaskState.COMPLETED
    }


def followers(workflow: BpmnWorkflow, task: Task) -> set[Task]:
    """Give everything that followed from a task and would be undone with it, the task itself left out."""
    found: set[Task] = set()
    kept = _around(workflow, task)
    for cut in _cuts(workflow, task):
        found.update(_with_inside(workflow, list(cut)[1:], kept))
    return found - {task}


def rewind(workflow: BpmnWorkflow, task: Task) -> None:
    """Undo all that followed from a user task, and ask it again."""
    cuts = _cuts(workflow, task)
    kept = _around(workflow, task)
    for cut in cuts:
        for each in list(_with_inside(workflow, list(cut)[1:], kept)):
            workflow.event_manager.remove_task(each)
            if each.id not in kept:
                workflow.subprocesses.pop(each.id, None)
    for cut in cuts:
        if cut.id in cut.workflow.tasks:
            _reset(workflow, cut)
    _drop_stale_answers(workflow)


def every_task(workflow: BpmnWorkflow) -> Iterator[Task]:
    """Go through the tasks of the process and of its subprocesses."""
    yield from list(workflow.tasks.values())
    for part in list(workflow.subprocesses.values()):
        yield from list(part.tasks.values())


def _cuts(workflow: BpmnWorkflow, task: Task) -> list[Task]:
    """Where the tree has to be cut: at the task, at joins that its branch had reached, and around its subprocess."""
    cuts: list[Task] = []
    waiting = [_whole(task)]
    while waiting:
        cut = waiting.pop(0)
        if cut in cuts:
            continue
        cuts.append(cut)
        waiting += [on for each in list(cut)[1:] if (on := _went_on_from(each)) is not None]
        owner = cut.workflow.parent_task_id
        if owner is not None and (outer := workflow.get_task_from_id(owner)).state == TaskState.COMPLETED:
            waiting.append(_whole(outer))
    return cuts


def _around(workflow: BpmnWorkflow, task: Task) -> set[UUID]:
    """The activities whose inside a task stands in: they run again, and are not made anew."""
    owners: set[UUID] = set()
    while (owner := task.workflow.parent_task_id) is not None:
        owners.add(owner)
        task = workflow.get_task_from_id(owner)
    return owners


def _whole(task: Task) -> Task:
    """An activity with events on it is asked again together with its events."""
    return task.parent if isinstance(task.parent.task_spec, BoundaryEventSplit) else task


def _went_on_from(arrival: Task) -> Task | None:
    """For an arrival at a join that let another branch's arrival go on: that other one."""
    if not isinstance(arrival.task_spec, Join) or arrival.state != TaskState.CANCELLED:
        return None
    went_on = [
        task
        for task in arrival.workflow.tasks.values()
        if task.task_spec is arrival.task_spec
        and task is not arrival
        and task.state in (TaskState.COMPLETED, TaskState.READY, TaskState.STARTED)
        and task.last_state_change >= arrival.last_state_change
        and not task.is_descendant_of(arrival)
    ]
    return min(went_on, key=lambda task: task.last_state_change, default=None)


def _with_inside(workflow: BpmnWorkflow, tasks: Iterable[Task], kept: Collection[UUID]) -> Iterator[Task]:
    for task in tasks:
        yield task
        part = workflow.subprocesses.get(task.id)
        if part is not None and task.id not in kept:
            yield from _with_inside(workflow, list(part.tasks.values()), kept)


def _reset(workflow: BpmnWorkflow, cut: Task) -> None:
    inside = workflow.subprocesses.get(cut.id)
    if inside is None and not any(child.id in workflow.subprocesses for child in cut.children):
        cut.reset_branch(None)
        return
    # The case goes back to a step inside this subprocess, which therefore runs again, with its events before it.
    for task in [cut] if inside is not None else list(cut.children):
        if task.id in workflow.subprocesses:
            _run_again(workflow, task)
        else:
            task.reset_branch(None)
            task._set_state(TaskState.WAITING)


def _run_again(workflow: BpmnWorkflow, owner: Task) -> None:
    owner._drop_children(force=True)
    owner._set_state(TaskState.FUTURE)
    owner.task_spec._predict(owner, mask=TaskState.PREDICTED_MASK | TaskState.FUTURE)
    owner._set_state(TaskState.STARTED)
    part = workflow.subprocesses[owner.id]
    part.completed = False
    workflow.completed = False


def _drop_stale_answers(workflow: BpmnWorkflow) -> None:
    """Keep the answers of what is still done: a condition must not read what was taken back."""
    done = {
        task.task_spec.bpmn_id
        for task in every_task(workflow)
        if task.state in (TaskState.COMPLETED, TaskState.CANCELLED) and task.task_spec.bpmn_id is not None
    }
    answers = answers_of(workflow)
    for element_id in set(answers) - done:
        del answers[element_id]
