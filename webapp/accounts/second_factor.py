"""Whom the company asks for a second factor.

Everyone may set one up; ``TWO_FACTOR_ROLES`` names the roles that must (executives and finance, as a rule). They are
led to the setup at their next sign-in and cannot switch it off.
"""

from collections.abc import Iterable

from flask import current_app


def needs_second_factor(roles: Iterable[str]) -> bool:
    """Whether someone with these roles has to sign in with a second factor."""
    return not frozenset(current_app.config["TWO_FACTOR_ROLES"]).isdisjoint(roles)
