"""Checks on the ways through a diagram: no dead end, nothing that can't be reached, no tree too large to predict.

The library predicts the tree of all ways ahead, and each copy of a way that runs in parallel predicts the rest of the
process again: twelve forks into two in a row are 32,765 nodes. The bound here adds the branches that run at the same
time, takes the largest of those that exclude each other, and cuts loops where they close.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.bpmn.elements import Element
from workflows.engine.safe_xml import BadDiagram

#: The largest tree of a process or subprocess; a diagram of fifty steps without forks has about sixty nodes.
LARGEST_TREE = 2_000
#: An end event stands before two nodes of the library's own.
END = 3


@dataclass(slots=True)
class Scope:
    """The elements on one level, that of a process or of a subprocess, and where each leads.

    A boundary event hangs on its activity: ``ahead`` leads from the activity to it.
    """

    id: str
    elements: dict[str, Element] = field(default_factory=dict)
    ahead: dict[str, list[str]] = field(default_factory=dict)


def scopes_of(diagram: Diagram) -> list[Scope]:
    """Take a diagram apart into its levels."""
    scopes: dict[str, Scope] = {}
    for element in diagram.elements:
        scope = scopes.setdefault(element.scope, Scope(element.scope))
        scope.elements[element.id] = element
        scope.ahead.setdefault(element.id, [])
    for flow in diagram.flows:
        scope = scopes.get(flow.scope, Scope(flow.scope))
        if flow.source in scope.elements and flow.target in scope.elements:
            scope.ahead[flow.source].append(flow.target)
    for element in diagram.of_kind("boundaryEvent"):
        scope = scopes[element.scope]
        if element.attached_to in scope.elements:
            scope.ahead[element.attached_to].append(element.id)
    return list(scopes.values())


def way_problems(diagram: Diagram) -> Iterator[BadDiagram]:
    """Find flows that lead nowhere, elements without a way from the start or to an end, and trees too large."""
    yield from _loose_flows(diagram)
    for scope in scopes_of(diagram):
        starts = [element for element in scope.elements.values() if element.kind == "startEvent"]
        if len(starts) != 1:
            yield BadDiagram(scope.id, f"It needs one start event and has {len(starts)}")
            continue
        yield from _stranded(diagram, scope, starts[0].id)
        yield from _inclusive_joins_in_loops(diagram, scope)
        size = _largest_tree(scope, starts[0].id)
        if size > LARGEST_TREE:
            reason = f"Its parallel ways multiply to more than {LARGEST_TREE} nodes: put each fork into a subprocess"
            yield BadDiagram(scope.id, reason)


def _loose_flows(diagram: Diagram) -> Iterator[BadDiagram]:
    for flow in diagram.flows:
        for end in (flow.source, flow.target):
            if not diagram.has_element(end) or diagram.element(end).scope != flow.scope:
                yield BadDiagram(flow.id, f"It is tied to {end!r}, which is no element on its level")
        if diagram.has_element(flow.target) and diagram.element(flow.target).kind in {"startEvent", "boundaryEvent"}:
            yield BadDiagram(flow.target, "No flow leads to a start or a boundary event")
        if diagram.has_element(flow.source) and diagram.element(flow.source).kind == "endEvent":
            yield BadDiagram(flow.source, "No flow leaves an end event")


def _stranded(diagram: Diagram, scope: Scope, start: str) -> Iterator[BadDiagram]:
    behind: dict[str, list[str]] = {element: [] for element in scope.elements}
    for source, targets in scope.ahead.items():
        for target in targets:
            behind[target].append(source)
    reached = _closure([start], scope.ahead)
    ends = [element.id for element in scope.elements.values() if element.kind == "endEvent"]
    ending = _closure(ends, behind)
    for element in scope.elements.values():
        if element.kind != "endEvent" and not diagram.leaving(element.id):
            yield BadDiagram(element.id, "No flow leaves it, and it is no end event")
        elif element.id not in reached:
            yield BadDiagram(element.id, "No way leads to it from the start")
        elif element.id not in ending:
            yield BadDiagram(element.id, "No way leads from it to an end")


def _inclusive_joins_in_loops(diagram: Diagram, scope: Scope) -> Iterator[BadDiagram]:
    """The library counts branches that reached an inclusive join in an earlier round as arrived in this one."""
    for element in scope.elements.values():
        arriving = [flow for flow in diagram.flows if flow.target == element.id]
        joins = element.kind == "inclusiveGateway" and len(arriving) > 1
        if joins and element.id in _closure(scope.ahead[element.id], scope.ahead):
            yield BadDiagram(element.id, "An inclusive gateway cannot join inside a loop: use a parallel one")


def _closure(first: list[str], ways: dict[str, list[str]]) -> set[str]:
    found, waiting = set(first), list(first)
    while waiting:
        for element in ways[waiting.pop()]:
            if element not in found:
                found.add(element)
                waiting.append(element)
    return found


def _largest_tree(scope: Scope, start: str) -> int:
    """Bound the number of nodes that the way from the start can hold at a time."""
    sizes: dict[str, int] = {}
    for element in _from_the_ends(scope, start):
        # What is not yet known closes a loop: the library stops there as well.
        sizes[element] = _tree(scope, scope.elements[element], sizes)
    # The library's own start stands before the start event.
    return sizes[start] + 1


def _tree(scope: Scope, element: Element, sizes: dict[str, int]) -> int:
    if element.kind == "endEvent":
        return END
    on: list[int] = []
    hanging: list[str] = []
    instead = [0]
    beside = 0
    for target in scope.ahead[element.id]:
        size = sizes.get(target, 1)
        boundary = scope.elements[target]
        if boundary.kind == "boundaryEvent" and boundary.attached_to == element.id:
            hanging.append(target)
            if boundary.interrupting:
                instead.append(size)
            else:
                beside += size
        else:
            on.append(size)
    excluding = element.kind in {"exclusiveGateway", "eventBasedGateway"}
    ways = max(on, default=0) + len(on) if excluding else sum(on)
    # An activity with events on it stands between a split and joins of the library's own: one after the activity and
    # one after each event. An event that excludes the activity is there with its next step, whichever is larger.
    events = len(hanging)
    return 1 + max(ways, *instead) + beside + (2 + 3 * events if events else 0)


def _from_the_ends(scope: Scope, start: str) -> list[str]:
    """Give what the start leads to, each after what it leads to itself (depth first, without recursion)."""
    order: list[str] = []
    seen = {start}
    stack = [(start, iter(scope.ahead[start]))]
    while stack:
        element, targets = stack[-1]
        for target in targets:
            if target not in seen:
                seen.add(target)
                stack.append((target, iter(scope.ahead[target])))
                break
        else:
            order.append(element)
            stack.pop()
    return order
