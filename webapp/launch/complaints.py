"""Which failures an operator is told in one line. Any other one is a mistake of ours and shows its traceback."""

import errno

import psycopg
from sqlalchemy.exc import DBAPIError

from webapp.config import BadConfiguration
from webapp.launch import LaunchError
from workflows.kernel.errors import Refusal


def in_one_line(problem: BaseException) -> str | None:
    """What to tell; None when the problem is none that an operator can do anything about."""
    if isinstance(problem, LaunchError | BadConfiguration):
        return str(problem)
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    if isinstance(cause, psycopg.errors.DiskFull) or getattr(cause, "errno", None) == errno.ENOSPC:
        return "The disk is full."
    if isinstance(cause, psycopg.OperationalError | psycopg.errors.InsufficientPrivilege):
        return f"The database refuses: {' '.join(str(cause).split())}"
    if isinstance(problem, Refusal):
        return str(problem)
    return None
