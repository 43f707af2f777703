"""Checks on gateways and on the conditions of flows: a case that reaches a gateway always finds a way on."""

import ast
from collections.abc import Iterator

from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.bpmn.elements import Element, Flow
from workflows.engine.language.expressions import BadExpression, Expression, compile_expression
from workflows.engine.safe_xml import BadDiagram

#: What leaves values in the state, so that a condition may read it.
ANSWERING = frozenset({"startEvent", "userTask", "serviceTask", "businessRuleTask", "receiveTask"}) | {
    "intermediateCatchEvent",
    "boundaryEvent",
}
CONDITIONAL = frozenset({"exclusiveGateway", "inclusiveGateway"})
#: A way that is cut in two by x and not x.
TWO = 2


def gateway_problems(diagram: Diagram) -> Iterator[BadDiagram]:
    """Find gateways that may find no way on, and conditions where nobody reads them."""
    for element in diagram.elements:
        leaving = diagram.leaving(element.id)
        if element.kind in CONDITIONAL and len(leaving) > 1:
            yield from _split_problems(element, leaving)
        else:
            yield from _unconditional_problems(element, leaving)
        if element.kind == "eventBasedGateway":
            yield from _race_problems(diagram, element, leaving)


def condition_problems(diagram: Diagram, element_id: str, text: str) -> Iterator[BadDiagram]:
    """Find out why a condition can't be evaluated: its language, or a name that nothing answers."""
    try:
        expression = compile_expression(text)
    except BadExpression as error:
        yield BadDiagram(element_id, str(error))
    else:
        yield from name_problems(diagram, element_id, expression)
        if expression.functions - {"len"}:
            yield BadDiagram(element_id, "Working days are for timers, not for conditions")


def name_problems(diagram: Diagram, element_id: str, expression: Expression) -> Iterator[BadDiagram]:
    """Find names in an expression that no element answers under."""
    for name in sorted(expression.names):
        if not diagram.has_element(name):
            yield BadDiagram(element_id, f"The condition reads {name!r}, which is no element of the diagram")
        elif diagram.element(name).kind not in ANSWERING:
            yield BadDiagram(element_id, f"The condition reads {name!r}, which nobody answers")


def are_opposites(one: Expression, other: Expression) -> bool:
    """Say whether exactly one of two conditions holds whatever the values are: ``x`` and ``not x``."""
    return ast.dump(_negated(one.tree)) == ast.dump(_plain(other.tree))


def _split_problems(gateway: Element, leaving: list[Flow]) -> Iterator[BadDiagram]:
    for flow in leaving:
        if flow.id == gateway.default_flow and flow.condition:
            yield BadDiagram(flow.id, "The default flow of a gateway has no condition")
        elif flow.id != gateway.default_flow and not flow.condition:
            yield BadDiagram(flow.id, f"A flow that leaves {gateway.id!r} needs a condition, or to be its default")
    if gateway.default_flow is None and not _covers(leaving):
        yield BadDiagram(gateway.id, "The gateway may find no way on: give it a default flow")
    yield from _foreign_default(gateway, leaving)


def _foreign_default(element: Element, leaving: list[Flow]) -> Iterator[BadDiagram]:
    if element.default_flow is not None and element.default_flow not in {flow.id for flow in leaving}:
        yield BadDiagram(element.id, f"Its default flow {element.default_flow!r} does not leave it")


def _covers(leaving: list[Flow]) -> bool:
    if len(leaving) != TWO:
        return False
    try:
        one, other = (compile_expression(flow.condition or "") for flow in leaving)
    except BadExpression:
        return False
    return are_opposites(one, other)


def _unconditional_problems(element: Element, leaving: list[Flow]) -> Iterator[BadDiagram]:
    for flow in leaving:
        if flow.condition:
            yield BadDiagram(flow.id, "A condition stands only on a flow that leaves a gateway with several ways")
    yield from _foreign_default(element, leaving)
    if len(leaving) > 1 and not element.kind.endswith("Gateway"):
        yield BadDiagram(element.id, "Several flows leave it: say with a gateway which of them are taken")


def _race_problems(diagram: Diagram, gateway: Element, leaving: list[Flow]) -> Iterator[BadDiagram]:
    if len(leaving) < TWO:
        yield BadDiagram(gateway.id, "Events race only when there are at least two")
    for flow in leaving:
        if diagram.has_element(flow.target):
            target = diagram.element(flow.target)
            entries = sum(1 for each in diagram.flows if each.target == target.id)
            if target.kind not in {"intermediateCatchEvent", "receiveTask"} or entries > 1:
                yield BadDiagram(flow.id, "The gateway leads only to events that nothing else leads to")


_INVERSE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def _plain(tree: ast.expr) -> ast.expr:
    """Write ``not (a == b)`` as ``a != b`` and ``not not a`` as ``a``."""
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
        return _negated(tree.operand)
    return tree


def _negated(tree: ast.expr) -> ast.expr:
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
        return _plain(tree.operand)
    if isinstance(tree, ast.Compare) and len(tree.ops) == 1:
        return ast.Compare(tree.left, [_INVERSE[type(tree.ops[0])]()], tree.comparators)
    return ast.UnaryOp(ast.Not(), tree)
