"""Message ids against translations: all that people may read is there in Chinese, and fills in the same names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import flask_security
import pytest
from babel.messages.extract import extract_from_file

from webapp import messages
from webapp.messages import TwoTranslations, compile_translations, merged

CHECKOUT = Path(__file__).parent.parent
#: Functions that mark a text for translation; in templates ``_`` alone.
MARKS = {"_": None, "gettext": None, "lazy_gettext": None, "_l": None, "N_": None, "ngettext": (1, 2)}
#: Refusals whose first text, and whose second, is a message id.
REFUSALS = {"Refusal", "NotFound", "NotAllowed", "Conflict", "StaleRevision", "Busy", "KeyReused"}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def python_files() -> list[Path]:
    return [path for folder in ("webapp", "forms", "workflows") for path in sorted((CHECKOUT / folder).rglob("*.py"))
            if "node_modules" not in path.parts and "migrations" not in path.parts]  # fmt: skip


def marked(path: Path) -> Iterator[str]:
    """The texts that a file marks for translation."""
    method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
    for _, found, _, _ in extract_from_file(method, path, keywords=MARKS):
        yield found[0] if isinstance(found, tuple) else found


def refused(path: Path) -> Iterator[str]:
    """The texts of the refusals that a module raises; they are translated where they are shown."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        position = {"at": 1}.get(name, 0 if name in REFUSALS else None)
        if position is not None and len(node.args) > position:
            text = node.args[position]
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and " " in text.value:
                yield text.value


def used() -> dict[str, str]:
    """Message id -> one place where it stands."""
    found = {}
    for path in [*sorted((CHECKOUT / "webapp" / "templates").rglob("*.html")), *python_files()]:
        place = str(path.relative_to(CHECKOUT))
        for text in marked(path):
            found[text] = place
        if path.suffix == ".py":
            for text in refused(path):
                found.setdefault(text, place)
    return found


def translated() -> dict[str, str]:
    """Message id -> its Chinese."""
    return {
        message.id if isinstance(message.id, str) else message.id[0]: str(message.string)
        for message in merged("zh_Hans")
        if message.id
    }


def test_everything_that_people_read_is_there_in_chinese() -> None:
    known = translated()
    assert sorted(f"{place}: {text}" for text, place in used().items() if text not in known) == []


def test_a_translation_fills_in_what_its_message_fills_in() -> None:
    wrong = [
        text for text, chinese in translated().items()
        if not set(PLACEHOLDER.findall(chinese)) <= set(PLACEHOLDER.findall(text))
    ]  # fmt: skip
    assert wrong == []


def test_no_translation_is_left_over() -> None:
    # What no mark shows, names in tables of ours and Flask-Security's own messages, is found by its words.
    sources = [*python_files(), *Path(flask_security.__file__).parent.glob("*.py")]
    words = "".join(re.sub(r'"\s+f?"', "", path.read_text()) for path in sources)
    assert [text for text in translated().keys() - used().keys() if text not in words] == []


def test_parts_that_disagree_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "TRANSLATIONS", tmp_path)
    parts = tmp_path / "zh_Hans" / "parts"
    parts.mkdir(parents=True)
    (parts / "one.po").write_text('msgid "Advance"\nmsgstr "借款"\n')
    (parts / "two.po").write_text('msgid "Advance"\nmsgstr "预支"\n')
    with pytest.raises(TwoTranslations, match=r"'Advance' is '借款' in one\.po and '预支' in two\.po"):
        compile_translations()
    (parts / "two.po").write_text('msgid "Advance"\nmsgstr "借款"\n')
    assert compile_translations() is True
    assert compile_translations() is False
    assert (tmp_path / "zh_Hans" / "LC_MESSAGES" / "messages.mo").exists()
