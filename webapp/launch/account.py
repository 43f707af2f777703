"""Which operating-system account PostgreSQL runs as.

PostgreSQL refuses to run as root, and rightly so. An ordinary user runs it as themselves; root hands it to an
account without rights, and then everything that PostgreSQL reads or writes has to lie where that account can reach
it: a checkout below ``/root`` does not, so its data directory and a copy of the programs go below ``/var/lib``.
"""

import hashlib
import os
import pwd
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webapp.launch import LaunchError

#: Where root keeps what the account must be able to reach.
STATE_OF_ROOT = Path("/var/lib/salesflow")


@dataclass(frozen=True, slots=True)
class Account:
    """The account of the database server; ``uid`` is None when it is our own."""

    uid: int | None = None
    gid: int | None = None

    def popen_arguments(self) -> dict[str, Any]:
        """What ``subprocess`` needs in order to start a program as this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or directory that we made to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can(self, test: str, path: Path) -> bool:
        """Whether the account passes ``test -r``, ``-w`` or ``-x`` on the path; asked of the kernel, not computed."""
        command = ["/bin/sh", "-c", f'test -{test} "$1"', "sh", str(path)]
        return subprocess.run(command, check=False, cwd="/", **self.popen_arguments()).returncode == 0


def data_directory(account: Account, wanted: Path) -> Path:
    """Where the server's data lie: where wanted, or below ``/var/lib`` when its account can't reach that place.

    Then a link stands in the wanted place, so that whoever backs ``var`` up sees where to look. The name carries a
    digest of the wanted path, so that two checkouts keep apart.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    if wanted.is_symlink():
        return wanted.resolve()
    if account.uid is None or account.can("x", wanted.parent):
        return wanted
    elsewhere = STATE_OF_ROOT / f"data-{hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:12]}"
    elsewhere.mkdir(mode=0o755, parents=True, exist_ok=True)
    wanted.symlink_to(elsewhere / wanted.name)
    return elsewhere / wanted.name


def database_account(environ: Mapping[str, str] = os.environ) -> Account:
    """Ourselves, or for root the account named by ``SALESFLOW_POSTGRES_ACCOUNT`` (``nobody`` unless set)."""
    if os.geteuid() != 0:
        return Account()
    name = environ.get("SALESFLOW_POSTGRES_ACCOUNT", "nobody")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise LaunchError(
            f"PostgreSQL can't run as root, and there is no account {name!r} to run it as: "
            "set SALESFLOW_POSTGRES_ACCOUNT, or DATABASE_URL to use another server."
        ) from None
    if entry.pw_uid == 0:
        raise LaunchError("SALESFLOW_POSTGRES_ACCOUNT names root; PostgreSQL needs an account without rights.")
    return Account(entry.pw_uid, entry.pw_gid)
