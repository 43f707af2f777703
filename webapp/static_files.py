"""The built scripts, styles and icons, by the names that templates know them under.

The build writes ``static/dist/manifest.json``: name -> fingerprinted file. Without a build pages still work, plain.
"""

import json
from pathlib import Path

from flask import Flask, current_app, url_for
from markupsafe import Markup

_DRAWN = Markup('fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"')
_ICON = Markup(
    '<svg class="icon {}" width="24" height="24" {} aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>'
)
_FILLED = Markup('fill="currentColor" stroke="none"')


def _read_manifest(app: Flask) -> dict[str, str]:
    path = Path(str(app.static_folder)) / "dist" / "manifest.json"
    try:
        manifest: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return manifest


def asset(name: str) -> str:
    """The address of a built file, or nothing when it was not built."""
    manifest: dict[str, str] = current_app.extensions["salesflow_assets"]
    file = manifest.get(name)
    return url_for("static", filename=f"dist/{file}") if file else ""


def icon(name: str, classes: str = "") -> Markup:
    """An icon of the sprite, for decoration only: screen readers pass over it."""
    sprite = asset("icons.svg")
    if not sprite:
        return Markup("")
    # A symbol inherits how it is painted from the place where it is used.
    paint = _FILLED if name.endswith("-filled") else _DRAWN
    return _ICON.format(classes, paint, sprite, name)


def init_static_files(app: Flask) -> None:
    """Read the manifest once and give templates ``asset`` and ``icon``."""
    app.extensions["salesflow_assets"] = _read_manifest(app)
    app.jinja_env.globals.update(asset=asset, icon=icon)
