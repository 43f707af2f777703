"""The web application: pages and API over the operations of ``workflows``.

The app is put together in ``webapp.application``. It is imported only when an app is wanted, because the launcher
lives in this package too and starts PostgreSQL while the rest is still being loaded.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(config: Mapping[str, Any] | None = None) -> "Flask":
    """Build an app from the environment, overridden by ``config`` (``webapp.application.create_app``)."""
    from webapp.application import create_app as build  # noqa: PLC0415

    return build(config)
