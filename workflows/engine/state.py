"""A process instance <-> bytes, without its specs (docs/adr/0005-state-format.md).

What is kept is the library's own JSON text, in its own key order (it is order-sensitive), compressed with zlib. The
specs are left out by replacing only the converters of the two spec classes: they write the spec's name, and reading
takes it from the specs that this thread has parsed from the definition's files. Specs are kept per thread because the
library writes into some of them on first use.
"""

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
from SpiffWorkflow.bpmn.serializer.helpers import BpmnConverter
from SpiffWorkflow.bpmn.serializer.workflow import VERSION
from SpiffWorkflow.bpmn.specs import AdHocSubprocessSpec, BpmnProcessSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task

from workflows.engine.machine import Interpreter, parse_specs
from workflows.engine.specs import CaughtMessage, CycleTimer, DateTimer, DurationTimer

#: The serializer version that is stored beside each state; a newer library migrates from it (``Machine.restore``).
SERIALIZER = VERSION
#: How many definitions one thread keeps parsed.
_KEPT = 64


class Machine:
    """One definition, ready to run in this thread: its specs and a serializer that refers to them by name."""

    def __init__(self, files: Mapping[str, str], key: str) -> None:
        self.spec, self.subprocesses = parse_specs(files, key)
        registry = BpmnWorkflowSerializer.configure(_config(self))
        self._serializer = BpmnWorkflowSerializer(registry, version=SERIALIZER)

    def new(self, interpreter: Interpreter) -> BpmnWorkflow:
        """Make a workflow that has not taken its first step."""
        return BpmnWorkflow(self.spec, self.subprocesses, script_engine=interpreter)

    def save(self, workflow: BpmnWorkflow) -> bytes:
        """Give the bytes from which ``restore`` makes the same workflow."""
        text: str = self._serializer.serialize_json(workflow)
        return zlib.compress(text.encode(), level=1)

    def restore(self, state: bytes, interpreter: Interpreter) -> BpmnWorkflow:
        """Make the workflow that ``save`` saw, with this interpreter: the library restores with one of its own."""
        workflow = self._serializer.deserialize_json(zlib.decompress(state).decode())
        workflow.script_engine = interpreter
        return workflow

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
    timers = dict.fromkeys((DateTimer, DurationTimer, CycleTimer), TimerConditionalEventDefinitionConverter)
    kept[CaughtMessage] = MessageEventDefinitionConverter
    return {**kept, **timers, BpmnProcessSpec: SpecByName, AdHocSubprocessSpec: SpecByName}


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
