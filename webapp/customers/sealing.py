"""What seals the contacts of this installation."""

from flask import current_app

from workflows.customers.phones import Seals


def seals() -> Seals:
    """The keyring, and the secret for digests of phone numbers."""
    return Seals.of(current_app.extensions["keyring"], current_app.config["AUDIT_KEY"])
