"""Starting children that do not outlive us, and ending them in good order."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1


def _die_with_parent(how: signal.Signals) -> Callable[[], None] | None:
    """Have the kernel send ``how`` to the child when we are killed outright.

    Without it ``kill -9`` on the supervisor would leave a database running that the next start trips over. Only
    Linux offers it; elsewhere the next start finds the orphan by its pid file.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), how)

    return arrange


def start_child(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int | None = None,
    environ: Mapping[str, str] | None = None,
    orphan_signal: signal.Signals = signal.SIGTERM,
    **arguments: Any,
) -> "subprocess.Popen[bytes]":
    """Start a child in a session of its own, so that Ctrl-C in the terminal reaches only the supervisor."""
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log is not None else None,
        env=None if environ is None else dict(environ),
        start_new_session=True,
        preexec_fn=_die_with_parent(orphan_signal),  # noqa: PLW1509  the launcher has no threads
        **arguments,
    )


def stop_child(child: "subprocess.Popen[bytes]", how: signal.Signals, patience: float) -> bool:
    """Ask a child to end and wait; kill it and what it started when it doesn't. True when it went by itself."""
    if child.poll() is not None:
        return True
    child.send_signal(how)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        return False
    return True
