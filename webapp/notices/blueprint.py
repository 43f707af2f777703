"""The blueprint of the bell, of preferences and of deliveries, and what their views share."""

from flask import Blueprint, current_app

from webapp.notices.settings import NoticeSettings
from workflows.kernel.crypto import Keyring

blueprint = Blueprint("notices", __name__)


def settings() -> NoticeSettings:
    """How messages leave this installation."""
    found: NoticeSettings = current_app.config["NOTICES"]
    return found


def keyring() -> Keyring:
    """The keys that seal people's robots."""
    found: Keyring = current_app.extensions["keyring"]
    return found
