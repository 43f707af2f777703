"""People as they are named in a line of text: by login, by their Chinese or English name, and after an @ in a sentence.

A list is separated by commas, in either script; where a name is none, its parts at the blanks are tried one by one.
Whoever cannot be found, and whoever is meant by a name that several bear, is refused at the field where it stands.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from workflows.kernel.errors import Invalid
from workflows.people.model import Employee

#: Nobody means more at once.
MOST_PEOPLE = 30
#: Names and logins are at most this long (``workflows.people.model``).
_LONGEST = 64
_SEPARATORS = re.compile(r"[,，、;；\n\r\t]+")
#: An @ that does not stand inside of an e-mail address, and does not stand alone.
_MARK = re.compile(r"(?<![A-Za-z0-9._%+@-])@(?=[^\s@])")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]*")
#: How much of what follows an @ is repeated when nobody is called so.
_SHOWN = re.compile(r"[^\s,，、;；:：。!！?？()（）]{1,20}")


@dataclass(frozen=True, slots=True)
class _Named:
    id: int
    login: str
    name: str
    name_en: str
    active: bool


def names_in(text: str) -> list[str]:
    """Split a line into what stands between its commas, each once."""
    return list(dict.fromkeys(part.strip() for part in _SEPARATORS.split(text) if part.strip()))


def people_named(session: Session, typed: Sequence[str], *, field: str) -> list[int]:
    """Give the ids of the people who are named, each once, in their order.

    :raises Invalid: at ``field``: there is no such person, several are called so, or the account is disabled
    """
    known = _known(session, typed)
    wanted = [part for each in typed for part in ([each] if _bearers(known, each) else each.split())]
    found = dict.fromkeys(_only(known, each, field) for each in wanted)
    if len(found) > MOST_PEOPLE:
        raise Invalid.at(field, "At most %(most)s people at once.", most=MOST_PEOPLE)
    return list(found)


def people_mentioned(session: Session, text: str, *, field: str) -> list[int]:
    """Give the ids of the people whom a text mentions with an @, each once, in their order.

    After an @ the longest login or name counts, since in Chinese no blank ends a name: ``@王志远请看``.

    :raises Invalid: at ``field``: nobody is called so, several are, or the account is disabled
    """
    rests = [text[mark.end() : mark.end() + _LONGEST] for mark in _MARK.finditer(text)]
    if not rests:
        return []
    known = _beginning(session, rests)
    found: dict[int, None] = {}
    for rest in rests:
        name = max((name for each in known for name in _spelled(each, rest)), key=len, default=None)
        if name is None:
            shown = _SHOWN.match(rest)
            raise Invalid.at(
                field, "Nobody is called %(name)s. Write a login name or a full name after the @, or a blank.",
                name=shown[0] if shown else rest[:1],
            )  # fmt: skip
        found.setdefault(_only(known, name, field))
    if len(found) > MOST_PEOPLE:
        raise Invalid.at(field, "At most %(most)s people at once.", most=MOST_PEOPLE)
    return list(found)


def _known(session: Session, typed: Iterable[str]) -> list[_Named]:
    names = {part for each in typed for part in (each, *each.split())}
    lowered = {name.lower() for name in names}
    return _read(
        session, Employee.login.in_(lowered), Employee.name.in_(names), func.lower(Employee.name_en).in_(lowered)
    )


def _beginning(session: Session, rests: Sequence[str]) -> list[_Named]:
    """Everyone whose login or name one of the texts begins with."""
    said = func.unnest(cast(list(rests), ARRAY(Text))).table_valued("text").render_derived()
    text = func.lower(said.c.text)
    begins = or_(
        func.starts_with(text, Employee.login),
        func.starts_with(said.c.text, Employee.name),
        (Employee.name_en != "") & func.starts_with(text, func.lower(Employee.name_en)),
    )
    return _read(session, select(1).select_from(said).where(begins).exists())


def _read(session: Session, *conditions: Any) -> list[_Named]:
    columns = (Employee.id, Employee.login, Employee.name, Employee.name_en, Employee.active)
    return [_Named(*row) for row in session.execute(select(*columns).where(or_(*conditions)).order_by(Employee.id))]


def _spelled(person: _Named, rest: str) -> list[str]:
    """Those of a person's names that a text begins with; a name in Latin script ends where the word does."""
    lowered = rest.lower()
    names = [person.name] if rest.startswith(person.name) else []
    login = _LOGIN.match(lowered)
    if login and person.login in (login[0], login[0].rstrip("._-")):
        names.append(person.login)
    english = person.name_en.lower()
    if english and lowered.startswith(english) and not lowered[len(english) : len(english) + 1].isalnum():
        names.append(english)
    return names


def _bearers(known: Iterable[_Named], name: str) -> list[_Named]:
    """Who is meant by a name. A login is one person's alone, and of namesakes those count whose account is in use."""
    lowered = name.lower()
    by_login = [each for each in known if each.login == lowered]
    by_name = [each for each in known if each.name == name or (each.name_en and each.name_en.lower() == lowered)]
    return by_login or [each for each in by_name if each.active] or by_name


def _only(known: Iterable[_Named], name: str, field: str) -> int:
    bearers = _bearers(known, name)
    if not bearers:
        raise Invalid.at(field, "There is no one with the login name or the name %(name)s.", name=name[:_LONGEST])
    if len(bearers) > 1:
        logins = ", ".join(each.login for each in bearers)
        raise Invalid.at(field, "Several people are called %(name)s. Write a login name: %(logins)s.", name=name,
                         logins=logins)  # fmt: skip
    if not bearers[0].active:
        raise Invalid.at(field, "The account of %(name)s is disabled.", name=bearers[0].name)
    return bearers[0].id
