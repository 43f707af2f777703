"""What a diagram must be like before it is deployed: everything that would otherwise fail in the middle of a case.

``check_diagram`` raises the first problem, ``problems`` gives all of them (``salesflow doctor`` prints them). Each is
a ``BadDiagram`` with the element and the reason. What the engine is not tested with is refused rather than tried.
"""

import keyword
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import chain

from workflows.engine.bpmn.approvals import approval_problems
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.bpmn.elements import ACTIVITIES, Element
from workflows.engine.bpmn.gateways import condition_problems, gateway_problems, name_problems
from workflows.engine.bpmn.timers import read_timer
from workflows.engine.bpmn.ways import way_problems
from workflows.engine.language.decisions import check_table
from workflows.engine.language.expressions import FUNCTIONS, BadExpression
from workflows.engine.process import Process
from workflows.engine.safe_xml import BadDiagram

HasForm = Callable[[str, str], bool]

ASSIGNMENTS = frozenset({"starter", "line", "group"})
OUTCOMES = frozenset({None, "completed", "rejected"})
BINDINGS = frozenset({None, "deployment", "latest"})
#: Working days; nothing waits longer for one person.
LONGEST_WAIT = 250

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
#: What modelling tools make up: Activity_0gnvuqr.
_MADE_UP = re.compile(r"(activity|event|flow|gateway|lane|participant|process|sequenceflow|task)_(?=.*\d)[0-9a-z]{7}")
#: A key of this name breaks the library's restoring of a state.
_RESERVED = frozenset({"typename"}) | FUNCTIONS

#: Which event definitions an event may have; the tuple is all of them.
_EVENTS: dict[str, frozenset[tuple[str, ...]]] = {
    "startEvent": frozenset({()}),
    "endEvent": frozenset({(), ("terminate",)}),
    "intermediateThrowEvent": frozenset({(), ("signal",)}),
    "intermediateCatchEvent": frozenset({("timer",), ("message",), ("signal",)}),
    "boundaryEvent": frozenset({("timer",), ("message",), ("signal",)}),
}
_WHY_NOT = {
    "scriptTask": "Scripts are not run: call a function of the process with a service task",
    "adHocSubProcess": "Ad-hoc subprocesses are not supported",
    "childLaneSet": "Lanes inside lanes are not supported",
    "sendTask": "Send messages from the function of a service task",
}


def check_diagram(diagram: Diagram, process: Process, has_form: HasForm, roles: Collection[str]) -> None:
    """Raise ``BadDiagram`` with the first problem of a diagram, if there is one."""
    for problem in problems(diagram, process, has_form, roles):
        raise problem


def problems(diagram: Diagram, process: Process, has_form: HasForm, roles: Collection[str]) -> Iterator[BadDiagram]:
    """Find everything that speaks against deploying a diagram; the worst comes first."""
    return chain(
        _unsupported(diagram),
        _id_problems(diagram),
        _call_problems(diagram),
        _role_problems(diagram, roles),
        way_problems(diagram),
        gateway_problems(diagram),
        _expression_problems(diagram),
        *(_element_problems(diagram, element) for element in diagram.elements),
        *(approval_problems(diagram, element, roles) for element in diagram.elements),
        _hand_problems(diagram, process, has_form),
        _table_problems(diagram),
    )


def untranslated(diagram: Diagram) -> list[str]:
    """Give the ids of the lanes, tasks and events that people see without a name in both languages."""
    named = [(diagram.key, diagram.name_zh, diagram.name_en)]
    named += [(lane.id, lane.name_zh, lane.name_en) for lane in diagram.lanes]
    named += [(each.id, each.name_zh, each.name_en) for each in diagram.elements if each.kind in ACTIVITIES]
    return [each for each, zh, en in named if not (zh and en)]


def _unsupported(diagram: Diagram) -> Iterator[BadDiagram]:
    for each in diagram.unsupported:
        yield BadDiagram(each.element_id, _WHY_NOT.get(each.tag, f"{each.tag} is not supported"))
    if not diagram.executable:
        yield BadDiagram(diagram.key, "The process is not marked as executable")


def _id_problems(diagram: Diagram) -> Iterator[BadDiagram]:
    ids = Counter([diagram.key, *diagram.called])
    ids.update(element.id for element in diagram.elements)
    ids.update(lane.id for lane in diagram.lanes)
    ids.update(flow.id for flow in diagram.flows)
    for each, count in ids.items():
        if count > 1:
            yield BadDiagram(each, f"The id is used {count} times")
        elif not _ID.fullmatch(each) or _MADE_UP.fullmatch(each):
            yield BadDiagram(each, "An id says what it names, in lower-case letters, digits and underscores")
        elif keyword.iskeyword(each) or each in _RESERVED:
            yield BadDiagram(each, "The id is a reserved word")


def _call_problems(diagram: Diagram) -> Iterator[BadDiagram]:
    """Find diagrams that call themselves, however far around."""
    for process in (diagram.key, *diagram.called):
        reached: set[str] = set()
        waiting = [process]
        while waiting:
            caller = waiting.pop()
            called = {each.calls for each in diagram.elements if each.process == caller and each.calls}
            waiting += called - reached
            reached |= called
        if process in reached:
            yield BadDiagram(process, "The process calls itself")


def _role_problems(diagram: Diagram, roles: Collection[str]) -> Iterator[BadDiagram]:
    for lane in diagram.lanes:
        if lane.role not in roles:
            yield BadDiagram(lane.id, f"The lane's role {lane.role!r} is not known")
        if lane.assign not in ASSIGNMENTS:
            yield BadDiagram(lane.id, f"The lane's assign is one of {', '.join(sorted(ASSIGNMENTS))}")
    for role in (*diagram.readers, *sorted(diagram.starters)):
        if role not in roles:
            yield BadDiagram(diagram.key, f"The role {role!r} of its readers or starters is not known")


def _expression_problems(diagram: Diagram) -> Iterator[BadDiagram]:
    for flow in diagram.flows:
        if flow.condition is not None:
            yield from condition_problems(diagram, flow.id, flow.condition)
    for element in diagram.elements:
        if element.timer is not None:
            try:
                expression = read_timer(element.timer)
            except BadExpression as error:
                yield BadDiagram(element.id, str(error))
            else:
                yield from name_problems(diagram, element.id, expression) if expression else ()


def _element_problems(diagram: Diagram, element: Element) -> Iterator[BadDiagram]:
    if element.kind in _EVENTS and element.events not in _EVENTS[element.kind]:
        what = " and ".join(element.events) or "no event definition"
        yield BadDiagram(element.id, f"{element.kind} with {what} is not supported")
    if "timer" in element.events and element.timer is None:
        yield BadDiagram(element.id, "The timer has no date, duration or cycle")
    if ("message" in element.events or element.kind == "receiveTask") and not _ID.fullmatch(element.message or ""):
        yield BadDiagram(element.id, "The message needs a name, in lower-case letters, digits and underscores")
    if "signal" in element.events and not _ID.fullmatch(element.signal or ""):
        yield BadDiagram(element.id, "The signal needs a name, in lower-case letters, digits and underscores")
    if element.kind == "boundaryEvent":
        host = element.attached_to or ""
        if not diagram.has_element(host) or diagram.element(host).kind not in ACTIVITIES:
            yield BadDiagram(element.id, "A boundary event sits on a task, a subprocess or a call")
        elif diagram.element(host).scope != element.scope:
            yield BadDiagram(element.id, "A boundary event sits on a task of its own level")
    if element.outcome not in OUTCOMES or (element.outcome and element.kind != "endEvent"):
        yield BadDiagram(element.id, "An outcome is completed or rejected, and stands at an end event")
    yield from _deadline_problems(element)


def _deadline_problems(element: Element) -> Iterator[BadDiagram]:
    remind, escalate = element.remind_after, element.escalate_after
    for days in (remind, escalate):
        if days is not None and (element.form is None or not 0 < days <= LONGEST_WAIT):
            yield BadDiagram(element.id, f"Only a user task has a deadline, of 1 to {LONGEST_WAIT} working days")
    if remind is not None and escalate is not None and escalate < remind:
        yield BadDiagram(element.id, "It escalates before it reminds")


def _hand_problems(diagram: Diagram, process: Process, has_form: HasForm) -> Iterator[BadDiagram]:
    """Find what the diagram asks of the process package and of the forms, and does not get."""
    if process.key != diagram.key:
        yield BadDiagram(diagram.key, f"The process package is that of {process.key!r}")
    if not has_form(diagram.key, diagram.start_id):
        yield BadDiagram(diagram.start_id, "The start has no form")
    for task in diagram.user_tasks():
        if task.role is None:
            yield BadDiagram(task.id, "The user task stands in no lane")
        if not has_form(diagram.key, task.id):
            yield BadDiagram(task.id, "The user task has no form")
        if task.id not in process.operations:
            yield BadDiagram(task.id, "The user task has no operation")
    for task in diagram.of_kind("serviceTask"):
        if task.implementation not in process.services:
            yield BadDiagram(task.id, f"The service task has no function {task.implementation!r}")
    for act in process.acts:
        if diagram.has_element(act):
            yield BadDiagram(act, "An act of the process has the id of this element")
        if not has_form(diagram.key, act):
            yield BadDiagram(diagram.key, f"The act {act!r} has no form")


def _table_problems(diagram: Diagram) -> Iterator[BadDiagram]:
    for element in diagram.elements:
        asks = element.kind == "businessRuleTask"
        if asks and element.decision not in diagram.tables:
            yield BadDiagram(element.id, f"There is no decision table {element.decision!r}")
        elif element.decision and not asks:
            yield BadDiagram(element.id, "Only a business rule task asks a decision table")
        if element.binding is not None and not asks:
            yield BadDiagram(element.id, "Only a business rule task says which version of a table it asks")
        elif element.binding not in BINDINGS:
            yield BadDiagram(element.id, "A binding is deployment or latest")
    for table in diagram.tables.values():
        try:
            check_table(table)
        except BadDiagram as problem:
            yield problem
