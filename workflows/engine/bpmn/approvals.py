"""Checks on what a diagram says about signing: who signs, what happens at a deadline, and the policies of a step."""

import re
from collections.abc import Collection, Iterator
from fractions import Fraction

from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.bpmn.elements import Element
from workflows.engine.bpmn.gateways import condition_problems
from workflows.engine.language.expressions import BadExpression, compile_expression
from workflows.engine.safe_xml import BadDiagram

MODES = frozenset({"all", "any", "vote"})
AT_DEADLINE = frozenset({"escalate", "hand_over", "approve", "reject"})
DECIDED_AT_DEADLINE = frozenset({"approve", "reject"})
_SHARE = re.compile(r"[1-9][0-9]{0,2}/[1-9][0-9]{0,2}", re.ASCII)
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


def approval_problems(diagram: Diagram, element: Element, roles: Collection[str]) -> Iterator[BadDiagram]:
    """Find what does not fit in the attributes of one element."""
    if element.signing is not None:
        yield from _signing_problems(diagram, element)
    if element.kind != "userTask" and (element.approval or element.signature):
        yield BadDiagram(element.id, "Only a user task is an approval")
    if element.signature and not element.approval:
        yield BadDiagram(element.id, "A signature is asked for where somebody approves: say salesflow:approval")
    if element.at_deadline not in AT_DEADLINE:
        yield BadDiagram(element.id, f"atDeadline is one of {', '.join(sorted(AT_DEADLINE))}")
    elif element.at_deadline != "escalate" and element.escalate_after is None:
        yield BadDiagram(element.id, "atDeadline needs a deadline: say salesflow:escalateAfter")
    if element.at_deadline in DECIDED_AT_DEADLINE and not element.approval:
        yield BadDiagram(element.id, "Only an approval can be decided at its deadline")
    if element.at_deadline == "approve" and element.signature:
        yield BadDiagram(element.id, "What is signed by hand cannot be approved by the clock")
    for role in element.copy_to:
        if role != "starter" and role not in roles:
            yield BadDiagram(element.id, f"A copy goes to the role {role!r}, which is not known")
    if element.copy_to and element.kind not in {"startEvent", "userTask", "endEvent"}:
        yield BadDiagram(element.id, "Copies go out at the start, after a user task or at an end")
    if element.repeatable and element.kind != "serviceTask":
        yield BadDiagram(element.id, "Only a service task is repeatable")
    if element.kind == "userTask":
        yield from _policy_problems(element)


def _signing_problems(diagram: Diagram, element: Element) -> Iterator[BadDiagram]:
    signing = element.signing
    assert signing is not None  # noqa: S101 (asked only for elements that several people sign)
    if not element.approval:
        yield BadDiagram(element.id, "Only an approval is signed by several people: say salesflow:approval")
    if signing.mode not in MODES:
        yield BadDiagram(element.id, f"sign is one of {', '.join(sorted(MODES))}")
    if signing.sequential and signing.mode != "all":
        yield BadDiagram(element.id, "One after the other means that all are asked: sign is then all")
    if signing.mode == "vote" and not (_SHARE.fullmatch(signing.share) and 0 < Fraction(signing.share) <= 1):
        yield BadDiagram(element.id, f"The share is a fraction of at most one, as 2/3, not {signing.share[:20]!r}")
    if element.assign == "starter":
        yield BadDiagram(element.id, "Whoever started the case is one person")
    if signing.people is not None:
        yield from condition_problems(diagram, element.id, signing.people)
        if _is_constant(signing.people):
            yield BadDiagram(element.id, "The list is one that somebody gives, as <element>.<value>")


def _is_constant(text: str) -> bool:
    try:
        return compile_expression(text).constant is not ...
    except BadExpression:
        return False


def _policy_problems(element: Element) -> Iterator[BadDiagram]:
    said = element.policies
    for name, value, words in (
        ("samePerson", said.same_person, {"ask", "skip"}),
        ("starterDecides", said.starter_decides, {"superior", "skip"}),
        ("disabledPerson", said.disabled_person, {"superior", "delegate"}),
    ):
        if value not in words:
            yield BadDiagram(element.id, f"{name} is one of {', '.join(sorted(words))}")
    if not _LOGIN.fullmatch(said.nobody_found):
        yield BadDiagram(element.id, "nobodyFound is administrator, or somebody's login")
    skips = "skip" in (said.same_person, said.starter_decides)
    if skips and element.signature:
        yield BadDiagram(element.id, "What is signed by hand is not left out")
