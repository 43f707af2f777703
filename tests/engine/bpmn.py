"""Write small diagrams in a few lines, for tests of the engine.

``diagram("p", nodes, flows)``: a node is ``"user:ask"``, ``"service:book"``, ``"xor:which default=f2"``,
``"start:begin"``, ``"end:done outcome=rejected"``, ``"and:fork"``; text after the id gives attributes. A flow is
``"a -> b"`` or ``"a -> b if ask.decision == 'yes'"``; flows are numbered f1, f2, … in their order.
"""

import re
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:salesflow="https://salesflow.example/bpmn" targetNamespace="https://salesflow.example/tests">'
)
TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "user": "userTask",
    "service": "serviceTask",
    "rule": "businessRuleTask",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "race": "eventBasedGateway",
    "call": "callActivity",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "boundary": "boundaryEvent",
    "receive": "receiveTask",
    "sub": "subProcess",
}
OWN = {
    "outcome", "decision", "remindAfter", "escalateAfter", "approval", "signature", "atDeadline", "copyTo",
    "repeatable", "binding", "samePerson", "starterDecides", "nobodyFound", "disabledPerson",
}  # fmt: skip


def _node(text: str, lanes: dict[str, list[str]]) -> str:
    head, _, inner = text.partition(" | ")
    kind, name, *attributes = re.split(r":| ", head, maxsplit=2)
    pairs = {"id": name, "name": name} | dict(re.findall(r"(\w+)=(\S+)", attributes[0] if attributes else ""))
    lane = pairs.pop("lane", None)
    if lane:
        lanes.setdefault(lane, []).append(name)
    written = "".join(
        f" {'salesflow:' if key in OWN and kind != 'x' else ''}{key}={quoteattr(value)}" for key, value in pairs.items()
    )
    return f"<{TAGS[kind]}{written}>{inner}</{TAGS[kind]}>"


def _flow(number: int, text: str) -> str:
    way, _, condition = text.partition(" if ")
    source, target = (end.strip() for end in way.split("->"))
    inner = f"<conditionExpression>{escape(condition)}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def body(nodes: list[str], flows: list[str], lanes: dict[str, list[str]] | None = None, first: int = 1) -> str:
    """The inside of a process or a subprocess."""
    kept = {} if lanes is None else lanes
    return "".join(_node(node, kept) for node in nodes) + "".join(
        _flow(number, flow) for number, flow in enumerate(flows, first)
    )


def diagram(
    key: str,
    nodes: list[str],
    flows: list[str],
    *,
    assign: dict[str, str] | None = None,
    extra: str = "",
    first: int = 1,
) -> dict[str, str]:
    """One file with one process. Nodes carry ``lane=<role>``; ``assign`` says how a lane finds its person."""
    lanes: dict[str, list[str]] = {}
    inside = body(nodes, flows, lanes, first)
    written = "".join(
        f'<lane id="{key}_{role}" name="{role}" salesflow:role="{role}" '
        f'salesflow:assign="{(assign or {}).get(role, "line")}">'
        + "".join(f"<flowNodeRef>{name}</flowNodeRef>" for name in members)
        + "</lane>"
        for role, members in lanes.items()
    )
    lane_set = f'<laneSet id="{key}_lanes">{written}</laneSet>' if lanes else ""
    process = f'<process id="{key}" name="{key}" isExecutable="true">{lane_set}{inside}</process>'
    return {f"{key}.bpmn": f"{HEAD}{extra}{process}</definitions>"}


MESSAGE = '<messageEventDefinition messageRef="{}"/>'


def message(name: str) -> str:
    """The declaration of a message, for ``extra``."""
    return f'<message id="{name}" name="{name}"/>'


def timer(kind: str, text: str) -> str:
    """A timer event's inside: kind is timeDate, timeDuration or timeCycle."""
    return f"<timerEventDefinition><{kind}>{escape(text)}</{kind}></timerEventDefinition>"


def signers(mode: str = "all", *, sequential: bool = False, share: str = "", people: str = "") -> str:
    """A user task's inside that has several people sign it."""
    asked = f' salesflow:share="{share}"' if share else ""
    chosen = f"<loopDataInputRef>{escape(people)}</loopDataInputRef>" if people else ""
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}" salesflow:sign="{mode}"{asked}>'
        f"{chosen}</multiInstanceLoopCharacteristics>"
    )
