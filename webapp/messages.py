"""Compiles the translations: every part below ``translations/<language>/parts`` goes into one catalogue.

Each area keeps its own part, so that two people never edit one file. The compiled catalogue is not kept in the
repository; it is made again when a part has changed.
"""

import hashlib
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).resolve().parent / "translations"


class TwoTranslations(ValueError):
    """Two parts translate one message id differently; one of them would silently win."""


def merged(language: str) -> Catalog:
    """One catalogue of all parts of a language.

    :raises TwoTranslations: parts disagree about a message
    """
    whole = Catalog(locale=language, charset="utf-8", fuzzy=False)
    origin: dict[tuple[object, str | None], tuple[object, str]] = {}
    for path in sorted((TRANSLATIONS / language / "parts").glob("*.po")):
        with path.open("rb") as file:
            part = read_po(file, locale=language)
        for message in part:
            if not message.id or not message.string or message.fuzzy:
                continue
            key = (message.id, message.context)
            known = origin.get(key)
            if known is not None and known[0] != message.string:
                raise TwoTranslations(
                    f"{message.id!r} is {known[0]!r} in {known[1]} and {message.string!r} in {path.name}"
                )
            origin[key] = (message.string, path.name)
            whole.add(message.id, message.string, context=message.context)
    return whole


def compile_translations() -> bool:
    """Write ``messages.mo`` of every language whose parts have changed; True when anything was written."""
    written = False
    for folder in sorted(path for path in TRANSLATIONS.iterdir() if (path / "parts").is_dir()):
        digest = hashlib.sha256(b"\0".join(part.read_bytes() for part in sorted((folder / "parts").glob("*.po"))))
        target = folder / "LC_MESSAGES" / "messages.mo"
        stamp = target.with_name("messages.mo.built")
        if target.exists() and stamp.exists() and stamp.read_text() == digest.hexdigest():
            continue
        target.parent.mkdir(exist_ok=True)
        scratch = target.with_name("messages.mo.new")
        with scratch.open("wb") as file:
            write_mo(file, merged(folder.name))
        scratch.replace(target)
        stamp.write_text(digest.hexdigest())
        written = True
    return written
