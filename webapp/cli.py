"""The command line: ``salesflow``.

It is Flask's, so ``shell``, ``routes`` and ``db`` (migrations) come with it. Commands import what they need when they
run, so that ``run`` starts PostgreSQL without loading the whole application. What an operator can do anything about is
said in one line and ends with exit code 1; a traceback means a mistake of ours.
"""

import datetime as dt
import importlib
import os
import sys

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup


def _app() -> Flask:
    from webapp import create_app

    return create_app()


#: Commands of other modules: name -> module and attribute.
ELSEWHERE = {
    "db": ("flask_migrate.cli", "db"),
    "user": ("webapp.user_commands", "user"),
    "token": ("webapp.user_commands", "token"),
}


class Commands(FlaskGroup):
    """Only our commands and ``db``: help needs no database, and no package that is installed beside us adds its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands without loading the app."""
        return sorted([*self.commands, *ELSEWHERE])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Give a command; those of other modules are loaded when they are asked for."""
        if name in ELSEWHERE:
            module, attribute = ELSEWHERE[name]
            command: click.Command = getattr(importlib.import_module(module), attribute)
            return command
        return self.commands.get(name)


@click.group(cls=Commands, create_app=_app, add_version_option=False)
def cli() -> None:
    """Advances, approvals and commissions of a sales department."""


@cli.command(with_appcontext=False)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, envvar="PORT", show_default=True)
@click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True)
def run(port: int, host: str) -> None:
    """Start PostgreSQL, the web server and a worker, and stay until Ctrl-C."""
    from webapp.launch.supervisor import Supervisor

    supervisor = Supervisor(os.environ, host, port, say)
    if os.environ.get("SALESFLOW_ENV", "demo") == "demo":
        # The demo's messages lead to where it listens; production says where its site is.
        os.environ.setdefault("SALESFLOW_SITE_URL", supervisor.address)
    supervisor.run()


@cli.command(with_appcontext=False)
def stop() -> None:
    """Stop what `salesflow run` has started, PostgreSQL included."""
    from webapp.config import var_directory
    from webapp.launch.postgres import clear_remains
    from webapp.launch.running import Running

    var = var_directory()
    say("Stopped" if Running(var).stop() else "Nothing was running")
    clear_remains(var / "postgres")


@cli.command()
@click.option("--until-idle", is_flag=True, help="End as soon as no job is waiting.")
def worker(until_idle: bool) -> None:
    """Do jobs, reminders and timers until SIGTERM."""
    from webapp.extensions import db
    from webapp.schema import check_schema
    from webapp.worker import run_worker

    with db.engine.connect() as connection:
        check_schema(connection)
    run_worker(current_app._get_current_object(), until_idle=until_idle)  # type: ignore[attr-defined]


@cli.command(with_appcontext=False)
def prepare() -> None:
    """Migrate the database, deploy changed diagrams; fill the demo company into an empty demo."""
    from webapp.config import database_url, var_directory
    from webapp.launch.prepare import prepare as bring_up

    bring_up(database_url(), var_directory() / "prepared", say)


@cli.command()
def demo() -> None:
    """Fill the demo company into an empty database."""
    from webapp.demo import fill_demo
    from webapp.engine import change, engine

    with change() as session:
        filled = fill_demo(session, engine(), dt.datetime.now(dt.UTC), with_cases=True)
    say("Filled the demo company" if filled else "There are people in this database; nothing was changed")


@cli.command()
@click.option("--audit", is_flag=True, help="Also verify the chain of every history.")
def doctor(audit: bool) -> None:
    """Check configuration, database, migrations, workers and diagrams; exit code 1 if anything is wrong."""
    from webapp.doctor import examine

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    is_well = True
    for finding in examine(app, dt.datetime.now(dt.UTC), audit=audit):
        click.echo(f"{'ok  ' if finding.is_good else 'BAD '} {finding.subject:<14}{finding.said}")
        is_well = is_well and finding.is_good
    sys.exit(0 if is_well else 1)


@cli.command(with_appcontext=False)
@click.option("--with-tests", is_flag=True, help="Also install what only tests need, a browser among it.")
def assets(with_tests: bool) -> None:
    """Build the styles, scripts and icons of the pages, where they have changed."""
    from webapp.build import build_assets

    say("Built" if build_assets(say, with_tests=with_tests) else "Nothing has changed")


@cli.command("compile", with_appcontext=False)
def compile_messages() -> None:
    """Compile the translations, where they have changed."""
    from webapp.messages import compile_translations

    say("Compiled" if compile_translations() else "Nothing has changed")


def say(message: str) -> None:
    """One line for the operator, at once."""
    click.echo(f"salesflow: {message}")
    sys.stdout.flush()


def main() -> None:
    """Run a command and tell an operator's problem in one line."""
    try:
        cli()
    except Exception as problem:
        from webapp.launch.complaints import in_one_line

        complaint = in_one_line(problem)
        if complaint is None:
            raise
        click.echo(f"salesflow: {complaint}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
