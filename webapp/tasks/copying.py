"""Keeping what was typed as a draft, and beginning a new request as a copy of an old one."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from forms.base import ProcessForm
from forms.registry import form_class
from forms.values import as_pairs, document_fields, documents_in, headline
from webapp.engine import engine
from webapp.tasks.packages import copied_values, is_copyable
from workflows.documents.files import copy_attached
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.drafts import Pairs, has_draft, refuse_copying, save_draft
from workflows.engine.process import Actor
from workflows.kernel.errors import NotAllowed, NotFound, Refusal

#: A file input is called after its field with this behind it; what a page without files sends there is nothing.
_FILES = "__files"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a draft holds, and why files that came with it were not taken."""

    form: ProcessForm
    pairs: Pairs
    refused: list[str]


def startable_diagram(session: Session, process_key: str, actor: Actor) -> Diagram:
    """The diagram on which a case would start; refused to whom its first lane leaves out."""
    if process_key not in engine().processes:
        raise NotFound("There is no such process.")
    diagram = engine().current(session, process_key)
    if not diagram.is_started_by(actor.roles):
        raise NotAllowed("Your roles do not start this request.")
    return diagram


def filled(process_key: str, element_id: str, pairs: Pairs) -> Kept:
    """A start form as a page filled it in, unchecked."""
    form = form_class(process_key, element_id)(MultiDict(pairs))
    files = {field.name for field in document_fields(form)}
    refused = [said[1:] for name, said in pairs if name in files and said.startswith("!")]
    kept = [
        (name, said)
        for name, said in pairs
        if not name.endswith(_FILES) and not (name in files and said.startswith("!"))
    ]
    return Kept(form, kept, refused)


def keep_as_draft(
    session: Session,
    key: uuid.UUID,
    kept: Kept,
    *,
    process_key: str,
    copied_from: int | None = None,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Save a draft. Raises ``Refusal`` for one too many or too large, ``NotFound`` for a copy of another's case."""
    if copied_from is not None:
        refuse_copying(session, copied_from, process_key=process_key, actor_id=actor.id)
    save_draft(
        session,
        key,
        process_key=process_key,
        title=headline(kept.form),
        pairs=kept.pairs,
        document_ids=documents_in(kept.form),
        copied_from_id=copied_from,
        owner_id=actor.id,
        now=now,
    )


def copy_as_draft(
    session: Session, instance_id: int, key: uuid.UUID, *, actor: Actor, now: dt.datetime, today: dt.date
) -> tuple[str, list[str]]:
    """Begin a new request with the values of one's own case, its files copied, as a draft of this key.

    Gives the process and the names of the fields that were left empty because their day has passed. A draft of this
    key that is there already is left as it is, so that asking twice makes one.
    """
    process_key, form, emptied = copied_form(session, instance_id, actor=actor, today=today)
    if has_draft(session, key, owner_id=actor.id):
        return process_key, []
    copies = copy_attached(session, documents_in(form), instance_id=instance_id, owner_id=actor.id, now=now)
    for field in document_fields(form):
        field.data = [copies[ident] for ident in field.data or [] if ident in copies]
    kept = Kept(form, as_pairs(form), [])
    keep_as_draft(session, key, kept, process_key=process_key, copied_from=instance_id, actor=actor, now=now)
    return process_key, emptied


def copied_form(
    session: Session, instance_id: int, *, actor: Actor, today: dt.date
) -> tuple[str, ProcessForm, list[str]]:
    """The start form filled in as in one's own case, naming the old case's documents.

    Raises ``NotFound`` for another's case, ``NotAllowed`` to whom may start no such request any more, ``Refusal`` where
    the process has nothing to copy.
    """
    process_key = refuse_copying(session, instance_id, process_key=None, actor_id=actor.id)
    diagram = startable_diagram(session, process_key, actor)
    if not is_copyable(process_key):
        raise Refusal("Requests of this kind cannot be copied.")
    values, emptied = copied_values(session, process_key, instance_id, today)
    form: Any = form_class(process_key, diagram.start_id)(data=values)
    return process_key, form, emptied
