"""Stock phrases (常用语): what a person writes into opinions again and again, in their own order.

Whoever has none of their own is offered those that everybody has; which those are is for the pages to say, since they
are words of a language.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from workflows.conversation.model import LONGEST_PHRASE, Phrase
from workflows.kernel.errors import Conflict, Invalid, NotFound
from workflows.people.model import Employee

MOST_PHRASES = 30


@dataclass(frozen=True, slots=True)
class PhraseRow:
    """One phrase."""

    id: int
    text: str


def phrases_of(session: Session, employee_id: int) -> list[PhraseRow]:
    """Give a person's phrases in their order."""
    query = select(Phrase.id, Phrase.text).where(Phrase.employee_id == employee_id)
    return [PhraseRow(*row) for row in session.execute(query.order_by(Phrase.position, Phrase.id))]


def add_phrase(session: Session, employee_id: int, text: str) -> None:
    """Put a phrase at the end; one that the person has already stays where it is.

    :raises Invalid: at ``text``, when it is empty or too long
    :raises Conflict: the person has as many as one can have
    """
    _check(text, "text")
    _one_change_at_a_time(session, employee_id)
    known = phrases_of(session, employee_id)
    if any(each.text == text for each in known):
        return
    if len(known) >= MOST_PHRASES:
        raise Conflict("You can keep %(most)s phrases. Delete one first.", most=MOST_PHRASES)
    last = session.scalar(select(func.max(Phrase.position)).where(Phrase.employee_id == employee_id)) or 0
    session.execute(insert(Phrase).values(employee_id=employee_id, position=last + 1, text=text))


def edit_phrase(session: Session, employee_id: int, phrase_id: int, text: str) -> None:
    """Change the words of a phrase.

    :raises Invalid: at ``text``, when it is empty, too long, or another phrase already
    :raises NotFound: the person has no such phrase
    """
    _check(text, "text")
    _one_change_at_a_time(session, employee_id)
    known = _known(session, employee_id, phrase_id)
    if any(each.text == text and each.id != phrase_id for each in known):
        raise Invalid.at("text", "You have this phrase already.")
    session.execute(update(Phrase).where(Phrase.id == phrase_id).values(text=text))


def remove_phrase(session: Session, employee_id: int, phrase_id: int) -> None:
    """Delete a phrase; one that is gone already stays gone."""
    session.execute(delete(Phrase).where(Phrase.id == phrase_id, Phrase.employee_id == employee_id))


def move_phrase(session: Session, employee_id: int, phrase_id: int, *, up: bool) -> None:
    """Change a phrase's place with that of its neighbour; the first cannot go up, the last not down.

    :raises NotFound: the person has no such phrase
    """
    _one_change_at_a_time(session, employee_id)
    order = [each.id for each in _known(session, employee_id, phrase_id)]
    here = order.index(phrase_id)
    there = here - 1 if up else here + 1
    if 0 <= there < len(order):
        order[here], order[there] = order[there], order[here]
        for position, ident in enumerate(order, 1):
            session.execute(update(Phrase).where(Phrase.id == ident).values(position=position))


def replace_phrases(session: Session, employee_id: int, texts: Sequence[str]) -> None:
    """Give a person exactly these phrases, in this order.

    :raises Invalid: at ``items``, when there are too many, or one is empty, too long or there twice
    """
    if len(texts) > MOST_PHRASES:
        raise Invalid.at("items", "You can keep %(most)s phrases. Delete one first.", most=MOST_PHRASES)
    for text in texts:
        _check(text, "items")
    if len(set(texts)) < len(texts):
        raise Invalid.at("items", "You have this phrase already.")
    _one_change_at_a_time(session, employee_id)
    session.execute(delete(Phrase).where(Phrase.employee_id == employee_id))
    if texts:
        rows = [{"employee_id": employee_id, "position": n, "text": text} for n, text in enumerate(texts, 1)]
        session.execute(insert(Phrase), rows)


def _check(text: str, field: str) -> None:
    if not text:
        raise Invalid.at(field, "Please fill this in.")
    if len(text) > LONGEST_PHRASE:
        raise Invalid.at(field, "At most %(longest)s characters.", longest=LONGEST_PHRASE)


def _known(session: Session, employee_id: int, phrase_id: int) -> list[PhraseRow]:
    known = phrases_of(session, employee_id)
    if phrase_id not in {each.id for each in known}:
        raise NotFound("There is no such phrase.")
    return known


def _one_change_at_a_time(session: Session, employee_id: int) -> None:
    """Two windows of one person may both add the last phrase that fits, or move the same one."""
    session.execute(select(Employee.id).where(Employee.id == employee_id).with_for_update(key_share=True))
