"""What a diagram consists of, as plain frozen data: lanes, elements and sequence flows.

Names come in two languages: ``name`` is the Chinese one and ``salesflow:nameEn`` the English one; where one is missing
the other stands in, and the id where both are.
"""

from dataclasses import dataclass

#: Activities: what a boundary event may sit on.
TASKS = frozenset({"userTask", "serviceTask", "businessRuleTask", "receiveTask"})
ACTIVITIES = TASKS | {"subProcess", "callActivity"}
GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"})
CATCHING = frozenset({"intermediateCatchEvent", "boundaryEvent", "receiveTask"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
#: Every kind of element that the engine runs and that is tested.
KINDS = ACTIVITIES | GATEWAYS | EVENTS


def _name(zh: str, en: str, locale: str, otherwise: str) -> str:
    return (en or zh if locale.lower().startswith("en") else zh or en) or otherwise


@dataclass(frozen=True, slots=True)
class Lane:
    """Who acts: a role, and how the person is found. ``assign`` is ``starter``, ``line`` or ``group``."""

    id: str
    name_zh: str
    name_en: str
    role: str | None
    assign: str | None

    def name(self, locale: str) -> str:
        """Give the lane's name in one language."""
        return _name(self.name_zh, self.name_en, locale, self.id)


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer's text: an ISO 8601 literal, or an expression that gives one. ``kind`` is date, duration or cycle."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Signing:
    """A step that several people sign: a standard multi-instance user task with ``salesflow:sign``.

    ``mode`` is ``all`` (会签), ``any`` (或签) or ``vote`` (票签, passed by ``share`` of the signers, as ``2/3``);
    ``sequential`` asks one after the other (依次). The signers are the entries of the list of employee ids that the
    expression ``people`` gives (``request_contract.signers``); without it everybody who holds the lane's role.
    """

    mode: str
    share: str
    sequential: bool
    people: str | None


@dataclass(frozen=True, slots=True)
class Policies:
    """What happens where the usual person of a step is not the one to ask (attributes of the step or its process).

    ``same_person``: whoever decided the step before is asked again (``ask``) or not (``skip``, with a note).
    ``starter_decides``: where the starter would be asked, their ``superior`` is, or the step is left out (``skip``).
    ``nobody_found``: ``administrator``, or the login of the person to ask. ``disabled_person``: whose place nobody
    can take is filled by their ``delegate`` of the day or by their ``superior``.
    """

    same_person: str = "ask"
    starter_decides: str = "superior"
    nobody_found: str = "administrator"
    disabled_person: str = "superior"


@dataclass(frozen=True, slots=True)
class Element:
    """One step, gateway or event. ``kind`` is its BPMN name (``userTask``).

    ``parent`` is the subprocess around it, ``process`` the process of its file (the key, or a called diagram's);
    ``role`` and ``assign`` come from its lane, inside a subprocess from the subprocess's. ``form`` is set where a
    person fills a form: at user tasks and at the start of a case. ``remind_after`` and ``escalate_after`` count
    working days. ``events`` names the event definitions (``timer``, ``message``, ``signal``, ``terminate``).

    An ``approval`` is a user task whose form decides (approve, return, reject): others may be asked to sign as well, it
    may be sent back, taken back and approved in a batch. ``signature`` says that approving takes a handwritten one,
    ``at_deadline`` what happens when it escalates (``escalate``: the superior is told; ``hand_over``: the superior gets
    the task; ``approve`` or ``reject``: it is decided), ``copy_to`` who gets a copy once it is decided or reached
    (roles, or ``starter``). A ``repeatable`` service task may run again when a case was sent back past it.

    ``decision`` names the table that a business rule task asks, ``binding`` which version of it: the one that was
    deployed with the diagram (``deployment``) or the newest at the moment it decides (``latest``).
    """

    id: str
    kind: str
    name_zh: str
    name_en: str
    process: str
    parent: str | None = None
    lane: str | None = None
    role: str | None = None
    assign: str | None = None
    form: str | None = None
    implementation: str | None = None
    decision: str | None = None
    binding: str | None = None
    remind_after: int | None = None
    escalate_after: int | None = None
    outcome: str | None = None
    default_flow: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    events: tuple[str, ...] = ()
    message: str | None = None
    signal: str | None = None
    timer: Timer | None = None
    calls: str | None = None
    signing: Signing | None = None
    approval: bool = False
    signature: bool = False
    at_deadline: str = "escalate"
    copy_to: tuple[str, ...] = ()
    repeatable: bool = False
    policies: Policies = Policies()

    @property
    def asks_newest(self) -> bool:
        """Whether it asks the newest version of its decision table, not the one deployed with the diagram."""
        return self.binding == "latest"

    @property
    def scope(self) -> str:
        """The subprocess or the process whose flows lead to it."""
        return self.parent or self.process

    def name(self, locale: str) -> str:
        """Give the element's name in one language."""
        return _name(self.name_zh, self.name_en, locale, self.id)


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow, with the condition under which a gateway takes it."""

    id: str
    source: str
    target: str
    condition: str | None
    name_zh: str
    name_en: str
    scope: str

    def name(self, locale: str) -> str:
        """Give the flow's label in one language, empty where it has none."""
        return _name(self.name_zh, self.name_en, locale, "")


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something in the file that the engine does not run: the element where it stands and its BPMN name."""

    element_id: str
    tag: str
