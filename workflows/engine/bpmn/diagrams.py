"""A diagram and everything that it needs, read from its files and named by their digest.

The files of a process are ``<key>.bpmn``, the diagrams that it calls (``<called process>.bpmn``) and the decision
tables that its business rule tasks ask (``<table id>.dmn``), all in one folder. A ``Diagram`` is frozen: the inbox and
the task page ask it for names and lanes, the engine for elements, the browser's viewer for the drawing. Whether it may
be deployed is decided in ``checks``; how it moves, in ``machine``.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from lxml import etree

from workflows.engine.bpmn.elements import Element, Flow, Lane, Timer, Unsupported
from workflows.engine.bpmn.reader import BPMN, SALESFLOW, File, read_file
from workflows.engine.language.decisions import Table, read_table
from workflows.engine.safe_xml import BadDiagram, parse_xml

__all__ = ["BadDiagram", "Diagram", "Element", "Flow", "Lane", "Timer", "load_folder", "read_diagram"]

#: What a file may be called after: a process key or a table id. Nothing that leads out of the folder.
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Diagram:
    """One version of a process: the main diagram, what it calls and its decision tables.

    ``digest`` is the hexadecimal SHA-256 of the files. ``readers`` are the roles that may read every case,
    ``starters`` those that may start one (the role of the start event's lane where none are named), ``start_id`` is
    the start event (and the start form's key), ``called`` the keys of the called processes.
    """

    key: str
    name_zh: str
    name_en: str
    digest: str
    files: Mapping[str, str]
    lanes: tuple[Lane, ...]
    elements: tuple[Element, ...]
    flows: tuple[Flow, ...]
    readers: tuple[str, ...]
    starters: frozenset[str]
    start_id: str
    called: tuple[str, ...]
    tables: Mapping[str, Table]
    executable: bool
    unsupported: tuple[Unsupported, ...]
    _by_id: Mapping[str, Element] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {element.id: element for element in self.elements})

    def __hash__(self) -> int:
        return hash(self.digest)

    def is_started_by(self, roles: Collection[str]) -> bool:
        """Say whether somebody with these roles may start a case."""
        return not self.starters or not self.starters.isdisjoint(roles)

    def name(self, locale: str) -> str:
        """Give the process's name in one language."""
        return (self.name_en or self.name_zh if locale.lower().startswith("en") else self.name_zh) or self.key

    def element(self, element_id: str) -> Element:
        """Give one element; raise ``KeyError`` when the diagram has none of this id."""
        return self._by_id[element_id]

    def has_element(self, element_id: str) -> bool:
        """Say whether the diagram has an element of this id."""
        return element_id in self._by_id

    def of_kind(self, *kinds: str) -> list[Element]:
        """Give the elements of some kinds, in the order of the file."""
        return [element for element in self.elements if element.kind in kinds]

    def user_tasks(self) -> list[Element]:
        """Give the steps that people do."""
        return self.of_kind("userTask")

    def leaving(self, element_id: str) -> list[Flow]:
        """Give the flows that leave an element."""
        return [flow for flow in self.flows if flow.source == element_id]

    def xml_for(self, locale: str, process: str | None = None) -> str:
        """Give the drawing of the main diagram, or of a called one, with the names in one language."""
        text = self.files[f"{process or self.key}.bpmn"]
        return _in_english(text) if locale.lower().startswith("en") else text


def read_diagram(files: Mapping[str, str], key: str) -> Diagram:
    """Read the diagram ``key`` from its files (name -> text); raise ``BadDiagram`` when they can't be read."""
    called = _called(files, key)
    main, parts = called[key], list(called.values())
    start_id = _start(main)
    elements = tuple(
        # What is sent back to the start is the starter's, whatever lane it stands in.
        replace(element, form=start_id, role=element.role or "starter", assign="starter")
        if element.id == start_id
        else element
        for part in parts
        for element in part.elements
    )
    tables = _tables(files, elements)
    return Diagram(
        key=key,
        name_zh=main.name_zh,
        name_en=main.name_en,
        digest=digest_of(files),
        files=dict(files),
        lanes=tuple(lane for part in parts for lane in part.lanes),
        elements=elements,
        flows=tuple(flow for part in parts for flow in part.flows),
        readers=main.readers,
        starters=_starters(main, start_id),
        start_id=start_id,
        called=tuple(process for process in called if process != key),
        tables=tables,
        executable=all(part.executable for part in parts),
        unsupported=tuple(each for part in parts for each in part.unsupported),
    )


def _starters(main: File, start_id: str) -> frozenset[str]:
    lane_role = next((element.role for element in main.elements if element.id == start_id), None)
    return frozenset(main.starters or ([lane_role] if lane_role else []))


def load_folder(folder: Path, key: str) -> dict[str, str]:
    """Give the files that the diagram ``key`` needs, found by following it through its folder."""
    files: dict[str, str] = {}
    waiting = [key]
    while waiting:
        process = waiting.pop()
        name = f"{process}.bpmn"
        if name in files:
            continue
        files[name] = _read(folder, process, "bpmn", key)
        for element in read_file(files[name], name).elements:
            if element.calls:
                waiting.append(element.calls)
            if element.decision and f"{element.decision}.dmn" not in files:
                files[f"{element.decision}.dmn"] = _read(folder, element.decision, "dmn", element.id)
    return files


def digest_of(files: Mapping[str, str]) -> str:
    """Give the hexadecimal SHA-256 of the files, the same whatever their order and their line endings."""
    sha = hashlib.sha256()
    for name in sorted(files):
        for text in (name, files[name].replace("\r\n", "\n")):
            content = text.encode()
            # The length keeps two pairs of files apart that would read the same when joined.
            sha.update(len(content).to_bytes(8, "big") + content)
    return sha.hexdigest()


def _read(folder: Path, stem: str, suffix: str, element_id: str) -> str:
    if not _KEY.fullmatch(stem):
        raise BadDiagram(element_id, f"{stem[:64]!r} is not a key")
    try:
        return (folder / f"{stem}.{suffix}").read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadDiagram(element_id, f"There is no file {stem}.{suffix}") from None
    except UnicodeDecodeError:
        raise BadDiagram(element_id, f"{stem}.{suffix} is not UTF-8 text") from None


def _called(files: Mapping[str, str], key: str) -> dict[str, File]:
    """Read the main diagram and, from there on, every diagram that is called, the main one first."""
    found: dict[str, File] = {}
    waiting = [(key, key)]
    while waiting:
        process, caller = waiting.pop(0)
        if process in found:
            continue
        name = f"{process}.bpmn"
        if name not in files:
            raise BadDiagram(caller, f"There is no file {name}")
        found[process] = read_file(files[name], name)
        if found[process].process != process:
            raise BadDiagram(found[process].process, f"The process in {name} must have the id {process!r}")
        waiting += [(element.calls, element.id) for element in found[process].elements if element.calls]
    return found


def _tables(files: Mapping[str, str], elements: tuple[Element, ...]) -> dict[str, Table]:
    tables = {}
    for element in elements:
        table_id = element.decision
        if table_id and table_id not in tables and f"{table_id}.dmn" in files:
            tables[table_id] = read_table(files[f"{table_id}.dmn"], f"{table_id}.dmn")
    return tables


def _start(main: File) -> str:
    starts = [element for element in main.elements if element.kind == "startEvent" and element.parent is None]
    if len(starts) != 1:
        raise BadDiagram(main.process, f"A process has one start event, this one {len(starts)}")
    return starts[0].id


@lru_cache(maxsize=64)
def _in_english(text: str) -> str:
    root = parse_xml(text, "diagram")
    for node in root.iter(f"{{{BPMN}}}*"):
        name = node.get(f"{{{SALESFLOW}}}nameEn")
        if name:
            node.set("name", name)
    return etree.tostring(root, encoding="unicode")
