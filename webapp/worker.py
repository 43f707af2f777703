"""The worker process: takes jobs from the queue until it is asked to stop, and shows that it is alive.

As many workers as wanted may run, on as many machines; the queue sees to it that each job is done by one of them.
A worker whose database goes away ends with an error, and whoever started it starts it again.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import os
import socket

from flask import Flask
from procrastinate import PsycopgConnector
from sqlalchemy import delete, make_url
from sqlalchemy.dialects.postgresql import insert

from webapp import work
from webapp.extensions import db
from webapp.jobs import queue
from workflows.engine.model import WorkerHeartbeat

HEARTBEAT_SECONDS = 10
#: Jobs at once; each holds a connection of the app while it works.
CONCURRENCY = 4
#: How long a job may go on after the worker was asked to stop.
PATIENCE_SECONDS = 20
#: Heartbeats of workers that were killed are kept this long, for the doctor to tell of.
FORGET_AFTER = dt.timedelta(hours=1)

log = logging.getLogger("salesflow.worker")


def run_worker(app: Flask, *, until_idle: bool = False) -> None:
    """Work until SIGTERM or SIGINT, or with ``until_idle`` until the queue is empty."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # At INFO the library tells of every sweep, four times a minute and worker; what fails it tells at ERROR.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    connector = PsycopgConnector(conninfo=conninfo(app.config["SQLALCHEMY_DATABASE_URI"]), min_size=1, max_size=4)
    asyncio.run(_run(app, connector, until_idle))


async def _run(app: Flask, connector: PsycopgConnector, until_idle: bool) -> None:
    name = f"{socket.gethostname()}:{os.getpid()}"
    with queue.replace_connector(connector) as opened:
        async with opened.open_async():
            log.info("worker %s takes jobs", name)
            heart = asyncio.create_task(_beat_for_ever(app, name))
            try:
                await opened.run_worker_async(
                    name=name,
                    concurrency=CONCURRENCY,
                    wait=not until_idle,
                    listen_notify=not until_idle,
                    delete_jobs="successful",
                    shutdown_graceful_timeout=PATIENCE_SECONDS,
                    stalled_worker_timeout=work.STALLED_SECONDS,
                    additional_context={"flask_app": app},
                )
            finally:
                heart.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await heart
                await asyncio.to_thread(forget, app, name)


async def _beat_for_ever(app: Flask, name: str) -> None:
    """Beat from the loop that also takes the jobs, so that a worker that hangs is seen to hang."""
    while True:
        try:
            await asyncio.to_thread(beat, app, name)
        except Exception:
            log.exception("the heartbeat could not be written")
        await asyncio.sleep(HEARTBEAT_SECONDS)


def beat(app: Flask, name: str) -> None:
    """Write that this worker is alive now, and clear away those that were killed long ago."""
    with work.transaction(app) as (session, _, now):
        row = insert(WorkerHeartbeat).values(name=name, seen_at=now)
        session.execute(row.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now}))
        session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.seen_at < now - FORGET_AFTER))


def forget(app: Flask, name: str) -> None:
    """Take this worker off the list, because it ends in good order."""
    with work.transaction(app) as (session, _, _now):
        session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.name == name))
    with app.app_context():
        db.engine.dispose()


def conninfo(url: str) -> str:
    """The address as libpq reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
