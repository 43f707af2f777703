"""The three decisions on a request (H12.1) and what follows from the last of them.

An approver approves, returns the request for changes, or rejects it. The form asks for a reason where one is due. Who
returns a request says where it goes on afterwards: ``restart`` with the manager, or ``direct``, back to themselves.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from workflows.advance.model import Advance
from workflows.engine.process import Outcome, Step
from workflows.kernel.days import day_of


def manager_approval(_: Step, answer: Mapping[str, Any]) -> Outcome:
    """The department manager's decision."""
    return _decided(answer)


def director_opinion(_: Step, answer: Mapping[str, Any]) -> Outcome:
    """The sales director's decision, which always carries a written opinion."""
    return _decided(answer)


def general_manager_approval(_: Step, answer: Mapping[str, Any]) -> Outcome:
    """The general manager's decision."""
    return _decided(answer)


def open_loan(step: Step) -> None:
    """Turn an approved request into a loan that finance may pay from today on."""
    step.session.execute(
        update(Advance).where(Advance.instance_id == step.instance_id).values(approved_on=day_of(step.now))
    )


def _decided(answer: Mapping[str, Any]) -> Outcome:
    decision = answer["decision"]
    resume = (answer.get("resume") or "restart") if decision == "return" else None
    return Outcome(decision, answer.get("opinion") or None, {"resume": resume})
