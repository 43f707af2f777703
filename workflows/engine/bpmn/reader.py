"""One BPMN file -> elements, flows and lanes. It reads; what is allowed is decided in ``checks``.

What the engine does not know is not dropped in silence but listed (``Unsupported``), so that a diagram with a script
task or a data object is refused when it is deployed, while an instance that runs on an older diagram can still be read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from workflows.engine.bpmn.elements import KINDS, Element, Flow, Lane, Policies, Signing, Timer, Unsupported
from workflows.engine.safe_xml import BadDiagram, local_name, namespace, parse_xml

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SALESFLOW = "https://salesflow.example/bpmn"

#: Drawing and prose: of no effect when the diagram runs.
_REMARKS = frozenset(
    {"documentation", "extensionElements", "textAnnotation", "association", "group", "incoming", "outgoing"}
)
_TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_EVENTS = {
    "timerEventDefinition": "timer",
    "messageEventDefinition": "message",
    "signalEventDefinition": "signal",
    "terminateEventDefinition": "terminate",
}
_TOP = frozenset({"process", "collaboration", "message", "signal", "category"})


@dataclass(slots=True)
class File:
    """What one BPMN file holds."""

    process: str
    name_zh: str
    name_en: str
    readers: tuple[str, ...]
    starters: tuple[str, ...]
    executable: bool
    policies: Policies
    lanes: list[Lane] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    unsupported: list[Unsupported] = field(default_factory=list)
    messages: dict[str, str] = field(default_factory=dict)


def read_file(text: str, name: str) -> File:
    """Read one BPMN file that holds one process; raise ``BadDiagram`` when it does not."""
    root = parse_xml(text, name)
    if local_name(root) != "definitions" or namespace(root) != BPMN:
        raise BadDiagram(name, "The file is not a BPMN 2.0 diagram")
    processes = [node for node in _children(root) if local_name(node) == "process"]
    if len(processes) != 1:
        raise BadDiagram(name, f"A file holds one process, this one {len(processes)}")
    process = processes[0]
    file = File(
        process=_id(process, name),
        name_zh=process.get("name", ""),
        name_en=_own(process, "nameEn") or "",
        readers=tuple((_own(process, "readers") or "").split()),
        starters=tuple((_own(process, "starters") or "").split()),
        executable=process.get("isExecutable", "true") == "true",
        policies=_policies(process, Policies()),
        messages=_declared(root, "message"),
    )
    others = (local_name(node) for node in _children(root) if local_name(node) not in _TOP)
    file.unsupported += [Unsupported(name, tag) for tag in others]
    _Reader(file, file.messages, _declared(root, "signal")).read(process, None, None)
    return file


def _declared(root: etree._Element, tag: str) -> dict[str, str]:
    return {_id(node, tag): node.get("name", "") for node in _children(root) if local_name(node) == tag}


class _Reader:
    """Walks through a process and its subprocesses, and fills the file."""

    def __init__(self, file: File, messages: Mapping[str, str], signals: Mapping[str, str]) -> None:
        self.file = file
        self.messages = messages
        self.signals = signals
        #: Element id -> the lane that names it.
        self.lane_of: dict[str, Lane] = {}

    def read(self, scope: etree._Element, parent: str | None, lane: Lane | None) -> None:
        scope_id = _id(scope, self.file.process)
        children = list(_children(scope))
        for node in children:
            if local_name(node) == "laneSet":
                self._lanes(node, scope_id)
        for node in children:
            tag = local_name(node)
            if tag == "sequenceFlow":
                self.file.flows.append(_flow(node, scope_id))
            elif tag in KINDS:
                self._element(node, parent, lane)
            elif tag != "laneSet" and tag not in _REMARKS and not (parent and tag == _SEVERAL):
                self._refuse(node.get("id") or scope_id, tag)

    def _lanes(self, lane_set: etree._Element, scope_id: str) -> None:
        for node in _children(lane_set):
            lane = Lane(
                id=_id(node, scope_id),
                name_zh=node.get("name", ""),
                name_en=_own(node, "nameEn") or "",
                role=_own(node, "role"),
                assign=_own(node, "assign"),
            )
            self.file.lanes.append(lane)
            for child in _children(node):
                if local_name(child) == "flowNodeRef":
                    element_id = _text(child) or ""
                    if self.lane_of.setdefault(element_id, lane) is not lane:
                        raise BadDiagram(element_id, "It stands in two lanes")
                elif local_name(child) not in _REMARKS:
                    self._refuse(lane.id, local_name(child))

    def _element(self, node: etree._Element, parent: str | None, inherited: Lane | None) -> None:
        kind, element_id = local_name(node), _id(node, parent or self.file.process)
        lane = self.lane_of.get(element_id, inherited)
        definitions = self._definitions(node, element_id, kind)
        self.file.elements.append(
            Element(
                id=element_id,
                kind=kind,
                name_zh=node.get("name", ""),
                name_en=_own(node, "nameEn") or "",
                process=self.file.process,
                parent=parent,
                lane=lane.id if lane else None,
                role=lane.role if lane else None,
                assign=lane.assign if lane else None,
                form=element_id if kind == "userTask" else None,
                implementation=node.get("implementation") if kind == "serviceTask" else None,
                decision=_own(node, "decision"),
                binding=_own(node, "binding"),
                remind_after=_days(node, "remindAfter", element_id),
                escalate_after=_days(node, "escalateAfter", element_id),
                outcome=_own(node, "outcome"),
                default_flow=node.get("default"),
                attached_to=node.get("attachedToRef"),
                interrupting=node.get("cancelActivity", "true") == "true",
                events=tuple(_EVENTS[local_name(each)] for each in definitions),
                message=_reference(node, definitions, "messageRef", self.messages),
                signal=_reference(node, definitions, "signalRef", self.signals),
                timer=_timer(definitions),
                calls=node.get("calledElement") if kind == "callActivity" else None,
                signing=_signing(node),
                approval=_own(node, "approval") == "true",
                signature=_own(node, "signature") == "required",
                at_deadline=_own(node, "atDeadline") or "escalate",
                copy_to=tuple((_own(node, "copyTo") or "").split()),
                repeatable=_own(node, "repeatable") == "true",
                policies=_policies(node, self.file.policies),
            )
        )
        if kind == "subProcess":
            self.read(node, element_id, lane)
            if node.get("triggeredByEvent") == "true":
                self._refuse(element_id, "event subprocess")

    def _definitions(self, node: etree._Element, element_id: str, kind: str) -> list[etree._Element]:
        """Give the event definitions, and note every other child that the engine does not run."""
        found = []
        for child in _children(node):
            tag = local_name(child)
            if tag in _EVENTS:
                found.append(child)
            elif tag == _SEVERAL:
                for part in _children(child):
                    if local_name(part) not in _SEVERAL_PARTS | _REMARKS:
                        self._refuse(element_id, local_name(part))
            elif kind != "subProcess" and tag not in _REMARKS:
                self._refuse(element_id, tag)
        return found

    def _refuse(self, element_id: str, tag: str) -> None:
        self.file.unsupported.append(Unsupported(element_id, tag))


_SEVERAL = "multiInstanceLoopCharacteristics"
_SEVERAL_PARTS = frozenset({"loopDataInputRef"})


def _children(node: etree._Element) -> Iterator[etree._Element]:
    return (child for child in node if isinstance(child.tag, str) and namespace(child) == BPMN)


def _own(node: etree._Element, attribute: str) -> str | None:
    return node.get(f"{{{SALESFLOW}}}{attribute}")


def _id(node: etree._Element, place: str) -> str:
    value = node.get("id")
    if not value:
        raise BadDiagram(place, f"A {local_name(node)} has no id")
    return value


def _days(node: etree._Element, attribute: str, element_id: str) -> int | None:
    text = _own(node, attribute)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 4):  # noqa: PLR2004 (three digits are years of waiting)
        raise BadDiagram(element_id, f"{attribute} must be a number of working days, not {text[:20]!r}")
    return int(text)


def _policies(node: etree._Element, usual: Policies) -> Policies:
    """Read what a step, or a process for all its steps, says about people who are not the ones to ask."""
    said = {
        "same_person": _own(node, "samePerson"),
        "starter_decides": _own(node, "starterDecides"),
        "nobody_found": _own(node, "nobodyFound"),
        "disabled_person": _own(node, "disabledPerson"),
    }
    return replace(usual, **{name: value for name, value in said.items() if value})


def _text(node: etree._Element | None) -> str | None:
    return (node.text or "").strip() if node is not None else None


def _find(node: etree._Element, tag: str) -> etree._Element | None:
    return next((child for child in _children(node) if local_name(child) == tag), None)


def _flow(node: etree._Element, scope: str) -> Flow:
    return Flow(
        id=_id(node, scope),
        source=node.get("sourceRef", ""),
        target=node.get("targetRef", ""),
        condition=_text(_find(node, "conditionExpression")),
        name_zh=node.get("name", ""),
        name_en=_own(node, "nameEn") or "",
        scope=scope,
    )


def _reference(
    node: etree._Element, definitions: list[etree._Element], attribute: str, declared: Mapping[str, str]
) -> str | None:
    """Give the name of the message or signal that an event refers to; empty when it is not declared."""
    references = [each.get(attribute) for each in (node, *definitions) if each.get(attribute)]
    return declared.get(references[0] or "", "") if references else None


def _timer(definitions: list[etree._Element]) -> Timer | None:
    for definition in definitions:
        for child in _children(definition):
            if local_name(child) in _TIMERS:
                return Timer(_TIMERS[local_name(child)], _text(child) or "")
    return None


def _signing(node: etree._Element) -> Signing | None:
    several = _find(node, _SEVERAL)
    if several is None:
        return None
    return Signing(
        mode=_own(several, "sign") or "all",
        share=_own(several, "share") or "1",
        sequential=several.get("isSequential") == "true",
        people=_text(_find(several, "loopDataInputRef")),
    )
