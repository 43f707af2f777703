"""What the worker does about notices: route what is new, send what is due, make the digests of the day.

Each message is taken up, sent and marked in a transaction of its own (``workflows.notices.deliveries``). Several go at
once, since a mail server takes its time, and a sweep ends after a while, so that the next one looks for what is new.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.account import account_by_id
from webapp.clock import request_now, request_today
from webapp.engine import change
from webapp.notices.blueprint import keyring, settings
from webapp.notices.messages import Reader, message_for, reader_of
from webapp.notices.transport import Message, Result, send_chat, send_mail
from workflows.calendar.overrides import overrides
from workflows.engine.inbox import MOST, Filter, pending_tasks
from workflows.engine.model import UserTask
from workflows.notices.addresses import robot_of
from workflows.notices.channels import Channel
from workflows.notices.deliveries import Outcome, Taken, end_delivery, give_up_lost, take_delivery
from workflows.notices.digest import digest_day, make_digest, mark_day, readers_without_digest
from workflows.notices.model import Notice
from workflows.notices.reading import unread_of_kind
from workflows.notices.routing import route_notices

#: Messages on their way at once, and how long one sweep goes on taking up new ones.
_AT_ONCE = 4
_SWEEP_SECONDS = 40.0
#: These say that something waits, which is no news once it was done.
_UNTIL_DONE = ("task_opened", "task_reminded", "task_urged", "task_escalated", "task_handed_over")
_WAITING = ("open", "waiting")
#: Of these a line in the bell that was read says nothing about whether the message is still wanted.
_NOT_IN_THE_BELL = ("daily_digest", "channel_tested")

log = logging.getLogger("salesflow.notices")
Send = Callable[[], Result]


def send_notices(app: Flask) -> int:
    """Route and send all there is; gives how many messages were taken up."""
    with app.app_context(), change() as session:
        give_up_lost(session, now=request_now())
    while _in_context(app, _route):
        pass
    until = time.monotonic() + _SWEEP_SECONDS
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return sum(threads.map(lambda _number: _send_until(app, until), range(_AT_ONCE)))


def make_digests(app: Flask) -> int:
    """Make the digests of the day for everybody who has none yet; gives how many there is something in."""
    with app.app_context(), change() as session:
        day = digest_day(request_now(), overrides(session))
        readers = readers_without_digest(session, day) if day else []
    if day is None or not readers:
        return 0
    made = sum(_in_context(app, lambda reader=reader: _make_digest(reader, day)) for reader in readers)
    with app.app_context(), change() as session:
        mark_day(session, day, now=request_now())
    return made


def _in_context(app: Flask, act: Callable[[], int]) -> int:
    with app.app_context():
        return act()


def _route() -> int:
    with change() as session:
        return route_notices(session, channels=settings().channels, now=request_now())


def _make_digest(employee_id: int, day: dt.date) -> int:
    with change() as session:
        made = make_digest(
            session, employee_id, day, counts=_counts(session, employee_id), channels=settings().channels,
            now=request_now(),
        )  # fmt: skip
    return int(made is not None)


def _counts(session: Session, employee_id: int) -> dict[str, int]:
    """How much waits for a person, each counted up to ``MOST``."""
    account = account_by_id(session, employee_id, today=request_today())
    if account is None:
        return {}
    now = request_now()
    waiting, _more = pending_tasks(session, account.actor, limit=MOST)
    late, _more = pending_tasks(session, account.actor, limit=MOST, narrowed=Filter(overdue_at=now))
    copied = unread_of_kind(session, employee_id, "copied", most=MOST)
    return {"waiting": len(waiting), "overdue": len(late), "copied": copied}


def _send_until(app: Flask, until: float) -> int:
    """Send one message after the other until none is due or time is up."""
    sent = 0
    while time.monotonic() < until and _in_context(app, _send_one):
        sent += 1
    return sent


def _send_one() -> int:
    """Take up one delivery, send it, and mark it; gives 0 when none was due."""
    with change() as session:
        taken = take_delivery(session, now=request_now())
    if taken is None:
        return 0
    result = Result(Outcome.NOT_SENT, "error")
    try:
        with change() as session:
            prepared = _prepared(session, taken)
        if isinstance(prepared, Result):
            result = prepared
        else:
            result = Result(Outcome.UNCLEAR, "error")
            result = prepared()
    except Exception:
        # One message that cannot be written or sent is no reason to send none.
        log.exception("delivery %s failed", taken.id)
    with change() as session:
        end_delivery(session, taken, result.outcome, result.problem, now=request_now())
    return 1


def _prepared(session: Session, taken: Taken) -> Send | Result:
    """The message ready to go, or why it is not sent."""
    notice = session.get_one(Notice, taken.notice_id)
    reader = reader_of(session, notice.employee_id)
    if reason := _reason_to_skip(session, notice, reader):
        return Result(Outcome.SKIPPED, reason)
    channel, known = Channel(taken.channel), settings()
    if channel not in known.channels:
        return Result(Outcome.NOT_SENT, "not set up")
    message = message_for(session, notice, reader, delivery_id=taken.id, is_mail=channel is Channel.MAIL)
    if channel is Channel.MAIL:
        return _mail(message, reader.email)
    robot = robot_of(session, reader.id, channel, keyring=keyring())
    if robot is None:
        return Result(Outcome.SKIPPED, "no address")
    return lambda: send_chat(message, channel, robot, known)


def _is_open(session: Session, task_id: int) -> bool:
    return session.scalar(select(UserTask.status).where(UserTask.id == task_id)) in (None, *_WAITING)


def _reason_to_skip(session: Session, notice: Notice, reader: Reader) -> str:
    """Why a message is not wanted any more, a word of the table of problems; empty while it is."""
    if not reader.active:
        return "no address"
    if notice.read_at is not None and notice.kind not in _NOT_IN_THE_BELL:
        return "read"
    if notice.kind in _UNTIL_DONE and notice.task_id is not None and not _is_open(session, notice.task_id):
        return "done"
    return ""


def _mail(message: Message, address: str | None) -> Send | Result:
    server = settings().mail
    if server is None or not address:
        return Result(Outcome.SKIPPED, "no address")
    return lambda: send_mail(message, address, server)
