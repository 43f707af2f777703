"""What a run leaves in ``var/run`` while it lasts, so that the next command knows about it.

``lock`` is held by the supervisor and let go of by the kernel when it dies, however it dies; the other files may be
stale, the lock can't.
"""

import contextlib
import fcntl
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from webapp.launch import LaunchError


class Running:
    """The marks of one run below ``var``."""

    def __init__(self, var: Path) -> None:
        self.folder = var / "run"
        self.handle: int | None = None

    def begin(self) -> None:
        """Be the only run on this ``var``.

        :raises LaunchError: another one is going on
        """
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            address = self.facts().get("address")
            where = f" at {address}" if address else ""
            raise LaunchError(f"salesflow is already running{where}; `make stop` ends it.") from None
        self.handle = handle
        self.note(pid=os.getpid())

    def note(self, **facts: Any) -> None:
        """Write facts about this run for others to read."""
        known = {**self.facts(), **facts} if "pid" not in facts else facts
        scratch = self.folder / "facts.new"
        scratch.write_text(json.dumps(known))
        scratch.replace(self.folder / "facts.json")

    def facts(self) -> dict[str, Any]:
        """What the last run noted; empty when there was none."""
        try:
            noted: dict[str, Any] = json.loads((self.folder / "facts.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return noted

    def keep_database_url(self, url: str) -> None:
        """Let other commands of the same account reach the embedded server."""
        scratch = self.folder / ".database_url"
        with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(url + "\n")
        scratch.replace(self.folder / "database_url")

    def end(self) -> None:
        """Take the marks away."""
        for name in ("database_url", "facts.json"):
            (self.folder / name).unlink(missing_ok=True)
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None

    def is_going_on(self) -> bool:
        """Whether a supervisor holds the lock."""
        try:
            handle = os.open(self.folder / "lock", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def stop(self, patience: float = 60.0) -> bool:
        """Ask the run to end and wait for it; False when there was none.

        :raises LaunchError: it did not end in time
        """
        if not self.is_going_on():
            return False
        pid = self.facts().get("pid")
        if isinstance(pid, int):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + patience
        while self.is_going_on():
            if time.monotonic() > deadline:
                raise LaunchError(f"salesflow (process {pid}) did not stop within {patience:.0f} s.")
            time.sleep(0.1)
        return True
