"""What an operator says about messages that leave the house, read from the environment.

``SALESFLOW_SITE_URL`` is where the links of messages lead; without it nothing leaves. ``SALESFLOW_MAIL_URL`` names the
mail server and ``SALESFLOW_MAIL_FROM`` the sender. ``SALESFLOW_NOTICE_CHANNELS`` narrows the channels.
``SALESFLOW_CHAT_GATEWAY`` is a relay that takes the calls to chat services under their own paths, for companies whose
servers reach the outside by one machine only; the tests listen there, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from workflows.notices.channels import CHATS, Channel

#: scheme -> how the connection is secured, in Apprise's words, and the usual port.
_MAIL_SCHEMES = {"smtps": ("ssl", 465), "smtp": ("starttls", 587), "smtp+plain": ("insecure", 25)}


class BadNoticeSettings(ValueError):
    """What is wrong with a variable, in one line."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """How mail is handed in."""

    host: str
    port: int
    secure_mode: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """What is set up; ``channels`` are those that can be used."""

    site_url: str = ""
    channels: tuple[Channel, ...] = ()
    mail: MailServer | None = None
    gateway: str = ""


def read_settings(environ: Mapping[str, str], *, site_url: str = "") -> NoticeSettings:
    """Read the variables.

    :param site_url: what the site is called where ``SALESFLOW_SITE_URL`` says nothing
    :raises BadNoticeSettings: a variable can't be used
    """
    site = environ.get("SALESFLOW_SITE_URL", "").strip() or site_url
    if site:
        _checked("SALESFLOW_SITE_URL", site, ("http", "https"))
    gateway = environ.get("SALESFLOW_CHAT_GATEWAY", "").strip()
    if gateway:
        _checked("SALESFLOW_CHAT_GATEWAY", gateway, ("http", "https"))
    mail = _mail(environ)
    usable = [*([Channel.MAIL] if mail else []), *CHATS] if site else []
    wanted = _wanted(environ.get("SALESFLOW_NOTICE_CHANNELS", ""))
    channels = tuple(channel for channel in usable if channel in wanted)
    return NoticeSettings(site.rstrip("/"), channels, mail, gateway.rstrip("/"))


def _wanted(given: str) -> set[Channel]:
    words = [word.strip() for word in given.split(",") if word.strip()]
    try:
        return {Channel(word) for word in words} or set(Channel)
    except ValueError:
        known = ", ".join(Channel)
        raise BadNoticeSettings(f"SALESFLOW_NOTICE_CHANNELS knows {known}, separated by commas.") from None


def _mail(environ: Mapping[str, str]) -> MailServer | None:
    url = environ.get("SALESFLOW_MAIL_URL", "").strip()
    if not url:
        return None
    parts = _checked("SALESFLOW_MAIL_URL", url, tuple(_MAIL_SCHEMES))
    sender = environ.get("SALESFLOW_MAIL_FROM", "").strip()
    if "@" not in sender or any(sign in sender for sign in "\r\n"):
        raise BadNoticeSettings("SALESFLOW_MAIL_FROM is the sender of mails, like salesflow@example.com.")
    mode, usual_port = _MAIL_SCHEMES[parts.scheme]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(str(parts.hostname), parts.port or usual_port, mode, sender, user, password)


def _checked(name: str, url: str, schemes: tuple[str, ...]) -> SplitResult:
    """The address in its parts; the message does not repeat it, since it may hold a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        port, parts = 0, SplitResult("", "", "", "", "")
    if parts.scheme not in schemes or not parts.hostname or port == 0 or parts.query or parts.fragment:
        raise BadNoticeSettings(f"{name} is no address that begins with {' or '.join(f'{s}://' for s in schemes)}.")
    return parts
