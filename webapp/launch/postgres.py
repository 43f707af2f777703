"""A PostgreSQL of our own: made on first use, reachable through a private socket only, stopped when we stop.

It listens on no network address. Its socket lies in a directory with mode 0700 under ``/tmp`` because the path of a
socket may not exceed 107 bytes, and every connection still has to show the password (SCRAM): no account of the
machine is trusted for being local.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from webapp.launch import LaunchError
from webapp.launch.account import Account
from webapp.launch.binaries import postgres_programs
from webapp.launch.processes import start_child, stop_child

ROLE = "salesflow"
BOOTSTRAP_ROLE = "postgres"
PG_HBA = """\
# No one is trusted for being local: the password is asked for on the socket too.
local all all scram-sha-256
"""

#: The line of postmaster.pid, counted from 0, that names the directory of the socket.
SOCKET_LINE = 4

#: What a server in daily use runs with; the rest are PostgreSQL's own defaults.
SETTINGS = {
    "max_connections": "120",
    "shared_buffers": "256MB",
    "jit": "off",
    # Any disk of today reads a page here and there nearly as fast as one after the other.
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
#: Tests throw their data away, so they need not survive a power cut.
TEST_SETTINGS = {
    **SETTINGS,
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


@dataclass(slots=True)
class EmbeddedPostgres:
    """One server on one data directory. ``start`` before ``url``; ``stop`` is safe to call twice."""

    data: Path
    password: str
    account: Account
    settings: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))
    log: Path | None = None
    socket_directory: Path | None = None
    child: "subprocess.Popen[bytes] | None" = None

    def start(self, patience: float = 60.0) -> None:
        """Make the data directory when there is none, start the server and wait until it answers."""
        programs = postgres_programs(self.account)
        is_new = not (self.data / "PG_VERSION").exists()
        if is_new:
            self._make(programs)
        else:
            clear_remains(self.data)
        self.socket_directory = Path(tempfile.mkdtemp(prefix="salesflow-", dir="/tmp"))
        self.account.own(self.socket_directory)
        self._launch(programs)
        self._await_answer(BOOTSTRAP_ROLE, patience)
        if is_new or not self._has_role():
            self._make_role()

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a database on this server."""
        return f"postgresql+psycopg://{ROLE}:{self.password}@/{database}?host={self.socket_directory}"

    def ensure_database(self, name: str) -> bool:
        """Create an empty database unless it is there; True when it was created."""
        with self.connect(ROLE, "postgres") as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                return False
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            return True

    def connect(self, role: str = ROLE, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection for administration, committing each statement."""
        return psycopg.connect(
            host=str(self.socket_directory),
            user=role,
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def stop(self) -> None:
        """Stop the server: open connections are cut, nothing committed is lost."""
        if self.child is not None:
            stop_child(self.child, signal.SIGINT, patience=30.0)
            self.child = None
        if self.socket_directory is not None:
            shutil.rmtree(self.socket_directory, ignore_errors=True)
            self.socket_directory = None

    def _make(self, programs: Path) -> None:
        """Run initdb on a directory beside the final one, so that a broken first run leaves nothing to trip over."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".initdb-", dir=self.data.parent))
        self.account.own(scratch)
        handle, pwfile = tempfile.mkstemp(prefix=".password-", dir=self.data.parent)
        with open(handle, "w") as secret:
            secret.write(self.password + "\n")
        self.account.own(Path(pwfile))
        command = [
            str(programs / "initdb"),
            f"--pgdata={scratch}",
            f"--username={BOOTSTRAP_ROLE}",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--auth=scram-sha-256",
            f"--pwfile={pwfile}",
            "--no-sync",
        ]
        try:
            made = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                env=_plain_environment(),
                **self.account.popen_arguments(),
            )
            if made.returncode != 0:
                raise LaunchError(f"PostgreSQL could not make its data directory: {_last_complaint(made.stderr)}")
            (scratch / "pg_hba.conf").write_text(PG_HBA)
            if self.data.is_dir():
                # An empty directory may have been made for us; one with anything in it is not ours to replace.
                self.data.rmdir()
            os.rename(scratch, self.data)
        except OSError as problem:
            raise LaunchError(f"PostgreSQL could not make its data directory: {problem.strerror}.") from problem
        finally:
            os.unlink(pwfile)
            shutil.rmtree(scratch, ignore_errors=True)

    def _launch(self, programs: Path) -> None:
        command: list[str | Path] = [programs / "postgres", "-D", self.data, "-k", str(self.socket_directory)]
        options = {"listen_addresses": "", "unix_socket_permissions": "0700", **self.settings}
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with open(self.log or os.devnull, "ab") as log:
            self.child = start_child(
                command,
                log=log.fileno(),
                environ=_plain_environment(),
                orphan_signal=signal.SIGINT,
                cwd="/",
                **self.account.popen_arguments(),
            )

    def _await_answer(self, role: str, patience: float) -> None:
        """Ask ``SELECT 1`` until it is answered; a server that ended tells why in its log."""
        deadline = time.monotonic() + patience
        while True:
            if self.child is not None and self.child.poll() is not None:
                complaint = _last_complaint(_tail(self.log))
                self.stop()
                raise LaunchError(f"PostgreSQL did not start: {complaint}")
            try:
                with self.connect(role) as connection:
                    connection.execute("SELECT 1")
                return
            except psycopg.OperationalError as problem:
                if "password authentication failed" in str(problem):
                    self.stop()
                    raise LaunchError(
                        f"The database in {self.data} has another password than var/secrets keeps: "
                        "restore var/secrets, or remove that directory to begin anew."
                    ) from None
                if time.monotonic() > deadline:
                    self.stop()
                    raise LaunchError(f"PostgreSQL did not answer within {patience:.0f} s; see {self.log}.") from None
            time.sleep(0.02)

    def _has_role(self) -> bool:
        with self.connect(BOOTSTRAP_ROLE) as connection:
            return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone() is not None

    def _make_role(self) -> None:
        """The application owns its databases but is no superuser, so it can't switch the append-only triggers off."""
        with self.connect(BOOTSTRAP_ROLE) as connection:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(
                    sql.Identifier(ROLE), sql.Literal(self.password)
                )
            )


def clear_remains(data: Path) -> None:
    """End a server that an earlier run left on the data directory, and clear what one that was killed left behind.

    PostgreSQL itself takes over a pid file whose process is gone; in a container, where few numbers are in use, the
    number has often passed to some other program, and then it would refuse to start.
    """
    pid_file = data / "postmaster.pid"
    try:
        lines = pid_file.read_text().splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    if _is_postgres(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + 30
        while pid_file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    else:
        pid_file.unlink(missing_ok=True)
    socket_directory = Path(lines[SOCKET_LINE]) if len(lines) > SOCKET_LINE else None
    if socket_directory is not None and socket_directory.name.startswith("salesflow-"):
        shutil.rmtree(socket_directory, ignore_errors=True)


def _is_postgres(pid: int) -> bool:
    if Path("/proc/self").exists():
        try:
            return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0", 1)[0]
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _plain_environment() -> dict[str, str]:
    """The environment without the caller's own PostgreSQL and Python settings."""
    kept = ("PATH", "HOME", "TMPDIR", "TZ")
    return {**{name: os.environ[name] for name in kept if name in os.environ}, "LC_ALL": "C"}


def _tail(log: Path | None) -> str:
    if log is None or not log.exists():
        return ""
    return log.read_bytes()[-4000:].decode(errors="replace")


def _last_complaint(output: str) -> str:
    """The line of the output that says why, without time stamp and severity."""
    lines = [line for line in output.splitlines() if line.strip()]
    for line in reversed(lines):
        for mark in ("FATAL:", "PANIC:", "error:", "could not"):
            if mark in line:
                return line[line.index(mark) :].strip()
    return lines[-1].strip() if lines else "it said nothing."
