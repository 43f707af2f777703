"""What the list of all cases is asked for, and what its rows and the page of one case show."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import request
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from webapp.addresses import ident, said_here
from webapp.engine import engine
from webapp.i18n import current_language
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.overview import CaseFilter, State
from workflows.kernel.errors import Invalid
from workflows.people.directory import employee_with_login
from workflows.people.naming import people_named

_LONGEST_SEARCH = 80
_ASKED = ("q", "process", "state", "starter", "holder", "late")
STATES: Mapping[str, LazyString] = {
    "running": _("In progress"),
    "suspended": _("Suspended"),
    "completed": _("Completed"),
    "rejected": _("Rejected"),
    "withdrawn": _("Withdrawn"),
    "terminated": _("Terminated"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked for, as typed. Words that are not on offer count as not said."""

    search: str
    process_key: str
    state: str
    starter: str
    holder: str
    is_late: bool
    before: int | None

    @classmethod
    def here(cls) -> "Asked":
        """As this request asks."""

        def one_of(name: str, offered: Iterable[str]) -> str:
            said = request.args.get(name, "")
            return said if said in offered else ""

        def text(name: str) -> str:
            return " ".join(request.args.get(name, "").replace("\0", "").split())[:_LONGEST_SEARCH]

        return cls(
            search=text("q"),
            process_key=one_of("process", engine().processes),
            state=one_of("state", STATES),
            starter=text("starter"),
            holder=text("holder"),
            is_late=request.args.get("late") == "1",
            before=request.args.get("before", type=ident),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was left out of the list on purpose."""
        return bool(
            self.search or self.process_key or self.state or self.starter or self.holder or self.is_late
        )  # fmt: skip

    def filter(self, session: Session, now: dt.datetime) -> CaseFilter:
        """As the read side takes it; raises ``Invalid`` at a field that names nobody."""
        return CaseFilter(
            words=self.search,
            process_key=self.process_key or None,
            state=State(self.state) if self.state else None,
            starter_id=person_named(session, self.starter, "starter") if self.starter else None,
            waits_with=person_named(session, self.holder, "holder") if self.holder else None,
            overdue_at=now if self.is_late else None,
        )

    def kept(self) -> dict[str, str]:
        """What the next page's address carries on."""
        return said_here(*_ASKED)


def person_named(session: Session, typed: str, field: str) -> int:
    """The id of a person, disabled or not, by login or name; raises ``Invalid`` at the field."""
    known = employee_with_login(session, typed)
    if known is not None:
        return known.id
    found = people_named(session, [typed], field=field)
    if len(found) != 1:
        raise Invalid.at(field, "Please name one person.")
    return found[0]


def step_name(diagram: Diagram, element_id: str) -> str:
    """A step in the language of the page; the id of one that the diagram does not have."""
    return diagram.element(element_id).name(current_language()) if diagram.has_element(element_id) else element_id
