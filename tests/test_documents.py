"""What the documents name exists: files, commands, targets, variables, and words of the code."""

import re
from functools import cache
from pathlib import Path

import click
import pytest

from webapp.cli import cli

CHECKOUT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    CHECKOUT / "README.md", CHECKOUT / "workflows" / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md")),
]  # fmt: skip
NAMES = [str(path.relative_to(CHECKOUT)) for path in DOCUMENTS]
#: What a document names as an example, or what exists only while the product runs.
EXAMPLES = {"workflows/travel/travel.bpmn", "forms/travel.py", "tests/travel"}
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:workflows|forms|webapp|tests|docs|bench)/[\w./-]*\w|[\w-]+\.(?:toml|lock)")
_WORD = re.compile(r"[A-Za-z_][\w.]*")
_VARIABLE = re.compile(r"SALESFLOW_[A-Z_]+[A-Z]|DATABASE_URL")


def text(name: str) -> str:
    return (CHECKOUT / name).read_text()


@cache
def sources() -> str:
    """All of the code, tests included, as one text."""
    parts = ("workflows", "forms", "webapp", "tests", "bench")
    paths = [path for part in parts for kind in ("py", "bpmn") for path in (CHECKOUT / part).rglob(f"*.{kind}")]
    return "\n".join(path.read_text() for path in paths if "node_modules" not in path.parts and path.name != __file__)


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_files(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(name))
    assert [link for link in links if not ((CHECKOUT / name).parent / link).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_files_that_are_named_exist(name: str) -> None:
    named = {path for code in _CODE.findall(text(name)) for path in _PATH.findall(code)}
    assert {path for path in named - EXAMPLES if not (CHECKOUT / path).exists()} == set()


@pytest.mark.parametrize("name", NAMES)
def test_make_targets_and_commands_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    written = "\n".join([*_CODE.findall(text(name)), *re.findall(r"```sh\n(.*?)```", text(name), re.DOTALL)])
    assert set(re.findall(r"\bmake ([a-z]+)", written)) <= targets
    for words in re.findall(r"^(?:.* run )?salesflow ((?:[a-z]+ ?)+)", written, re.MULTILINE):
        command: click.Command | None = cli
        for word in words.split():
            if not isinstance(command, click.Group):
                break
            command = command.get_command(click.Context(command), word)
            assert command is not None, words


@pytest.mark.parametrize("name", ["README.md", "workflows/README.md"])
def test_functions_and_classes_that_are_named_exist(name: str) -> None:
    known = set(re.findall(r"\w+", sources()))
    for code in _CODE.findall(text(name)):
        if _WORD.fullmatch(code) and code != "travel" and not code.endswith((".py", ".toml")):
            assert set(code.split(".")) <= known, code


def test_every_variable_is_described_and_every_described_one_is_read() -> None:
    read = set(_VARIABLE.findall(sources_of_webapp()))
    assert set(_VARIABLE.findall(text("docs/operations.md"))) == read


def sources_of_webapp() -> str:
    paths = [path for path in (CHECKOUT / "webapp").rglob("*.py") if "node_modules" not in path.parts]
    return "\n".join(path.read_text() for path in paths)


def test_pictures_are_small() -> None:
    pictures = list((CHECKOUT / "docs" / "images").glob("*.png"))
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > 200_000] == []
