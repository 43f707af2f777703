"""A diagram's files become specs that can run, and expressions and services meet the world through ``Interpreter``.

``specs`` holds what is changed in the library, ``state`` an instance as bytes, ``case`` an instance during a step.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.task_parsers import GatewayParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.task import Task

from workflows.engine.language.expressions import compile_expression
from workflows.engine.spiff.specs import (
    CaughtMessage,
    CycleTimer,
    DateTimer,
    DurationTimer,
    ParallelGateway,
    RuleTask,
    ServiceTask,
    UserTask,
    answers_of,
)
from workflows.kernel.errors import Refusal
from workflows.kernel.workdays import Overrides, add_workdays

#: How often one case may pass one element. The library's tree walks stop at a depth of 1,000 and would then say that
#: a running case is finished; long before that, a person should look at a case that goes round in circles.
ROUNDS = 50


class TooManyRounds(Refusal):
    """A case went through the same element too often."""

    code = "too_many_rounds"


class Interpreter:
    """What the specs ask of the world during one step.

    ``serve`` runs the function of a service task, ``decide`` a decision table; both get the element's id and give
    the values that the state keeps under it. The library calls this object the script engine.
    """

    def __init__(
        self,
        now: dt.datetime,
        serve: Callable[[str], Mapping[str, Any] | None],
        decide: Callable[[str], Mapping[str, Any]],
        own_days: Callable[[], Overrides] = dict,
    ) -> None:
        self.now = now
        self.serve = serve
        self.decide = decide
        self._functions = {"workdays": lambda n: add_workdays(now, n, own_days()).isoformat()}

    def evaluate(self, my_task: Task, expression: str, external_context: Mapping[str, Any] | None = None) -> Any:
        """Evaluate an expression of the diagram in the sandbox: on the answers, and on the item of a loop."""
        names = {**my_task.data, **answers_of(my_task.workflow)}
        return compile_expression(expression).evaluate(names, self._functions)

    def execute(self, *_: Any) -> None:
        """Refuse: diagrams hold no scripts."""
        raise Refusal("Script tasks are not run")


_REPLACED = {
    MessageEventDefinition: CaughtMessage,
    TimeDateEventDefinition: DateTimer,
    DurationTimerEventDefinition: DurationTimer,
    CycleTimerEventDefinition: CycleTimer,
}


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 (the library reads a class attribute)
        full_tag("parallelGateway"): (GatewayParser, ParallelGateway),
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
            root = etree.fromstring(content.encode(), safe)
            for several in root.findall(f".//{full_tag('userTask')}/{full_tag('multiInstanceLoopCharacteristics')}"):
                # Several signers of one step are one task of the library's (workflows.engine.approvals.rounds).
                parent = several.getparent()
                if parent is not None:
                    parent.remove(several)
            parser.add_bpmn_xml(root.getroottree(), name)
    spec = parser.get_spec(key)
    subprocesses = parser.get_subprocess_specs(key)
    for each in (spec, *subprocesses.values()):
        _rewire(each)
    return spec, subprocesses


def _rewire(spec: BpmnProcessSpec) -> None:
    for task_spec in spec.task_specs.values():
        definition = getattr(task_spec, "event_definition", None)
        for part in getattr(definition, "event_definitions", [definition]):
            if type(part) in _REPLACED:
                part.__class__ = _REPLACED[type(part)]


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
    return {part.name for _, part in _waiting(workflow) if isinstance(part, CaughtMessage)}


def _waiting(workflow: BpmnWorkflow) -> Iterator[tuple[Task, Any]]:
    for task in workflow.event_manager.tasks.values():
        definition = task.task_spec.event_definition
        parts = definition.event_definitions if isinstance(definition, MultipleEventDefinition) else [definition]
        yield from ((task, part) for part in parts)
