"""The copies that go out with a request or with a decision: fields beside the form of the step.

They travel with what was sent and are written in the step's own transaction, so that a copy is sent exactly if the
step is taken. What is wrong with them refuses the whole step and comes back at the field.
"""

import datetime as dt
from collections.abc import Sequence

from flask import g
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from forms.conversation import SentAlongForm
from webapp.engine import engine
from webapp.errors import told
from workflows.engine.copies import send_copies
from workflows.engine.process import Actor
from workflows.kernel.errors import Invalid
from workflows.people.naming import people_named

#: The fields, as a page and a program name them.
FIELDS = ("copy_to", "copy_note")


def send_along(
    session: Session,
    pairs: Sequence[tuple[str, str]],
    *,
    instance_id: int,
    element_id: str | None,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Send the copies that were asked for with a step; the caller commits. Raises ``Invalid`` at ``copy_to``."""
    form = SentAlongForm(MultiDict([(name, text) for name, text in pairs if name in FIELDS]))
    try:
        if not form.validate():
            raise form.refusal()
        if form.copy_to.data:
            people = people_named(session, form.copy_to.data, field="copy_to")
            send_copies(
                session, engine().audit_key, instance_id, employee_ids=people, note=form.copy_note.data or "",
                actor=actor, element_id=element_id or "", now=now,
            )  # fmt: skip
    except Invalid as refusal:
        g.copy_refusal = refusal
        raise


def copy_errors() -> list[str]:
    """What was wrong with the copies of this request's step, for the field to show."""
    refusal: Invalid | None = g.get("copy_refusal")
    return [told(*each) for messages in refusal.fields.values() for each in messages] if refusal else []
