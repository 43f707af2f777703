"""The way of a case through its diagram: what it has passed, and what comes if everybody agrees.

The engine alone decides where a case goes. This is a forecast for readers: every step to come is taken to be
approved, and a gateway that cannot be foretold is left by its default flow.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from webapp.clock import request_now
from webapp.i18n import current_language
from webapp.instances.case import Case
from workflows.engine.assignment import CasePeople, Desk, desks_of_holders, find_desk, people_of_case
from workflows.engine.bpmn.diagrams import Diagram, Element, Flow
from workflows.engine.language.expressions import ExpressionError, compile_expression
from workflows.engine.model import TaskKind, TaskStatus
from workflows.kernel.days import day_of
from workflows.people.directory import names_of

#: A step was passed when it was answered, or when a policy left it out.
_PASSED = frozenset({TaskStatus.COMPLETED.value, TaskStatus.SKIPPED.value})
#: What the forecast takes every step to come to be answered with.
_AGREED = {"decision": "approve"}


@dataclass(frozen=True, slots=True)
class Ahead:
    """A step to come: who will be asked as of now, a person by name or a group by its role.

    ``people`` names several where several sign; ``skipped`` is the policy by which nobody will be asked.
    """

    element: Element
    person: str | None
    group_role: str | None
    people: tuple[str, ...] = ()
    skipped: str | None = None


def way_ahead(session: Session, diagram: Diagram, case: Case) -> list[Ahead]:
    """Give the steps to come in their order, with the people as of now; empty once a case has ended."""
    if not case.is_running:
        return []
    elements = steps_ahead(diagram, _standing(case))
    if not elements:
        return []
    people = people_of_case(
        session,
        instance_id=case.id,
        starter_id=case.starter_id,
        roles={str(element.role) for element in elements},
        wanted=0,
    )
    deciding = [task for task in case.pending_tasks if task.kind != TaskKind.ADVISER]
    for task in deciding:
        people = _having_acted(people, task.assignee_id, task.role)
    found: list[tuple[Element, list[Desk]]] = []
    decided = [task.assignee_id for task in deciding if task.assignee_id]
    for element in elements:
        desks = _desks_ahead(session, element, people, decided)
        asked = [desk.assignee_id for desk in desks if desk.assignee_id]
        for person in asked:
            people = _having_acted(people, person, str(element.role))
        decided = asked or decided
        found.append((element, desks))
    everyone = [desk.assignee_id for _, desks in found for desk in desks if desk.assignee_id]
    names = names_of(session, everyone, in_english=current_language() == "en")
    return [_ahead(element, desks, names) for element, desks in found]


def _standing(case: Case) -> list[str]:
    """The steps from which the way leads on: those that wait while somebody changes what was sent straight back."""
    pending = case.pending_tasks
    return [task.element_id for task in pending if task.kind != TaskKind.REVISER] or [
        task.element_id for task in pending
    ]


def _desks_ahead(session: Session, element: Element, people: CasePeople, decided: list[int]) -> list[Desk]:
    if element.signing is not None and element.signing.people is None:
        return desks_of_holders(element, people)
    return [find_desk(session, element, people, today=day_of(request_now()), decided_before=decided)]


def _ahead(element: Element, desks: list[Desk], names: Mapping[int, str]) -> Ahead:
    known = tuple(names[desk.assignee_id] for desk in desks if desk.assignee_id in names)
    first = known[0] if len(known) == 1 else None
    return Ahead(element, first, desks[0].group_role, known if len(known) > 1 else (), desks[0].skipped)


def steps_ahead(diagram: Diagram, standing: Iterable[str]) -> list[Element]:
    """Give the user tasks that follow where a case stands, each once, if everybody agrees."""
    agreed: Mapping[str, dict[str, str]] = {task.id: _AGREED for task in diagram.user_tasks()}
    seen = set(standing)
    waiting = [each for ident in seen if diagram.has_element(ident) for each in _next(diagram, ident, agreed)]
    found = []
    while waiting:
        ident = waiting.pop(0)
        if ident in seen:
            continue
        seen.add(ident)
        element = diagram.element(ident)
        if element.kind == "userTask":
            found.append(element)
        waiting += _next(diagram, ident, agreed)
    return found


def awaited_event(diagram: Diagram, case: Case) -> str | None:
    """The event that a running case without open tasks waits for, as far as its last answer tells."""
    if not case.is_running or case.pending_tasks:
        return None
    answered = [task for task in case.tasks if task.status == TaskStatus.COMPLETED and task.closed_at]
    last = max(answered, key=lambda task: (task.closed_at, task.id), default=None)
    return event_after(diagram, last.element_id if last else diagram.start_id)


def event_after(diagram: Diagram, source: str) -> str | None:
    """The nearest event that waits for something, on the ways from an element that ask nobody."""
    ways, seen = [source], {source}
    while ways:
        for flow in diagram.leaving(ways.pop(0)):
            kind = diagram.element(flow.target).kind
            if kind == "intermediateCatchEvent":
                return flow.target
            if flow.target not in seen and kind != "userTask":
                seen.add(flow.target)
                ways.append(flow.target)
    return None


def passed(diagram: Diagram, case: Case) -> set[str]:
    """Give the ids of elements and flows that a case has passed, for colouring its diagram.

    Between two steps a case takes the shortest way that asks nobody, which in a reviewed diagram is the only one.
    """
    done = {diagram.start_id} | {task.element_id for task in case.tasks if task.status in _PASSED}
    for task in case.tasks:
        opener = _opener(case, task.opened_at)
        done.update(_between(diagram, opener or diagram.start_id, task.element_id))
    if case.outcome:
        last = max((t for t in case.tasks if t.closed_by_id), key=lambda t: (t.closed_at, t.id), default=None)
        done.update(_between(diagram, last.element_id if last else diagram.start_id, case.outcome))
        done.add(case.outcome)
    return done


def _opener(case: Case, opened_at: object) -> str | None:
    """The step whose answer opened a task: both carry the instant of one transaction."""
    return next((task.element_id for task in reversed(case.tasks) if task.closed_at == opened_at), None)


def _between(diagram: Diagram, source: str, target: str) -> list[str]:
    """The flows and elements on the shortest way from one element to another that passes no user task."""
    ways: list[tuple[str, list[str]]] = [(source, [])]
    seen = {source}
    while ways:
        here, way = ways.pop(0)
        for flow in diagram.leaving(here):
            if flow.target == target:
                return [*way, flow.id]
            if flow.target not in seen and diagram.element(flow.target).kind != "userTask":
                seen.add(flow.target)
                ways.append((flow.target, [*way, flow.id, flow.target]))
    return []


def _next(diagram: Diagram, ident: str, agreed: Mapping[str, dict[str, str]]) -> Iterator[str]:
    element = diagram.element(ident)
    inner = [
        each.id
        for each in diagram.of_kind("startEvent")
        if each.scope == (element.calls or ident) and element.kind in ("subProcess", "callActivity")
    ]
    leaving = diagram.leaving(ident)
    if element.kind in ("exclusiveGateway", "inclusiveGateway"):
        leaving = _chosen(element, leaving, agreed)
    yield from inner
    yield from (flow.target for flow in leaving)


def _chosen(element: Element, leaving: list[Flow], agreed: Mapping[str, dict[str, str]]) -> list[Flow]:
    for flow in leaving:
        if flow.condition and flow.id != element.default_flow and _holds(flow.condition, agreed):
            return [flow]
    return [flow for flow in leaving if flow.id == element.default_flow] or leaving[:1]


def _holds(condition: str, agreed: Mapping[str, dict[str, str]]) -> bool:
    try:
        return bool(compile_expression(condition).evaluate(agreed))
    except ExpressionError:
        return False


def _having_acted(people: CasePeople, person: int | None, role: str) -> CasePeople:
    if person is None:
        return people
    return replace(people, acted={**people.acted, person: people.acted.get(person, frozenset()) | {role}})
