"""The table of demo accounts that a start ends with."""

import unicodedata
from collections.abc import Mapping

import psycopg
from sqlalchemy import make_url

QUERY = """
SELECT e.login, e.name, d.name
  FROM employee e JOIN department d ON d.id = e.department_id
 WHERE e.active AND e.login IN (SELECT role FROM employee_role)
 ORDER BY e.id
"""


def demo_accounts(url: str, environ: Mapping[str, str]) -> str:
    """One line for each demo person whose login is a role's id; empty in production or without demo people."""
    if environ.get("SALESFLOW_ENV", "demo") != "demo":
        return ""
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False)) as connection:
        rows = connection.execute(QUERY).fetchall()
    if not rows:
        return ""
    from webapp.demo_people import DEMO_PASSWORD  # noqa: PLC0415  the demo is no part of production

    lines = [f"  {login:<20}{_padded(name, 12)}{department}" for login, name, department in rows]
    head = f"Demo accounts, password {DEMO_PASSWORD} for all; the sign-in page also has a button for each:"
    return "\n".join(["", head, *lines, ""])


def _padded(text: str, width: int) -> str:
    """The text filled up with spaces; Chinese characters are two columns wide."""
    columns = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
    return text + " " * max(1, width - columns)
