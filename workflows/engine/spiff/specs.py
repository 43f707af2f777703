"""The library's task, gateway and event specs where they had to be changed; ``machine`` puts them to use.

What the specs ask of the world during a step goes through ``script_engine``, which is ``machine.Interpreter``. What is
changed, and why (docs/adr/0004-sandbox.md, docs/adr/0005-state-format.md):

* answers stand in one place for the whole case (``answers_of``), under the id of the element that gave them, and not in
  the library's task data, which are inherited from step to step, copied into subprocesses, and merged where parallel
  branches meet, so that an old answer can overwrite a new one; a task that opens again loses the answer it had;
* service tasks and business rule tasks call the process package through the ``Interpreter``, which also evaluates
  every expression in the sandbox and refuses scripts;
* timers read the hour from the interpreter, never from the system, so that a step is a function of its inputs;
* a parallel join inside a loop counts the branches of its own round.
"""

import datetime as dt
import re
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.task import Task, TaskState

from workflows.kernel.days import SHANGHAI

#: A timer's text that is no expression: 2026-12-01, P2D, R3/PT24H.
_LITERAL = re.compile(r"^(R\d*/)?P[0-9T]|^\d{4}-\d\d-\d\d")


def answers_of(workflow: BpmnWorkflow) -> dict[str, Any]:
    """Give what the elements of the case were answered: element id -> values. It is part of the state."""
    answers: dict[str, Any] = workflow.top_workflow.data.setdefault("answers", {})
    return answers


class UserTask(defaults.UserTask):  # type: ignore[misc]
    """A user task that starts unanswered each time it opens."""

    def _on_ready_hook(self, my_task: Task) -> None:
        answers_of(my_task.workflow).pop(self.bpmn_id, None)
        super()._on_ready_hook(my_task)


class ServiceTask(BpmnSpecMixin, BpmnTaskSpec):  # type: ignore[misc]
    """Runs the function that the process package registered, inside the step's transaction."""

    def _run_hook(self, my_task: Task) -> bool:
        values = my_task.workflow.script_engine.serve(self.bpmn_id)
        answers_of(my_task.workflow)[self.bpmn_id] = dict(values or {})
        return True


class RuleTask(BpmnSpecMixin, BpmnTaskSpec):  # type: ignore[misc]
    """Asks a decision table and keeps its answer under the element's id."""

    def _run_hook(self, my_task: Task) -> bool:
        values = my_task.workflow.script_engine.decide(self.bpmn_id)
        answers_of(my_task.workflow)[self.bpmn_id] = dict(values)
        return True


class ParallelGateway(defaults.ParallelGateway):  # type: ignore[misc]
    """A join that, inside a loop, counts the arrivals of this round only.

    The library takes branches that arrived in an earlier round for arrivals of this one, so that from the second round
    on the join let a case through before everyone had been asked.
    """

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        last_round = my_task.find_ancestor(self.name)
        arrived = {
            task.parent.task_spec.name
            for task in my_task.workflow.tasks.values()
            if task.task_spec is self
            and task.parent.state == TaskState.COMPLETED
            and task is not last_round
            and (last_round is None or task.is_descendant_of(last_round))
        }
        return arrived >= {spec.name for spec in self.inputs}


class CaughtMessage(MessageEventDefinition):  # type: ignore[misc]
    """A message whose payload becomes the answer of the element that caught it."""

    def update_task_data(self, my_task: Task) -> None:
        payload = my_task.internal_data.get(self.name)
        if payload is not None:
            answers_of(my_task.workflow)[my_task.task_spec.bpmn_id] = dict(payload)


class _OnTheClock:
    """A timer whose hour is compared with the step's ``now``."""

    def first_due(self, my_task: Task) -> dt.datetime:
        raise NotImplementedError

    def has_fired(self, my_task: Task) -> bool:
        due = my_task._get_internal_data("event_value")
        if due is None:
            due = self.first_due(my_task).astimezone(dt.UTC).isoformat()
            my_task._set_internal_data(event_value=due)
        if dt.datetime.fromisoformat(due) <= _now(my_task):
            my_task._set_internal_data(event_fired=True)
        return bool(my_task._get_internal_data("event_fired", False))


class DateTimer(_OnTheClock, TimeDateEventDefinition):  # type: ignore[misc]
    """Due at an instant or at the start of a Shanghai day."""

    def first_due(self, my_task: Task) -> dt.datetime:
        return instant(_evaluate(self, my_task))


class DurationTimer(_OnTheClock, DurationTimerEventDefinition):  # type: ignore[misc]
    """Due an ISO 8601 duration after it was reached."""

    def first_due(self, my_task: Task) -> dt.datetime:
        parsed = TimerEventDefinition.parse_iso_duration(_evaluate(self, my_task))
        wait: dt.timedelta = TimerEventDefinition.get_timedelta_from_start(parsed, _now(my_task))
        return _now(my_task) + wait


class CycleTimer(CycleTimerEventDefinition):  # type: ignore[misc]
    """Due again and again: ``R3/PT24H`` is three times, a day apart, the first a day after it was reached."""

    def cycle_complete(self, my_task: Task) -> bool:
        value = my_task._get_internal_data("event_value")
        if value is None:
            cycles, duration = _cycle(_evaluate(self, my_task), _now(my_task))
            value = {
                "cycles": cycles,
                "next": (_now(my_task) + duration).isoformat(),
                "seconds": duration.total_seconds(),
            }
        fires = value["cycles"] != 0 and dt.datetime.fromisoformat(value["next"]) <= _now(my_task)
        if fires:
            following = dt.datetime.fromisoformat(value["next"]) + dt.timedelta(seconds=value["seconds"])
            value = {"cycles": value["cycles"] - 1, "next": following.isoformat(), "seconds": value["seconds"]}
        my_task._set_internal_data(event_value=value)
        if value["cycles"] == 0 and not fires:
            my_task._set_internal_data(event_fired=True)
        return bool(fires)


def instant(text: str) -> dt.datetime:
    """Read an ISO 8601 date or instant; without a zone it is Shanghai time."""
    value = dt.datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=SHANGHAI)


def _cycle(text: str, now: dt.datetime) -> tuple[int, dt.timedelta]:
    repeat, _, duration = text.upper().partition("/")
    count = int(repeat[1:]) if len(repeat) > 1 else -1
    return count, TimerEventDefinition.get_timedelta_from_start(TimerEventDefinition.parse_iso_duration(duration), now)


def _evaluate(timer: TimerEventDefinition, my_task: Task) -> str:
    """Give a timer's text: what is written as a date, a duration or a cycle stands for itself, the rest is computed."""
    if _LITERAL.match(timer.expression):
        return str(timer.expression)
    return str(my_task.workflow.top_workflow.script_engine.evaluate(my_task, timer.expression))


def _now(my_task: Task) -> dt.datetime:
    now: dt.datetime = my_task.workflow.top_workflow.script_engine.now
    return now
