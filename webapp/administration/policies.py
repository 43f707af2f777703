"""What a diagram says about each of its steps, in words for people, each with its attribute for who edits the diagram.

Nothing here names anybody but the login that ``salesflow:nobodyFound`` holds, which stands in the diagram itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from forms.people import ROLE_NAMES
from webapp.i18n import current_language
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.bpmn.elements import Element, Signing


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is said of a step: what it is about, in words, and the attribute that says so."""

    about: str
    words: str
    attribute: str


@dataclass(frozen=True, slots=True)
class StepWords:
    """A step, who is asked, and what holds for it."""

    id: str
    name: str
    who: str
    facts: list[Fact]


def steps_in_words(diagram: Diagram) -> list[StepWords]:
    """Give the start and every step that people do, in the order of the diagram."""
    language = current_language()
    start = diagram.element(diagram.start_id)
    found = [StepWords(start.id, start.name(language), _starters(diagram), list(_copies(start)))]
    for element in diagram.user_tasks():
        found.append(StepWords(element.id, element.name(language), _who(element), list(_facts(element))))
    return found


def _starters(diagram: Diagram) -> str:
    return _list(_role(role) for role in sorted(diagram.starters)) or _("Everyone")


def _who(element: Element) -> str:
    role = _role(str(element.role))
    return {
        "starter": _("Whoever started the case"),
        "line": _("The nearest %(role)s above the starter", role=role),
        "group": _("Whoever of the group claims it: %(role)s", role=role),
    }.get(str(element.assign), role)


def _facts(element: Element) -> Iterator[Fact]:
    if element.signing is not None:
        yield Fact(_("Signing"), _signing(element.signing), "salesflow:sign")
    if element.remind_after is not None:
        days = element.remind_after
        words = ngettext("after %(num)s working day", "after %(num)s working days", days)
        yield Fact(_("Reminder"), words, "salesflow:remindAfter")
    if element.escalate_after is not None:
        days = element.escalate_after
        words = ngettext("after %(num)s working day", "after %(num)s working days", days)
        yield Fact(_("Deadline"), words, "salesflow:escalateAfter")
        yield Fact(_("At the deadline"), _at_deadline(element.at_deadline), "salesflow:atDeadline")
    yield from _copies(element)
    if element.signature:
        yield Fact(_("Signature"), _("Approving takes a handwritten signature."), "salesflow:signature")
    yield from _policies(element)


def _copies(element: Element) -> Iterator[Fact]:
    if element.copy_to:
        people = _list(_("the starter") if role == "starter" else _role(role) for role in element.copy_to)
        yield Fact(_("Copies"), people, "salesflow:copyTo")


def _policies(element: Element) -> Iterator[Fact]:
    said = element.policies
    same = {
        "ask": _("is asked again."),
        "skip": _("is not asked again; a note says so."),
    }
    starter = {
        "superior": _("their superior decides."),
        "skip": _("the step is left out; a note says so."),
    }
    disabled = {
        "superior": _("the next superior decides."),
        "delegate": _("the delegate of the day decides, else the next superior."),
    }
    nobody = (
        _("an incident; administrators find somebody.")
        if said.nobody_found == "administrator"
        else _("%(login)s is asked.", login=said.nobody_found)
    )
    # Only a decision is left out; whoever else is asked is found by the rule of the lane.
    if element.approval and element.assign == "line":
        yield Fact(_("Who decided the step before"), same[said.same_person], "salesflow:samePerson")
        yield Fact(_("The starter would decide"), starter[said.starter_decides], "salesflow:starterDecides")
    yield Fact(_("Nobody is found"), nobody, "salesflow:nobodyFound")
    if element.assign != "group":
        yield Fact(_("The person's account is disabled"), disabled[said.disabled_person], "salesflow:disabledPerson")


def _signing(signing: Signing) -> str:
    if signing.sequential:
        how = _("All sign, one after the other.")
    elif signing.mode == "any":
        how = _("One signature is enough.")
    elif signing.mode == "vote":
        how = _("A vote: passed by %(share)s of the signers.", share=signing.share)
    else:
        how = _("All sign, in any order.")
    who = _("Everybody who holds the role.") if signing.people is None else _("The people who were chosen before.")
    return f"{how} {who}"


def _at_deadline(word: str) -> str:
    return {
        "escalate": _("the superior is told."),
        "hand_over": _("the superior gets the task."),
        "approve": _("it is approved by itself."),
        "reject": _("it is rejected by itself."),
    }[word]


def _role(role: str) -> str:
    return str(ROLE_NAMES.get(role, role))


def _list(parts: Iterator[str]) -> str:
    return _(", ").join(parts)
