"""The inbox: what waits for a person, what they did, what they started.

A list is one indexed SELECT. Counts are a statement of their own, which the page asks for once it stands; without
JavaScript a link shows them.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext as _

from webapp.accounts.actor import current_actor
from webapp.addresses import said_here
from webapp.clock import request_now
from webapp.customers.follow_up_views import due_here
from webapp.engine import engine
from webapp.extensions import db
from webapp.i18n import current_language
from webapp.instances.way import event_after
from webapp.processes import process_names
from workflows.engine.batch import is_for_batches
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.drafts import count_drafts
from workflows.engine.inbox import Filter, InstanceRow, TaskRow, counts, done_tasks, pending_tasks
from workflows.engine.inbox import started_instances as started_cases
from workflows.engine.inbox_copies import CopiedRow, copied_cases
from workflows.kernel.errors import Invalid
from workflows.people.directory import names_of

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")

PAGE = 20
_LONGEST_SEARCH = 80
DESKS = {"mine": _("On my desk"), "groups": _("My groups"), "behalf": _("On behalf of others")}
#: How long something has waited: value -> (label, days); ``overdue`` asks for the deadline instead.
AGES = {
    "1": _("Waiting for more than a day"),
    "3": _("Waiting for more than 3 days"),
    "7": _("Waiting for more than a week"),
    "overdue": _("Past the deadline"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list was asked for."""

    search: str
    process_key: str
    age: str
    desk: str
    after: str
    by_due: bool = False

    @classmethod
    def here(cls) -> "Asked":
        """As this request asks; words that are not on offer count as not said."""

        def one_of(name: str, offered: Iterable[str]) -> str:
            said = request.args.get(name, "")
            return said if said in offered else ""

        search = request.args.get("q", "").replace("\0", "").strip()[:_LONGEST_SEARCH]
        process_key = one_of("process", engine().processes)
        by_due = one_of("sort", ["due"]) == "due"
        after = request.args.get("after", "")
        return cls(search, process_key, one_of("age", AGES), one_of("desk", DESKS), after, by_due)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was left out of the list on purpose."""
        return bool(self.search or self.process_key or self.age)

    def filter(self, now: dt.datetime) -> Filter:
        """As the read side takes it."""
        days = int(self.age) if self.age.isdecimal() else 0
        return Filter(
            search=self.search,
            process_key=self.process_key or None,
            opened_before=now - dt.timedelta(days=days) if days else None,
            overdue_at=now if self.age == "overdue" else None,
        )


@blueprint.get("")
def pending() -> str:
    """What waits for the reader: on their own desk, on their groups' and on those of whom they stand in for."""
    asked = Asked.here()
    rows, following = _from_the_top_if_lost(
        pending_tasks, asked, narrowed=asked.filter(request_now()), desk=asked.desk or None, by_due=asked.by_due
    )
    return _list("pending", asked, rows, following, **_follow_ups(asked))


@blueprint.get("/done")
def done() -> str:
    """What the reader did."""
    asked = Asked.here()
    rows, following = _from_the_top_if_lost(done_tasks, asked, narrowed=asked.filter(request_now()))
    return _list("done", asked, rows, following)


@blueprint.get("/started")
def started() -> str:
    """What the reader started."""
    asked = Asked.here()
    narrowed = Filter(search=asked.search, process_key=asked.process_key or None)
    rows, following = _from_the_top_if_lost(started_cases, asked, narrowed=narrowed)
    return _list("started", asked, rows, following)


@blueprint.get("/copied")
def copied() -> str:
    """What others sent the reader to read along."""
    asked = Asked.here()
    narrowed = Filter(search=asked.search, process_key=asked.process_key or None)
    rows, following = _from_the_top_if_lost(copied_cases, asked, narrowed=narrowed)
    return _list("copied", asked, rows, following)


@blueprint.get("/counts")
def tabs() -> str:
    """The tabs with their counts, for the page to put in place of those without."""
    view = request.args.get("view", "pending")
    return render_template("tasks/tabs.html", view=view, asked=Asked.here(), DESKS=DESKS, **_counted())


def _counted() -> dict[str, Any]:
    """What the tabs show in figures."""
    actor = current_actor()
    return {"counts": counts(db.session(), actor), "drafts_kept": count_drafts(db.session(), actor.id)}


def _from_the_top_if_lost(read: Any, asked: Asked, **more: Any) -> tuple[list[Any], str | None]:
    """Read a page; a cursor that was tampered with leads to the first page rather than to an error."""
    try:
        found: tuple[list[Any], str | None] = read(
            db.session(), current_actor(), limit=PAGE, after=asked.after or None, **more
        )
    except Invalid:
        found = read(db.session(), current_actor(), limit=PAGE, **more)
    return found


def _follow_ups(asked: Asked) -> dict[str, Any]:
    """Customers that wait for a contact, on the first page of all that waits; lists that htmx fetches go without."""
    is_whole = not (asked.is_narrowed or asked.after or asked.desk or request.headers.get("HX-Target"))
    return due_here() if is_whole else {}


def _list(view: str, asked: Asked, rows: list[Any], following: str | None, **more: Any) -> str:
    kept = said_here("q", "process", "age", "desk", "sort")
    here = f"inbox.{view}"
    page = "tasks/list.html" if request.headers.get("HX-Target") == "inbox" else "tasks/inbox.html"
    named = _Names()
    return render_template(
        page,
        view=view,
        asked=asked,
        kept=kept,
        rows=rows,
        named=named,
        has_batch=view == "pending" and any(named.is_for_batches(row) for row in rows),
        are_ticked=bool(request.args.get("all")),
        people=_covered_names(rows),
        now=request_now(),
        next_url=url_for(here, **kept, after=following) if following else None,
        first_url=url_for(here, **kept) if asked.after else None,
        processes=process_names(db.session(), current_language()),
        DESKS=DESKS,
        AGES=AGES,
        **(_counted() if request.args.get("counts") else {"counts": None}),
        **more,
    )


class _Names:
    """Names of processes and steps in the language of the page, from the version that each case stands on."""

    def __init__(self) -> None:
        self.language = current_language()
        #: Many rows of a page are about the same steps of the same version.
        self.known: dict[tuple[int, str], str] = {}

    def process(self, row: TaskRow | InstanceRow | CopiedRow) -> str:
        """The process that a row belongs to."""
        return self._kept(row, "", lambda diagram: diagram.name(self.language))

    def step(self, row: TaskRow | InstanceRow, element_id: str) -> str:
        """A step of the process that a row belongs to."""
        return self._kept(row, element_id, lambda diagram: self._step(diagram, element_id))

    def is_for_batches(self, row: TaskRow) -> bool:
        """Whether a row can be ticked."""
        return is_for_batches(self._diagram(row).element(row.element_id))

    def waited_for(self, row: InstanceRow) -> str | None:
        """The event that a running case without open tasks waits for."""
        event = event_after(self._diagram(row), row.last_answered or self._diagram(row).start_id)
        return self.step(row, event) if event else None

    def _step(self, diagram: Diagram, element_id: str) -> str:
        return diagram.element(element_id).name(self.language) if diagram.has_element(element_id) else element_id

    def _kept(self, row: TaskRow | InstanceRow | CopiedRow, element_id: str, name: Callable[[Diagram], str]) -> str:
        key = (row.definition_id, element_id)
        if key not in self.known:
            self.known[key] = name(self._diagram(row))
        return self.known[key]

    def _diagram(self, row: TaskRow | InstanceRow | CopiedRow) -> Diagram:
        return engine().diagram(db.session(), row.definition_id)


def _covered_names(rows: list[Any]) -> dict[int, str]:
    return names_of(
        db.session(),
        {row.covered_id for row in rows if getattr(row, "covered_id", None)},
        in_english=current_language() == "en",
    )
