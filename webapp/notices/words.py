"""What a notice says, what its kind and its channel are called, and where it leads."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from flask import current_app, url_for
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.extensions import db
from webapp.i18n import current_language, day, localized
from webapp.processes import current_diagrams
from workflows.people.model import Employee

#: Kind -> the sentence, and the one for when nobody in particular did it.
SENTENCES: dict[str, tuple[Any, ...]] = {
    "task_opened": (_("%(step)s: %(title)s waits for you."),),
    "task_reminded": (_("%(step)s: %(title)s is still waiting for you."),),
    "task_escalated": (_("%(step)s: %(title)s lies too long on the desk of someone who reports to you."),),
    "task_urged": (_("%(actor)s urges you: %(step)s, %(title)s."), _("You are urged: %(step)s, %(title)s.")),
    "task_handed_over": (
        _("%(actor)s handed over to you: %(step)s, %(title)s."), _("Handed over to you: %(step)s, %(title)s."),
    ),
    "task_decided": (_("The deadline has passed and decided %(step)s: %(title)s."),),
    "task_sent_back": (_("%(actor)s sent %(title)s back to you."), _("%(title)s was sent back to you.")),
    "task_taken_back": (
        _("%(actor)s took back the decision on %(title)s."), _("A decision on %(title)s was taken back."),
    ),
    "signer_added": (
        _("%(actor)s asks you to sign as well: %(title)s."), _("You are asked to sign as well: %(title)s."),
    ),
    "signer_removed": (
        _("%(actor)s no longer needs your signature: %(title)s."), _("Your signature is no longer needed: %(title)s."),
    ),
    "opinion_asked": (_("%(actor)s asks for your opinion: %(title)s."), _("Your opinion is asked for: %(title)s.")),
    "opinion_given": (_("%(actor)s gave an opinion: %(title)s."), _("An opinion was given: %(title)s.")),
    "copied": (_("%(actor)s sent you a copy of %(title)s."), _("You were sent a copy of %(title)s.")),
    "mentioned": (_("%(actor)s mentioned you: %(title)s."), _("You were mentioned: %(title)s.")),
    "commented": (_("%(actor)s commented on %(title)s."), _("There is a comment on %(title)s.")),
    "case_completed": (_("%(title)s is completed."),),
    "case_rejected": (_("%(title)s was rejected."),),
    "case_terminated": (_("%(title)s was ended by an administrator."),),
    "case_suspended": (_("%(title)s was suspended by an administrator."),),
    "case_resumed": (_("%(title)s goes on."),),
    "desk_received": (_("The open work of %(actor)s has moved to your desk."), _("Open work has moved to your desk.")),
    "incident_opened": (_("An incident was opened: %(title)s"),),
    "advance_overdue": (_("Advance %(number)s has been overdue since %(day)s."),),
    "payment_due": (_("%(title)s is due on %(day)s by contract %(number)s."),),
    "payment_overdue": (_("%(title)s has been overdue since %(day)s by contract %(number)s."),),
    "registration_lapsing": (
        _("Your registration of %(title)s lapses on %(day)s. A visit or a call that you record prolongs it."),
    ),
    "registration_lapsed": (_("The registration of %(title)s has lapsed: there was no contact for too long."),),
    "registration_kept": (
        _("%(actor)s decided that the contested registration of %(title)s stays as it is."),
        _("It was decided that the contested registration of %(title)s stays as it is."),
    ),
    "registration_transferred": (
        _("%(actor)s decided that the contested registration of %(title)s goes to who contested it."),
        _("It was decided that the contested registration of %(title)s goes to who contested it."),
    ),
    "customers_received": (
        _("%(actor)s gave you %(count)s customers: %(title)s"), _("You were given %(count)s customers: %(title)s"),
    ),
    "daily_digest": (_("%(waiting)s wait for you, %(overdue)s of them overdue, %(copied)s new copies."),),
    "channel_tested": (_("This is a test message."),),
}  # fmt: skip

#: What the page of preferences calls the kinds, in its order.
KIND_NAMES = {
    "daily_digest": _("The daily digest, at 9:00 on working days"),
    "task_opened": _("A task comes to my desk"),
    "task_reminded": _("A task still waits for me"),
    "task_urged": _("Somebody urges me"),
    "task_escalated": _("A task lies too long with my people"),
    "task_handed_over": _("A task is handed over to me"),
    "task_sent_back": _("A case is sent back to me"),
    "task_taken_back": _("A decision is taken back"),
    "task_decided": _("A deadline decided for me"),
    "signer_added": _("I am asked to sign as well"),
    "signer_removed": _("My signature is no longer needed"),
    "opinion_asked": _("My opinion is asked for"),
    "opinion_given": _("An opinion that I asked for"),
    "copied": _("I am sent a copy"),
    "mentioned": _("I am mentioned in a comment"),
    "commented": _("A comment on a case of mine"),
    "case_completed": _("My case is completed"),
    "case_rejected": _("My case is rejected"),
    "case_terminated": _("My case is ended by an administrator"),
    "case_suspended": _("My case is suspended"),
    "case_resumed": _("My case goes on"),
    "desk_received": _("Somebody's work moves to me"),
    "advance_overdue": _("An advance is overdue"),
    "payment_due": _("An instalment of my sale is due soon"),
    "payment_overdue": _("An instalment is overdue"),
    "registration_lapsing": _("A registration of mine lapses soon"),
    "registration_lapsed": _("A registration has lapsed"),
    "registration_kept": _("A contested registration stays"),
    "registration_transferred": _("A contested registration changes hands"),
    "customers_received": _("I am given customers"),
    "incident_opened": _("An incident is opened (administrators)"),
}
CHANNEL_NAMES = {"mail": _("Mail"), "dingtalk": _("DingTalk"), "feishu": _("Feishu"), "wecom": _("WeCom")}
MODE_NAMES = {"now": _("At once"), "digest": _("In the daily digest"), "off": _("Not at all")}
DIGEST_MODE_NAMES = {"now": _("Send it"), "off": _("Do not send it")}
STATUS_NAMES = {
    "due": _("To be sent"),
    "held": _("Waits for the digest"),
    "bundled": _("In a digest"),
    "sending": _("Being sent"),
    "sent": _("Sent"),
    "failed": _("Failed"),
    "unknown": _("Not known whether it arrived"),
    "skipped": _("Not needed any more"),
}
_PROBLEMS = {
    "unreachable": _("could not be reached"),
    "broken off": _("the connection broke off"),
    "lost": _("the worker ended while sending"),
    "no address": _("there is no address"),
    "not set up": _("the channel is not set up"),
    "read": _("was read in the bell before"),
    "done": _("was done before"),
    "error": _("an error of the program"),
    "refused": _("was refused"),
}


class Told(Protocol):
    """What is asked of a notice here."""

    kind: Any
    instance_id: Any
    task_id: Any
    params: Any


def actor_names(session: Session, told: Iterable[Told]) -> dict[int, str]:
    """The names, in the language of the page, of whoever brought these notices about: one query for all of them."""
    ids = {notice.params["actor_id"] for notice in told if notice.params.get("actor_id")}
    if not ids:
        return {}
    query = select(Employee.id, Employee.name, Employee.name_en).where(Employee.id.in_(ids))
    return {row.id: localized(row.name, row.name_en) for row in session.execute(query)}


def notice_text(notice: Told, names: Mapping[int, str]) -> str:
    """The notice as a sentence in the language of the page; an unknown kind is called by its name."""
    if notice.kind not in SENTENCES:
        return str(notice.kind)
    actor = names.get(notice.params.get("actor_id") or 0, "")
    sentences = SENTENCES[notice.kind]
    due = notice.params.get("return_on") or notice.params.get("on")
    facts = {
        "title": notice.params.get("title", ""),
        "step": _step_name(notice),
        "number": notice.params.get("number", ""),
        "day": day(dt.date.fromisoformat(due)) if due else "",
        "actor": actor,
        **{count: notice.params.get(count, 0) for count in ("waiting", "overdue", "copied", "count")},
    }
    return str(sentences[0] if actor else sentences[-1]) % facts


def notice_url(notice: Told) -> str:
    """Where the notice leads: to the incident, to the task while it is about one, else to the case."""
    if notice.kind == "incident_opened" and notice.params.get("incident"):
        return url_for("incidents.detail", incident_id=notice.params["incident"])
    if notice.kind == "daily_digest":
        return url_for("inbox.pending")
    if notice.kind == "channel_tested":
        return url_for("notices.preferences")
    targets = (
        ("tasks.task", "task_id", notice.task_id),
        ("instances.instance", "instance_id", notice.instance_id),
        ("customers.customer", "customer_id", notice.params.get("customer_id")),
    )
    for endpoint, name, value in targets:
        if value is not None and endpoint in current_app.view_functions:
            return url_for(endpoint, **{name: value})
    return ""


def problem_text(problem: str | None) -> str:
    """Why a delivery failed, and what the other side said."""
    word, _colon, said = (problem or "").partition(":")
    known = str(_PROBLEMS.get(word, word))
    return f"{known} ({said.strip()})" if said else known


def _step_name(notice: Told) -> str:
    element_id = str(notice.params.get("element", ""))
    for diagram in current_diagrams(db.session()).values():
        if diagram.has_element(element_id):
            return diagram.element(element_id).name(current_language())
    return element_id
