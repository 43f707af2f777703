"""The actions on a task: the form of each, what it does with a filled-in form, and who may find it where.

Pages and programs take the same way. Whether somebody really may is decided by the operation, under the lock; what is
said here beforehand only spares people buttons that would be refused.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from forms.approvals import AddSignersForm, HandOverForm, OpinionForm, RemoveForm, TakeBackForm
from forms.base import ProcessForm
from webapp.engine import engine
from workflows.engine.approvals import colleagues, sending_back
from workflows.engine.process import Actor
from workflows.engine.submissions import Result, Submitted
from workflows.kernel.errors import Invalid
from workflows.people.naming import people_named

Take = Callable[[Session, int, Mapping[str, Any], dict[str, Any]], Result]


@dataclass(frozen=True, slots=True)
class Action:
    """One action: its form, its words, and the operation behind it."""

    name: str
    form: type[ProcessForm]
    label: LazyString
    explanation: LazyString
    take: Take

    def carry_out(
        self,
        session: Session,
        task_id: int,
        answer: Mapping[str, Any],
        *,
        submitted: Submitted,
        actor: Actor,
        now: dt.datetime,
    ) -> Result:
        """Do it; the caller commits. Raises what the operation raises, at the fields of the form."""
        return self.take(session, task_id, answer, {"submitted": submitted, "actor": actor, "now": now})


def _hand_over(session: Session, task_id: int, answer: Mapping[str, Any], by: dict[str, Any]) -> Result:
    people = people_named(session, [answer["to"]], field="to")
    if len(people) != 1:
        raise Invalid.at("to", "Please name one person.")
    return colleagues.hand_over(engine(), session, task_id, people[0], reason=answer["reason"], **by)


def _add_signers(session: Session, task_id: int, answer: Mapping[str, Any], by: dict[str, Any]) -> Result:
    people = people_named(session, answer["people"], field="people")
    is_before = answer["position"] == "before"
    return colleagues.add_signers(
        engine(), session, task_id, people, is_before=is_before, reason=answer["reason"], **by
    )


def _ask_opinion(session: Session, task_id: int, answer: Mapping[str, Any], by: dict[str, Any]) -> Result:
    people = people_named(session, answer["people"], field="people")
    return colleagues.ask_opinion(engine(), session, task_id, people, question=answer["question"], **by)


def _remove(session: Session, task_id: int, answer: Mapping[str, Any], by: dict[str, Any]) -> Result:
    return colleagues.remove_signer(engine(), session, task_id, reason=answer["reason"], **by)


def _take_back(session: Session, task_id: int, answer: Mapping[str, Any], by: dict[str, Any]) -> Result:
    return sending_back.take_back(engine(), session, task_id, reason=answer["reason"] or "", **by)


ADD_SIGNERS = Action(
    "add_signers",
    AddSignersForm,
    _("Add signers"),
    _("They sign this step as well as you; each of them can stop it."),
    _add_signers,
)
HAND_OVER = Action(
    "hand_over",
    HandOverForm,
    _("Hand the task over"),
    _("The task leaves your desk for good, and they decide in your place."),
    _hand_over,
)
ASK_OPINION = Action(
    "ask_opinion",
    OpinionForm,
    _("Ask for an opinion"),
    _("The task waits for their opinion and then comes back to you; you decide."),
    _ask_opinion,
)
REMOVE = Action(
    "remove_signer",
    RemoveForm,
    _("Ask them no more"),
    _("Whoever you have asked and who has not answered yet need not any more."),
    _remove,
)
TAKE_BACK = Action(
    "take_back",
    TakeBackForm,
    _("Take back"),
    _("Your decision counts no more and the task lies on your desk again. Only until the next person has opened it."),
    _take_back,
)
