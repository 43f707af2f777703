"""SpiffWorkflow, wrapped: a diagram's files become specs that can run, and nothing else imports the library but ``state``.

What is changed in the library, and why (docs/adr/0003-sandbox.md, 0004-state-format.md):

* a user task that opens again forgets what it was answered the last time, so that no decision is inherited;
* service tasks and business rule tasks call the process package through the ``Interpreter``, which also evaluates
  every expression in the sandbox and refuses scripts;
* timers read the hour from the interpreter, never from the system, so that a step is a function of its inputs;
* the wiring of multi-instance tasks, which the library makes on first use only, is made at once: without it an
  instance restored on freshly parsed specs would wait for ever.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.task import Task

from workflows.engine.expressions import compile_expression
from workflows.kernel.days import SHANGHAI
from workflows.kernel.errors import Refusal
from workflows.kernel.workdays import add_workdays

#: How often one case may pass one element. The library's tree walks stop at a depth of 1,000 and would then say that
#: a running case is finished; long before that, a person should look at a case that goes round in circles.
ROUNDS = 50


#: A timer's text that is no expression: 2026-12-01, P2D, R3/PT24H.
_LITERAL = re.compile(r"^(R\d*/)?P[0-9T]|^\d{4}-\d\d-\d\d")


class TooManyRounds(Refusal):
    """A case went through the same element too often."""

    code = "too_many_rounds"


class Interpreter:
    """What the specs ask of the world during one step.

    ``serve`` runs the function of a service task, ``decide`` a decision table; both get the element's id and the answers
    given so far, and give the values that the state keeps under that id. The library calls this object the script engine.
    """

    def __init__(
        self,
        now: dt.datetime,
        serve: Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None],
        decide: Callable[[str, Mapping[str, Any]], Mapping[str, Any]],
        overrides: Mapping[dt.date, bool] | None = None,
    ) -> None:
        self.now = now
        self.serve = serve
        self.decide = decide
        self._functions = {"workdays": lambda n: add_workdays(now, n, overrides or {}).isoformat()}
        #: The library evaluates message correlations through this attribute.
        self.environment = self

    def evaluate(self, where: Any, expression: str, external_context: Mapping[str, Any] | None = None) -> Any:
        """Evaluate an expression of the diagram in the sandbox; ``where`` is a task or its data."""
        data = where.data if isinstance(where, Task) else where
        return compile_expression(expression).evaluate(data, self._functions)

    def execute(self, *_: Any) -> None:
        """Refuse: diagrams hold no scripts."""
        raise Refusal("Script tasks are not run")


class UserTask(defaults.UserTask):  # type: ignore[misc]
    """A user task that starts unanswered each time it opens."""

    def _update_hook(self, my_task: Task) -> bool:
        my_task.data.pop(self.bpmn_id, None)
        return bool(super()._update_hook(my_task))


class ServiceTask(BpmnSpecMixin, BpmnTaskSpec):  # type: ignore[misc]
    """Runs the function that the process package registered, inside the step's transaction."""

    def _run_hook(self, my_task: Task) -> bool:
        values = my_task.workflow.top_workflow.script_engine.serve(self.bpmn_id, my_task.data)
        if values:
            my_task.data[self.bpmn_id] = dict(values)
        return True


class RuleTask(BpmnSpecMixin, BpmnTaskSpec):  # type: ignore[misc]
    """Asks a decision table and keeps its answer under the element's id."""

    def _run_hook(self, my_task: Task) -> bool:
        values = my_task.workflow.top_workflow.script_engine.decide(self.bpmn_id, my_task.data)
        my_task.data[self.bpmn_id] = dict(values)
        return True


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
        return _now(my_task) + TimerEventDefinition.get_timedelta_from_start(parsed, _now(my_task))


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


_ON_THE_CLOCK = {
    TimeDateEventDefinition: DateTimer,
    DurationTimerEventDefinition: DurationTimer,
    CycleTimerEventDefinition: CycleTimer,
}


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 (the library reads a class attribute)
        full_tag("userTask"): (TaskParser, UserTask),
        full_tag("serviceTask"): (TaskParser, ServiceTask),
        full_tag("businessRuleTask"): (TaskParser, RuleTask),
    }


def parse_specs(files: Mapping[str, str], key: str) -> tuple[BpmnProcessSpec, dict[str, BpmnProcessSpec]]:
    """Make the specs of a checked diagram and of everything that it contains or calls."""
    parser = _Parser()
    for name, content in sorted(files.items()):
        if name.endswith(".bpmn"):
            safe = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
            parser.add_bpmn_xml(etree.fromstring(content.encode(), safe).getroottree(), name)
    spec = parser.get_spec(key)
    subprocesses = parser.get_subprocess_specs(key)
    for each in (spec, *subprocesses.values()):
        _rewire(each)
    return spec, subprocesses


def _rewire(spec: BpmnProcessSpec) -> None:
    for task_spec in spec.task_specs.values():
        definition = getattr(task_spec, "event_definition", None)
        for timer in getattr(definition, "event_definitions", [definition]):
            if type(timer) in _ON_THE_CLOCK:
                timer.__class__ = _ON_THE_CLOCK[type(timer)]
        if isinstance(task_spec, LoopTask):
            spec.task_specs[task_spec.task_spec].completed_event.connect(task_spec.merge_child)


def timer_dues(workflow: BpmnWorkflow) -> dict[str, tuple[str, dt.datetime]]:
    """Give the timers that the workflow waits for: node id -> (element id, hour)."""
    dues = {}
    for task, definition in _waiting(workflow):
        value = task._get_internal_data("event_value")
        if value is None or not isinstance(definition, TimerEventDefinition):
            continue
        if not isinstance(value, dict):
            dues[str(task.id)] = (task.task_spec.bpmn_id, dt.datetime.fromisoformat(value))
        elif value["cycles"] != 0:
            dues[str(task.id)] = (task.task_spec.bpmn_id, dt.datetime.fromisoformat(value["next"]))
    return dues


def waited_messages(workflow: BpmnWorkflow) -> set[str]:
    """Give the names of the messages that the workflow waits for."""
    return {part.name for _, part in _waiting(workflow) if isinstance(part, MessageEventDefinition)}


def _waiting(workflow: BpmnWorkflow) -> Iterator[tuple[Task, Any]]:
    for task in workflow.event_manager.tasks.values():
        definition = task.task_spec.event_definition
        parts = definition.event_definitions if isinstance(definition, MultipleEventDefinition) else [definition]
        yield from ((task, part) for part in parts)
