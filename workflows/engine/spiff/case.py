"""One instance under its lock, in memory: what a step changes is gathered here and written in one go.

A step answers a task, or lets a timer or a message through, and then runs until people, timers or messages are waited
for again. What opened and what closed is the difference of the workflow's ready tasks before and after, so that no
task row has to be read back.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.specs.mixins.events.end_event import EndEvent
from SpiffWorkflow.task import Task, TaskState

from workflows.calendar.overrides import overrides
from workflows.engine.approvals.seats import Invitation, Place, SeatKey, seats_of
from workflows.engine.history import Chain, Event
from workflows.engine.model import InstanceStatus
from workflows.engine.process import Actor, Process, Step, Values
from workflows.engine.spiff.machine import (
    ROUNDS,
    Interpreter,
    TooManyRounds,
    timer_dues,
    waited_messages,
)
from workflows.engine.spiff.rewinding import followers, passed_tasks, rewind, services_since
from workflows.engine.spiff.specs import CaughtMessage, ServiceTask, answers_of
from workflows.engine.spiff.state import Machine
from workflows.engine.tables import newest
from workflows.kernel.errors import Conflict
from workflows.kernel.workdays import Overrides

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workflows.engine.bpmn.diagrams import Diagram

#: A value in the state is an id, a flag or a short word: never a text, an amount or a name.
_LONGEST_VALUE = 64


@dataclass(slots=True)
class Case:
    """An instance and the changes of the step that is under way."""

    session: "Session"
    process: Process
    diagram: "Diagram"
    machine: Machine
    now: dt.datetime
    actor: Actor | None
    instance_id: int
    definition_id: int
    starter_id: int
    title: str
    revision: int
    chain: Chain
    status: str = InstanceStatus.RUNNING.value
    outcome: str | None = None
    workflow: BpmnWorkflow = None
    suspended_at: dt.datetime | None = None
    #: The calendar in force, where the statement that locked the case has brought it along.
    calendar_version: int | None = None
    #: Seats and waiting timers as the step found them.
    seats_before: dict[SeatKey, Place] = field(default_factory=dict)
    dues_before: dict[str, tuple[str, dt.datetime]] = field(default_factory=dict)
    jobs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    messages: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    #: Who is to have the seats that this step sets, where the diagram does not say it.
    invited: dict[SeatKey, Invitation] = field(default_factory=dict)

    @property
    def is_suspended(self) -> bool:
        """Whether an administrator keeps it from moving."""
        return self.suspended_at is not None

    @property
    def own_days(self) -> Overrides:
        """The company's own working days, by which deadlines and timers are counted."""
        return overrides(self.session, self.calendar_version)

    @property
    def data(self) -> dict[str, Any]:
        """What the state keeps beside the workflow's own tasks; values are replaced, never changed in place."""
        data: dict[str, Any] = self.workflow.data
        return data

    @property
    def actor_id(self) -> int | None:
        """Who takes the step; None where the clock or a message does."""
        return self.actor.id if self.actor else None

    def begin(self) -> None:
        """Make a workflow that has not moved yet; a case that starts again leaves everything behind."""
        self.workflow = self.machine.new(self._interpreter())

    def restore(self, state: bytes) -> None:
        """Take up the workflow where the last step left it."""
        self.workflow = self.machine.restore(state, self._interpreter())
        self.seats_before = seats_of(self)
        self.dues_before = timer_dues(self.workflow)

    @property
    def answers(self) -> dict[str, Any]:
        """What the elements of the case were answered."""
        return answers_of(self.workflow)

    def step(self, element_id: str, task_id: int | None = None, on_behalf_of_id: int | None = None) -> Step:
        """What a function of the process package is given."""
        return Step(
            session=self.session,
            now=self.now,
            actor=self.actor,
            instance_id=self.instance_id,
            starter_id=self.starter_id,
            process_key=self.process.key,
            element_id=element_id,
            answers=answers_of(self.workflow),
            task_id=task_id,
            on_behalf_of_id=on_behalf_of_id,
            jobs=self.jobs,
            messages=self.messages,
        )

    def start_with(self, values: Values) -> None:
        """Give the start event its values and run."""
        answers_of(self.workflow)[self.diagram.start_id] = checked(values)
        self.run()

    def ready(self, node_id: str) -> Task:
        """Find an open user task; the library would run a completed one again and overwrite what follows."""
        task = next((task for task in self._tasks() if str(task.id) == node_id), None)
        if task is None or task.state != TaskState.READY:
            raise Conflict("This task is no longer open.")
        return task

    def passed(self, node_id: str) -> list[Task]:
        """The user tasks that led to an open one, the last answered first, each element once."""
        return passed_tasks(self.workflow, self.ready(node_id))

    def done(self, node_id: str) -> Task | None:
        """Find an answered user task; None where the case has started again or gone back since."""
        found = next((task for task in self._tasks() if str(task.id) == node_id), None)
        return found if found is not None and found.state == TaskState.COMPLETED else None

    def newest(self, element_id: str) -> Task | None:
        """Find where an element was answered last."""
        done = [t for t in self._tasks() if t.task_spec.bpmn_id == element_id and t.state == TaskState.COMPLETED]
        return max(done, key=lambda task: task.last_state_change, default=None)

    def undone_by(self, task: Task) -> set[str]:
        """The ids of the tasks that taking the case back to one of them would undo."""
        return {str(each.id) for each in followers(self.workflow, task)}

    def services_since(self, task: Task | None) -> set[str]:
        """The service tasks that ran since a task was answered; since the start without one."""
        if task is not None:
            return services_since(self.workflow, task)
        return {
            t.task_spec.bpmn_id
            for t in self._tasks()
            if isinstance(t.task_spec, ServiceTask) and t.state == TaskState.COMPLETED
        }

    def rewind(self, task: Task) -> None:
        """Take the case back to a user task that it has passed, and ask it again."""
        rewind(self.workflow, task)
        self.run()

    def answer(self, task: Task, decision: str, values: Values) -> None:
        """Complete a ready user task with what was decided, and run."""
        answers_of(self.workflow)[task.task_spec.bpmn_id] = checked({**values, "decision": decision})
        task.run()
        self.run()

    def let_timers_through(self) -> None:
        """Fire every timer that is due by now, and run."""
        self.workflow.refresh_timers()
        self.run()

    def receive(self, message: str, payload: Mapping[str, Any]) -> None:
        """Take in a message that is waited for, and run; its payload is read as ``<element>.<name>``."""
        event = BpmnEvent(CaughtMessage(message), checked(payload))
        self.workflow.send_event(event)
        self.chain.append(Event("message_received", self.now, details={"message": message}))
        self.run()

    def run(self) -> None:
        """Let the engine move until it waits, and see whether the case has come to its end."""
        while True:
            self.workflow.do_engine_steps()
            if not any(t.state == TaskState.READY and not t.task_spec.manual for t in self._tasks()):
                break
        self._refuse_circles()
        if all(t.state & TaskState.FINISHED_MASK for t in self.workflow.tasks.values()):
            end = self._end_event()
            self.outcome = end
            rejected = self.diagram.element(end).outcome == InstanceStatus.REJECTED
            self._finish(InstanceStatus.REJECTED if rejected else InstanceStatus.COMPLETED)

    def stop(self, status: InstanceStatus, details: Mapping[str, Any]) -> None:
        """End the case from outside its diagram: withdrawn or terminated."""
        self.workflow.cancel()
        self._finish(status, dict(details))

    def node_ids(self) -> set[str]:
        """Every task of the state, done or to come."""
        return {str(task.id) for task in self._tasks()}

    def open_nodes(self) -> dict[str, str]:
        """The user tasks that wait for an answer: node id -> element id."""
        return {
            str(task.id): task.task_spec.bpmn_id
            for task in self._tasks()
            if task.state == TaskState.READY and task.task_spec.manual
        }

    def dues(self) -> dict[str, tuple[str, dt.datetime]]:
        """The timers that are waited for."""
        return timer_dues(self.workflow) if self.status == InstanceStatus.RUNNING else {}

    def waited_messages(self) -> set[str]:
        """The names of the messages that are waited for."""
        return waited_messages(self.workflow) if self.status == InstanceStatus.RUNNING else set()

    def _finish(self, status: InstanceStatus, details: dict[str, Any] | None = None) -> None:
        self.status = status.value
        self.chain.append(
            Event(f"instance_{status.value}", self.now, self.actor_id, element_id=self.outcome, details=details or {})
        )
        if self.process.ended is not None:
            self.process.ended(self.step(self.outcome or ""), status.value)
        self.jobs.append(("notify_ended", {"instance_id": self.instance_id}))

    def _tasks(self) -> list[Task]:
        inner = (task for part in self.workflow.subprocesses.values() for task in part.tasks.values())
        return [*self.workflow.tasks.values(), *inner]

    def _end_event(self) -> str:
        reached = [
            task
            for task in self.workflow.tasks.values()
            if isinstance(task.task_spec, EndEvent) and task.state == TaskState.COMPLETED
        ]
        last = max(reached, key=lambda task: task.last_state_change)
        return str(last.task_spec.bpmn_id)

    def _refuse_circles(self) -> None:
        passed = Counter(t.task_spec.name for t in self._tasks() if t.state == TaskState.COMPLETED)
        element, rounds = passed.most_common(1)[0]
        if rounds > ROUNDS:
            raise TooManyRounds("This case has passed %(element)s %(rounds)s times.", element=element, rounds=rounds)

    def _interpreter(self) -> Interpreter:
        return Interpreter(self.now, self._serve, self._decide, lambda: self.own_days)

    def _serve(self, element_id: str) -> Mapping[str, Any] | None:
        implementation = self.diagram.element(element_id).implementation
        values = self.process.services[str(implementation)](self.step(element_id))
        return checked(values) if values else None

    def _decide(self, element_id: str) -> Mapping[str, Any]:
        element = self.diagram.element(element_id)
        table, version = self.diagram.tables[str(element.decision)], None
        found = newest(self.session, self.process.key, table.id) if element.asks_newest else None
        if found is not None:
            table, version = found.table, found.version
        facts = self.process.facts(self.step(element_id)) if self.process.facts else {}
        ruling = table.rule(facts)
        details = {"table": table.id, "version": version, "rules": list(ruling.rules)}
        said = {"facts": _in_words(ruling.facts), "answers": _in_words(ruling.answers)}
        self.chain.append(Event("decided", self.now, element_id=element_id, details={**details, **said}))
        return checked(ruling.answers)


def _in_words(values: Mapping[str, Any]) -> dict[str, str]:
    """What a decision rested on, as it stands in the history: exact numbers in full, texts cut."""
    return {
        name: format(value, "f") if isinstance(value, Decimal) else str(value)[:_LONGEST_VALUE]
        for name, value in values.items()
    }


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Let only ids, flags, short words and lists of them into the state; anything else is a package's fault."""
    for name, value in values.items():
        parts = value if isinstance(value, list) and len(value) <= _LONGEST_VALUE else [value]
        if name == "typename" or not all(_fits(part) for part in parts):
            raise TypeError(f"{name} may not enter the state: {type(value).__name__}")
    return dict(values)


def _fits(value: Any) -> bool:
    return value is None or isinstance(value, bool | int) or (isinstance(value, str) and len(value) <= _LONGEST_VALUE)
