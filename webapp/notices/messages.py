"""A delivery as a message: one line of subject, two or three lines, and a link; in the language of its reader.

The text is plain, so nothing in a title can be markup, and the subject is one line whatever stands in a title. A link
opens a page where one signs in and decides; no address decides by being opened.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.account import account_by_id
from webapp.clock import request_now, request_today
from webapp.i18n import DEFAULT_LANGUAGE, LANGUAGES, day
from webapp.notices.blueprint import settings
from webapp.notices.transport import Message
from webapp.notices.words import actor_names, notice_text
from workflows.engine.inbox import TaskRow, pending_tasks
from workflows.notices.digest import bundled_notices
from workflows.notices.model import Notice
from workflows.people.model import Employee

#: Lines of a digest for each of its parts; the rest is behind the link.
_LISTED = 10
_LONGEST_SUBJECT = 120


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a message goes to."""

    id: int
    name: str
    name_en: str
    email: str | None
    locale: str
    active: bool


def reader_of(session: Session, employee_id: int) -> Reader:
    """The person as messages need to know them."""
    row = session.execute(
        select(Employee.id, Employee.name, Employee.name_en, Employee.email, Employee.locale, Employee.active).where(
            Employee.id == employee_id
        )
    ).one()
    return Reader(**row._mapping)


def message_for(session: Session, notice: Notice, reader: Reader, *, delivery_id: int, is_mail: bool) -> Message:
    """Write a delivery's message in its reader's language; a mail also says where to choose what one hears."""
    with force_locale(reader.locale if reader.locale in LANGUAGES else DEFAULT_LANGUAGE):
        if notice.kind == "daily_digest":
            message = _digest(session, notice, reader, delivery_id)
        else:
            said = notice_text(notice, actor_names(session, [notice]))
            link = _("Open it here: %(link)s", link=_link("notices.follow", notice_id=notice.id))
            message = Message(subject_line(said), said, "" if notice.kind == "channel_tested" else link)
        if is_mail or not message.body:
            choose = _("What you are told, and how, you choose here: %(link)s", link=_link("notices.preferences"))
            message = replace(message, body=f"{message.body}\n\n{choose}".strip())
        return message


def subject_line(said: str) -> str:
    """One line for the subject: whatever breaks lines or is invisible is a space, and it ends somewhere."""
    flat = " ".join("".join(sign if sign.isprintable() else " " for sign in said).split())
    kept = flat if len(flat) <= _LONGEST_SUBJECT else flat[: _LONGEST_SUBJECT - 1] + "…"
    return f"[salesflow] {kept}"


def _digest(session: Session, notice: Notice, reader: Reader, delivery_id: int) -> Message:
    """What waits now, and what was held back for this message."""
    held, today = bundled_notices(session, delivery_id), day(request_today())
    account = account_by_id(session, reader.id, today=request_today())
    waiting = (
        pending_tasks(session, account.actor, limit=_LISTED)[0] if account and notice.params.get("waiting") else []
    )
    said = notice_text(notice, {})
    names = actor_names(session, held)
    lines = [
        *_part(_("Waits for you:"), (_waiting(task) for task in waiting)),
        *_part(_("Since the last digest:"), (notice_text(one, names) for one in held[:_LISTED])),
        "",
        _("Your inbox: %(link)s", link=_link("inbox.pending")),
    ]
    return Message(subject_line(_("%(day)s: %(counts)s", day=today, counts=said)), said, "\n".join(lines).strip())


def _part(heading: str, lines: Iterable[str]) -> list[str]:
    listed = [f"- {' '.join(line.split())}" for line in lines]
    return ["", heading, *listed] if listed else []


def _waiting(task: TaskRow) -> str:
    is_late = task.due_at is not None and task.due_at < request_now()
    late = _(" (overdue)") if is_late else ""
    return f"{task.title}{late} {_link('tasks.task', task_id=task.id)}"


def _link(endpoint: str, **values: int) -> str:
    """The absolute address of a page, below the address of the site; a worker answers no request to ask for it."""
    return settings().site_url + current_app.url_map.bind("localhost").build(endpoint, values)
