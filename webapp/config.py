"""The configuration, read once from the environment.

Two kinds of running: ``demo`` (the default) makes its secrets itself and keeps them in ``var/secrets``;
``production`` takes every secret from the environment and refuses to start with a missing, short or demo one.
docs/operations.md lists the variables. Paths are absolute; ``var`` holds all that a run leaves behind.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from webapp.notices.settings import BadNoticeSettings, NoticeSettings, read_settings
from workflows.kernel.crypto import BadKeys, Keyring
from workflows.kernel.money import parse, to_fen

CHECKOUT = Path(__file__).resolve().parent.parent
#: Bytes of one request, attachments included; 413 above.
LARGEST_REQUEST = 8 * 1024 * 1024
SHORTEST_SECRET = 32
#: A case is locked for milliseconds; who waits longer than this is told that the case is busy.
LOCK_TIMEOUT_MS = 3000
STATEMENT_TIMEOUT_MS = 30000
#: A process killed outright leaves its transaction to the server, which ends it after this.
IDLE_TRANSACTION_TIMEOUT_MS = 60000


class BadConfiguration(Exception):
    """What is wrong with the environment, in one line."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, the variable that production takes it from, and the file in which the demo keeps its own."""

    key: str
    variable: str
    file: str


SECRETS = (
    Secret("SECRET_KEY", "SALESFLOW_SECRET_KEY", "secret_key"),
    Secret("SECURITY_PASSWORD_SALT", "SALESFLOW_PASSWORD_SALT", "password_salt"),
    Secret("SECURITY_TOTP_SECRETS", "SALESFLOW_TOTP_SECRET", "totp_secret"),
    Secret("SALESFLOW_KEYS", "SALESFLOW_KEYS", "keys"),
    Secret("AUDIT_KEY", "SALESFLOW_AUDIT_KEY", "audit_key"),
)


def var_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Where a run keeps its data: ``SALESFLOW_VAR``, else ``var`` in the checkout."""
    return Path(environ.get("SALESFLOW_VAR") or CHECKOUT / "var").absolute()


def load_config(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The configuration of the app.

    :raises BadConfiguration: a variable is missing or can't be used
    """
    kind = environ.get("SALESFLOW_ENV", "demo")
    if kind not in ("demo", "production"):
        raise BadConfiguration(f"SALESFLOW_ENV is {kind!r}; it is either demo or production.")
    var = var_directory(environ)
    is_demo = kind == "demo"
    config: dict[str, Any] = {
        "SALESFLOW_ENV": kind,
        "DEMO": is_demo,
        "VAR": var,
        "SQLALCHEMY_DATABASE_URI": database_url(environ),
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(int(environ.get("SALESFLOW_WEB_THREADS", "8"))),
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "SESSION_COOKIE_NAME": "salesflow",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": not is_demo,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": not is_demo,
        # Roles that must sign in with a second factor, separated by commas.
        "TWO_FACTOR_ROLES": tuple(filter(None, environ.get("SALESFLOW_TWO_FACTOR_ROLES", "").split(","))),
        # The largest amount that may be approved in a batch by whoever has no ceiling of their own.
        "BATCH_CEILING_FEN": _fen("SALESFLOW_BATCH_CEILING", environ.get("SALESFLOW_BATCH_CEILING", "50000")),
        "TRUSTED_PROXIES": int(environ.get("SALESFLOW_TRUSTED_PROXIES", "0")),
        "NOTICES": _notices(environ, is_demo),
    }
    for secret in SECRETS:
        config[secret.key] = _secret(secret, environ, var / "secrets", is_demo)
    config["AUDIT_KEY"] = config["AUDIT_KEY"].encode()
    # Flask-Security reads TOTP secrets by id, the newest first.
    config["SECURITY_TOTP_SECRETS"] = {"1": config["SECURITY_TOTP_SECRETS"]}
    return config


def _notices(environ: Mapping[str, str], is_demo: bool) -> NoticeSettings:
    """How messages leave; the demo knows where it listens, production is told."""
    here = f"http://{environ.get('HOST') or '127.0.0.1'}:{environ.get('PORT') or '8000'}" if is_demo else ""
    try:
        return read_settings(environ, site_url=here)
    except BadNoticeSettings as problem:
        raise BadConfiguration(str(problem)) from None


def _fen(variable: str, given: str) -> int:
    """An amount in yuan, in fen."""
    try:
        return to_fen(parse(given))
    except ValueError:
        raise BadConfiguration(f"{variable} is {given!r}; write an amount in yuan such as 50000.") from None


def engine_options(threads: int) -> dict[str, Any]:
    """How the app connects: a connection for each thread, and limits on what one statement may hold up."""
    limits = (
        f"-c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout={STATEMENT_TIMEOUT_MS} "
        f"-c idle_in_transaction_session_timeout={IDLE_TRANSACTION_TIMEOUT_MS} -c timezone=UTC"
    )
    return {
        "pool_size": threads,
        "max_overflow": 2,
        "pool_recycle": 1800,
        "connect_args": {"options": limits, "connect_timeout": 10, "application_name": "salesflow"},
    }


def database_url(environ: Mapping[str, str] = os.environ) -> str:
    """The database: ``DATABASE_URL``, else the embedded server that ``make run`` has started.

    :raises BadConfiguration: the address can't be read, or no server of ours is running
    """
    given = environ.get("DATABASE_URL")
    if given:
        return checked_url(given)
    running = var_directory(environ) / "run" / "database_url"
    try:
        return running.read_text().strip()
    except FileNotFoundError:
        raise BadConfiguration(
            "There is no database: start one with `make run`, or name a PostgreSQL server in DATABASE_URL."
        ) from None


def checked_url(given: str) -> str:
    """A PostgreSQL address as SQLAlchemy wants it; the message never repeats the password."""
    try:
        url = make_url(given)
    except ArgumentError:
        raise BadConfiguration("DATABASE_URL is no address like postgresql://user:password@host/database.") from None
    except ValueError:
        raise BadConfiguration("DATABASE_URL has a port that is no number.") from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise BadConfiguration(f"DATABASE_URL names {url.get_backend_name()}; salesflow runs on PostgreSQL only.")
    if not url.database:
        raise BadConfiguration("DATABASE_URL names no database.")
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def demo_secret(name: str, directory: Path) -> str:
    """A secret of the demo, made on first use and kept in a file that only we can read."""
    path = directory / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    value = Keyring.new_key("demo") if name == "keys" else secrets.token_urlsafe(32)
    scratch = directory / f".{name}.{os.getpid()}"
    with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(value + "\n")
    try:
        # A link does not replace: of two processes that start at once, the second takes what the first has made.
        os.link(scratch, path)
    except FileExistsError:
        value = path.read_text().strip()
    finally:
        scratch.unlink()
    return value


def _secret(secret: Secret, environ: Mapping[str, str], directory: Path, is_demo: bool) -> str:
    given = environ.get(secret.variable, "").strip()
    if is_demo:
        return given or demo_secret(secret.file, directory)
    if not given:
        raise BadConfiguration(f"{secret.variable} is not set; production takes every secret from the environment.")
    if len(given) < SHORTEST_SECRET:
        raise BadConfiguration(f"{secret.variable} is shorter than {SHORTEST_SECRET} characters.")
    kept = directory / secret.file
    if kept.exists() and kept.read_text().strip() == given:
        raise BadConfiguration(f"{secret.variable} is the demo's own secret; production needs another one.")
    if secret.key == "SALESFLOW_KEYS":
        _check_keys(given)
    return given


def _check_keys(given: str) -> None:
    try:
        Keyring.parse(given)
    except BadKeys as problem:
        raise BadConfiguration(f"SALESFLOW_KEYS: {problem}.") from None
    if any(part.strip().startswith("demo:") for part in given.split(",")):
        raise BadConfiguration("SALESFLOW_KEYS holds the demo's key; production needs another one.")
