"""Brings a database to where this code can serve it: schema, diagrams, and in the demo the demo company.

A process of its own, because it needs the whole application and the supervisor doesn't. What was prepared is noted
with a digest of the migrations and diagrams, so that the next start can skip it.
"""

import datetime as dt
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
from sqlalchemy import make_url

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PREPARED_FROM = ("webapp/migrations/versions/*.py", "workflows/*/*.bpmn", "workflows/*/*.dmn", "webapp/demo*.py")


def is_prepared(url: str, note: Path) -> bool:
    """Whether this very database was prepared by this very code, and has not been emptied since."""
    try:
        if note.read_text() != digest(url):
            return False
    except FileNotFoundError:
        return False
    try:
        with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False)) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.Error:
        return False
    newest = max(path.name for path in (CHECKOUT / "webapp" / "migrations" / "versions").glob("[0-9]*.py"))
    return found is not None and newest.startswith(f"{found[0]}_")


def digest(url: str) -> str:
    """What the preparation depends on, in one word. The socket's directory changes with every start and is left out."""
    address = make_url(url)
    content = hashlib.sha256(f"{address.host}:{address.port}/{address.database}".encode())
    for pattern in PREPARED_FROM:
        for path in sorted(CHECKOUT.glob(pattern)):
            content.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return content.hexdigest()


def prepare(url: str, note: Path, say: Callable[[str], None]) -> None:
    """Migrate, deploy changed diagrams, and fill the demo company into an empty demo database."""
    from webapp.application import create_app  # noqa: PLC0415  a second's worth of imports
    from webapp.extensions import db  # noqa: PLC0415
    from webapp.schema import upgrade_schema  # noqa: PLC0415

    before, after = upgrade_schema(url)
    if before != after:
        say(f"Migrated the database from {before or 'nothing'} to {after}")
    app = create_app()
    with app.app_context():
        session, engine = db.session(), app.extensions["salesflow_engine"]
        now = dt.datetime.now(dt.UTC)
        deployed = engine.deploy(session, now=now)
        session.commit()
        if deployed:
            say(f"Deployed the diagrams {', '.join(deployed)}")
        if app.config["DEMO"]:
            from webapp.demo import fill_demo  # noqa: PLC0415

            if fill_demo(session, engine, now, with_cases=True):
                say("Filled the demo company")
            session.commit()
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(digest(url))


def main() -> int:
    """Prepare the configured database; one line says what keeps it from being prepared."""
    from webapp.config import database_url, var_directory  # noqa: PLC0415
    from webapp.launch.complaints import in_one_line  # noqa: PLC0415

    try:
        prepare(database_url(), var_directory() / "prepared", lambda text: print(f"salesflow: {text}", flush=True))
    except Exception as problem:
        complaint = in_one_line(problem)
        if complaint is None:
            raise
        sys.stderr.write(f"salesflow: {complaint}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
