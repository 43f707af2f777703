"""What ``salesflow doctor`` looks at: one finding a line, good or bad, with what to do about a bad one."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from webapp.build import manifest
from webapp.extensions import db
from webapp.launch.complaints import in_one_line
from webapp.schema import check_schema, needed_revision
from workflows.engine.bpmn.checks import check_diagram
from workflows.engine.bpmn.diagrams import load_folder, read_diagram
from workflows.engine.history import broken_entries
from workflows.engine.model import Incident, WorkerHeartbeat
from workflows.engine.runtime import Engine
from workflows.kernel.errors import NotFound
from workflows.notices.deliveries import standing_of

#: Three missed heartbeats.
WORKER_IS_LATE_AFTER = dt.timedelta(seconds=35)
#: Messages are sent every fifteen seconds; what failed longer ago has been seen or is of no use any more.
DELIVERY_IS_LATE_AFTER = dt.timedelta(minutes=10)
DELIVERIES_LOOKED_AT = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    subject: str
    is_good: bool
    said: str


Check = Callable[[Flask, Session, dt.datetime], Iterator[Finding]]


def examine(app: Flask, now: dt.datetime, *, audit: bool = False) -> Iterator[Finding]:
    """Look at everything; a check that breaks is a finding too, and the rest goes on.

    :param audit: also compute the chain of every history anew, which reads all of it
    """
    checks: list[tuple[str, Check]] = [
        ("configuration", _configuration), ("database", _database), ("migrations", _migrations),
        ("worker", _worker), ("jobs", _jobs), ("diagrams", _diagrams), ("incidents", _incidents),
        ("notices", _notices),
    ]  # fmt: skip
    if audit:
        checks.append(("history", _history))
    for subject, check in checks:
        with app.app_context():
            try:
                yield from check(app, db.session(), now)
            except Exception as problem:
                yield Finding(subject, False, in_one_line(problem) or f"{type(problem).__name__}: {problem}")


def _configuration(app: Flask, session: Session, now: dt.datetime) -> Iterator[Finding]:
    kind = "demo, with secrets of its own in var/secrets" if app.config["DEMO"] else "production"
    yield Finding("configuration", True, kind)
    built = "are built" if manifest() else "are not built: run `salesflow assets`"
    yield Finding("assets", bool(manifest()), f"styles and scripts {built}")


def _database(app: Flask, session: Session, now: dt.datetime) -> Iterator[Finding]:
    version, size = session.execute(
        text("SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database()))")
    ).one()
    yield Finding("database", True, f"PostgreSQL {version}, {size}")


def _migrations(app: Flask, session: Session, now: dt.datetime) -> Iterator[Finding]:
    check_schema(session.connection())
    yield Finding("migrations", True, f"the schema is {needed_revision()}, the newest")


def _worker(app: Flask, session: Session, now: dt.datetime) -> Iterator[Finding]:
    rows = session.scalars(select(WorkerHeartbeat).order_by(WorkerHeartbeat.name)).all()
    alive = [row for row in rows if now - row.seen_at <= WORKER_IS_LATE_AFTER]
    if not alive:
        yield Finding("worker", False, "no worker is running: nobody is reminded or told; start `salesflow worker`")
    for row in rows:
        age = (now - row.seen_at).total_seconds()
        yield Finding("worker", row in alive, f"{row.name} was seen {age:.0f} s ago")


def _jobs(app: Flask, session: Session, now: dt.datetime) -> Iterator[Finding]:
    query = text(
        "SELECT count(*) FILTER (WHERE status = 'failed'),"
        " count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) < now() - interval '5 minutes')"
        " FROM procrastinate_jobs"
    )
    failed, waiting = session.execute(query).one()
    yield Finding("jobs", failed == 0, f"{failed} have failed for good")
    if waiting:
        yield Finding("jobs", False, f"{waiting} have been waiting for five minutes")


def _diagrams(app: Flask, session: Session, now: dt.datetime) -> Iterator[Finding]:
    engine: Engine = app.extensions["salesflow_engine"]
    for key, process in sorted(engine.processes.items()):
        diagram = read_diagram(load_folder(process.folder, key), key)
        check_diagram(diagram, process, engine.definitions.has_form, engine.definitions.roles)
        try:
            deployed = engine.current(session, key).digest == diagram.digest
        except NotFound:
            deployed = False
        said = "is sound and deployed" if deployed else "is sound; start salesflow again to deploy it"
        yield Finding("diagrams", deployed, f"{key} {said}")


def _incidents(app: Flask, session: Session, now: dt.datetime) -> Iterator[Finding]:
    count = session.scalar(select(func.count()).select_from(Incident).where(Incident.closed_at.is_(None))) or 0
    yield Finding("incidents", count == 0, f"{count} wait for an administrator")


def _notices(app: Flask, session: Session, now: dt.datetime) -> Iterator[Finding]:
    known = app.config["NOTICES"]
    channels = ", ".join(known.channels) or "none: set SALESFLOW_SITE_URL, so that messages can carry a link"
    yield Finding("notices", True, f"channels outside the bell: {channels}")
    standing = standing_of(session, since=now - DELIVERIES_LOOKED_AT, late_before=now - DELIVERY_IS_LATE_AFTER)
    lost = f"{standing.failed} failed and {standing.unknown} may not have arrived within a week"
    yield Finding("notices", standing.failed == 0, lost)
    if standing.late:
        yield Finding("notices", False, f"{standing.late} wait to be sent for ten minutes")


def _history(app: Flask, session: Session, now: dt.datetime) -> Iterator[Finding]:
    broken = list(broken_entries(session, app.config["AUDIT_KEY"]))
    if not broken:
        yield Finding("history", True, "every chain holds")
    for each in broken:
        yield Finding("history", False, f"instance {each.instance_id}, entry {each.seq}: {each.reason}")
