"""A process instance <-> bytes, without its specs (docs/adr/0005-state-format.md).

What is kept is the library's own JSON text, in its own key order (it is order-sensitive), compressed with zlib. The
specs are left out by replacing only the converters of the two spec classes: they write the spec's name, and reading
takes it from the specs that this thread has parsed from the definition's files. Specs are kept per thread because the
library writes into some of them on first use.
"""

import json
import threading
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.event_definition import (
    MessageEventDefinitionConverter,
    TimerConditionalEventDefinitionConverter,
)
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter, ParallelGatewayConverter
from SpiffWorkflow.bpmn.serializer.helpers import BpmnConverter
from SpiffWorkflow.bpmn.serializer.workflow import VERSION
from SpiffWorkflow.bpmn.specs import AdHocSubprocessSpec, BpmnProcessSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task

from workflows.engine.spiff.machine import Interpreter, parse_specs
from workflows.engine.spiff.specs import (
    CaughtMessage,
    CycleTimer,
    DateTimer,
    DurationTimer,
    ParallelGateway,
    RuleTask,
    ServiceTask,
    UserTask,
)

#: The serializer version that is stored beside each state; a newer library migrates from it (``Machine.restore``).
SERIALIZER = VERSION
#: How many definitions one thread keeps parsed.
_KEPT = 64


#: How the library would write the specs that ``specs`` changes.
_CHANGED = {
    UserTask: BpmnTaskSpecConverter,
    ServiceTask: BpmnTaskSpecConverter,
    RuleTask: BpmnTaskSpecConverter,
    ParallelGateway: ParallelGatewayConverter,
    DateTimer: TimerConditionalEventDefinitionConverter,
    DurationTimer: TimerConditionalEventDefinitionConverter,
    CycleTimer: TimerConditionalEventDefinitionConverter,
    CaughtMessage: MessageEventDefinitionConverter,
}
_EVENTS = {"DateTimer", "DurationTimer", "CycleTimer", "CaughtMessage"}


class Machine:
    """One definition, ready to run in this thread: its specs and a serializer that refers to them by name."""

    def __init__(self, files: Mapping[str, str], key: str) -> None:
        self.spec, self.subprocesses = parse_specs(files, key)
        registry = BpmnWorkflowSerializer.configure(_config(self))
        self._serializer = BpmnWorkflowSerializer(registry, version=SERIALIZER)

    def new(self, interpreter: Interpreter) -> BpmnWorkflow:
        """Make a workflow that has not taken its first step."""
        return BpmnWorkflow(self.spec, self.subprocesses, script_engine=interpreter)

    def save(self, workflow: BpmnWorkflow, *, is_final: bool = False) -> bytes:
        """Give the bytes from which ``restore`` makes the same workflow, packed tighter if they are kept for good."""
        text: str = self._serializer.serialize_json(workflow)
        return zlib.compress(text.encode(), level=9 if is_final else 1)

    def restore(self, state: bytes, interpreter: Interpreter) -> BpmnWorkflow:
        """Make the workflow that ``save`` saw, with this interpreter: the library restores with one of its own."""
        text = zlib.decompress(state).decode()
        kept = json.loads(text)
        if kept[BpmnWorkflowSerializer.VERSION_KEY] != SERIALIZER:
            self._migrate(kept)
        workflow = self._serializer.from_dict(kept)
        workflow.script_engine = interpreter
        return workflow

    def _migrate(self, kept: dict[str, Any]) -> None:
        """Bring a state of an older library up to date.

        The library's migrations edit the specification inside the state, so it is put back for as long as they run.
        """
        by_name = {"spec": kept["spec"], "subprocess_specs": kept["subprocess_specs"]}
        whole = BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, **_CHANGED})
        kept["spec"] = whole.convert(self.spec)
        kept["subprocess_specs"] = {name: whole.convert(spec) for name, spec in self.subprocesses.items()}
        self._serializer.migrate(kept)
        kept.update(by_name)

    def spec_named(self, name: str) -> BpmnProcessSpec:
        """Give the parsed spec of the process or of one of its subprocesses."""
        return self.spec if name == self.spec.name else self.subprocesses[name]


def _config(machine: Machine) -> dict[type, type]:
    class SpecByName(BpmnConverter):  # type: ignore[misc]
        """Writes a spec's name in place of the spec."""

        def to_dict(self, spec: BpmnProcessSpec) -> dict[str, Any]:
            return {"name": spec.name}

        def from_dict(self, dct: dict[str, Any]) -> BpmnProcessSpec:
            return machine.spec_named(dct["name"])

    kept = {
        kind: converter
        for kind, converter in DEFAULT_CONFIG.items()
        if kind in (BpmnWorkflow, BpmnSubWorkflow, Task, BpmnEvent) or kind.__name__.endswith("EventDefinition")
    }
    events = {kind: converter for kind, converter in _CHANGED.items() if kind.__name__ in _EVENTS}
    return {**kept, **events, BpmnProcessSpec: SpecByName, AdHocSubprocessSpec: SpecByName}


_parsed = threading.local()


def machine_for(digest: str, files: Mapping[str, str], key: str) -> Machine:
    """Give the machine of a definition, parsed once in each thread."""
    machines: OrderedDict[str, Machine] = _parsed.__dict__.setdefault("machines", OrderedDict())
    if digest not in machines:
        machines[digest] = Machine(files, key)
        if len(machines) > _KEPT:
            machines.popitem(last=False)
    machines.move_to_end(digest)
    return machines[digest]
