"""Handing a message to the outside through Apprise, and saying whether it arrived.

Apprise tells its caller yes or no; whether a failure is one that may be tried again, it tells its log only. What it
logs while one message is sent is therefore read (by thread, so that several may send at once) and kept out of our own
log: it holds addresses.
"""

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from apprise import AppriseAsset, NotifyFormat
from apprise.exception import AppriseException
from apprise.plugins.email import NotifyEmail

from webapp.notices.robots import robot_plugin
from webapp.notices.settings import MailServer, NoticeSettings
from workflows.notices.channels import Channel, Robot
from workflows.notices.deliveries import Outcome

#: Sent in one piece and once: trying again, and when, is decided by the table of deliveries.
_ASSET = AppriseAsset(
    app_id="salesflow", app_desc="salesflow", app_url="", async_mode=False, storage_mode="memory", http_redirects=False
)
#: How the server's answer to a mail is written in Apprise's log: ``(550, b'5.1.1 no such user')``.
_ANSWER = re.compile(r"\((?P<code>[245]\d\d), b?['\"](?P<words>[^'\"]{0,100})")
_NOT_HANDED_IN = "Connection error while submitting"

_log = logging.getLogger("apprise")
_log.setLevel(logging.DEBUG)
_log.propagate = False


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: one line of subject, the sentence that it was made of, some lines of plain text with a link.

    A chat has no subject of its own: it shows the subject as the first line, and needs the sentence no second time.
    """

    subject: str
    said: str
    body: str


@dataclass(frozen=True, slots=True)
class Result:
    """How it ended; ``problem`` is a word, and after it what the other side said."""

    outcome: Outcome
    problem: str = ""


def send_mail(message: Message, address: str, server: MailServer) -> Result:
    """Send a mail."""
    try:
        plugin = NotifyEmail(
            host=server.host, smtp_host=server.host, port=server.port, secure_mode=server.secure_mode,
            user=server.user or None, password=server.password or None, from_addr=server.sender, targets=[address],
            asset=_ASSET,
        )  # fmt: skip
    except AppriseException:
        return Result(Outcome.NOT_SENT, "no address")
    if not plugin.targets or plugin.targets[0][1] != address:
        return Result(Outcome.NOT_SENT, "no address")
    with _listening() as said:
        is_sent = _notify(plugin, message.subject, f"{message.said}\n\n{message.body}")
    return Result(Outcome.SENT) if is_sent else _of_mail(said)


def send_chat(message: Message, channel: Channel, robot: Robot, settings: NoticeSettings) -> Result:
    """Send to a person's robot."""
    plugin = robot_plugin(channel, robot, gateway=settings.gateway, asset=_ASSET)
    with _listening():
        _notify(plugin, message.subject, message.body)
    # What a service answers may repeat what it was asked with.
    told = plugin.problem.replace(robot.token, "…")
    return Result(plugin.outcome, told.replace(robot.secret, "…") if robot.secret else told)


def _notify(plugin: Any, subject: str, text: str) -> bool:
    # The plugin itself, since an ``Apprise`` of several hands each to another thread and may leave it behind.
    return bool(plugin.notify(title=subject, body=text, body_format=NotifyFormat.TEXT))


def _of_mail(said: list[str]) -> Result:
    """Read what became of a mail: before it was handed in, refused by number, or broken off in the middle."""
    answers = [found for line in said if (found := _ANSWER.search(line))]
    told = f"refused: {answers[-1]['code']} {answers[-1]['words']}" if answers else ""
    if any(line.startswith(_NOT_HANDED_IN) for line in said):
        return Result(Outcome.NOT_SENT, told or "unreachable")
    return Result(Outcome.NOT_SENT, told) if answers else Result(Outcome.UNCLEAR, "broken off")


class _Listener(logging.Handler):
    """Keeps what one thread logs."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []
        self.listens_to = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.listens_to:
            self.said.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[list[str]]:
    listener = _Listener()
    _log.addHandler(listener)
    try:
        yield listener.said
    finally:
        _log.removeHandler(listener)
