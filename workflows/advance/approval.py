"""The three decisions on a request (H12.1) and what follows from the last of them.

An approver approves, returns the request, or rejects it. The form asks for a reason where one is due. Who returns a
request says to whom (``return_to``: a step it has passed, the borrower where none is named), and whether everybody is
asked again afterwards (``resume``: ``restart``) or it comes back to them at once (``direct``).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from workflows.advance.model import Advance
from workflows.engine.process import Outcome, Step
from workflows.kernel.days import day_of


def manager_approval(_: Step, answer: Mapping[str, Any]) -> Outcome:
    """The department manager's decision."""
    return Outcome.of_approval(answer)


def director_opinion(_: Step, answer: Mapping[str, Any]) -> Outcome:
    """The sales director's decision, which always carries a written opinion."""
    return Outcome.of_approval(answer)


def general_manager_approval(_: Step, answer: Mapping[str, Any]) -> Outcome:
    """The general manager's decision."""
    return Outcome.of_approval(answer)


def open_loan(step: Step) -> None:
    """Turn an approved request into a loan that finance may pay from today on."""
    step.session.execute(
        update(Advance).where(Advance.instance_id == step.instance_id).values(approved_on=day_of(step.now))
    )
