"""Random diagrams, well formed by construction: rows of steps, forks that join, choices that meet, subprocesses."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import strategies as st

from tests.engine.bpmn import body, diagram, signers, timer

#: A block is a list of items: "step", "timed" (a step with a timer on it), one that several sign ("all", "any", "vote",
#: "turns"), or a pair of a kind and its inner blocks.
STEP = st.sampled_from(["step", "step", "timed"])
SIGNED = st.sampled_from(["step", "step", "timed", "all", "any", "vote", "turns"])
TABLES = {
    "all": signers("all"),
    "any": signers("any"),
    "vote": signers("vote", share="1/2"),
    "turns": signers(sequential=True),
}


def _grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    blocks = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(st.just("and"), st.lists(blocks, min_size=2, max_size=3)),
        st.tuples(st.just("xor"), st.lists(blocks, min_size=2, max_size=2)),
        st.tuples(st.just("sub"), st.lists(blocks, min_size=1, max_size=1)),
    )


SIGNED_BLOCKS = st.lists(st.recursive(SIGNED, _grow, max_leaves=5), min_size=1, max_size=3)
BLOCKS = st.lists(st.recursive(STEP, _grow, max_leaves=7), min_size=1, max_size=4)


@dataclass
class Drawing:
    """Nodes and flows while a block is drawn, in the notation of ``tests.engine.bpmn``."""

    numbers: Any
    lane: str
    nodes: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)

    def name(self, kind: str) -> str:
        return f"{kind}_{next(self.numbers)}"

    def block(self, items: list[Any], last: str) -> str:
        for item in items:
            last = self.item(item, last)
        return last

    def item(self, item: Any, last: str) -> str:
        if isinstance(item, str):
            return self.step(item, last)
        kind, blocks = item
        return self.sub(blocks[0], last) if kind == "sub" else self.fork(kind, blocks, last)

    def step(self, kind: str, last: str) -> str:
        name = self.name("ask")
        lane = "lane=accountant" if kind in TABLES and self.lane else self.lane
        inside = f" | {TABLES[kind]}" if kind in TABLES else ""
        self.nodes.append(f"user:{name} {lane} approval=true{inside}")
        self.flows.append(f"{last} -> {name}")
        if kind == "timed":
            late = self.name("late")
            self.nodes.append(
                f"boundary:{late} attachedToRef={name} cancelActivity=false | {timer('timeDuration', 'P2D')}"
            )
            over = self.name("over")
            self.nodes.append(f"end:{over}")
            self.flows.append(f"{late} -> {over}")
        return name

    def fork(self, kind: str, blocks: list[Any], last: str) -> str:
        split, join = self.name("split"), self.name("join")
        self.nodes += [f"{kind}:{split}" + (f" default={split}_f" if kind == "xor" else ""), f"{kind}:{join}"]
        self.flows.append(f"{last} -> {split}")
        for number, block in enumerate(blocks):
            first = len(self.flows)
            self.flows.append(f"{self.block(block, split)} -> {join}")
            leaving = next(n for n in range(first, len(self.flows)) if self.flows[n].startswith(f"{split} -> "))
            if kind == "xor" and number == 0:
                self.flows[leaving] += " if s.way == 1"
            elif kind == "xor":
                self.nodes = [node.replace(f"default={split}_f", f"default=@{leaving}@") for node in self.nodes]
        return join

    def sub(self, block: list[Any], last: str) -> str:
        name, begin, end = self.name("sub"), self.name("begin"), self.name("done")
        inner = Drawing(self.numbers, "")
        inner.nodes += [f"start:{begin}", f"end:{end}"]
        inner.flows.append(f"{inner.block(block, begin)} -> {end}")
        first = next(self.numbers) * 1000
        nodes = [_numbered(node, first) for node in inner.nodes]
        self.nodes.append(f"sub:{name} {self.lane} | {body(nodes, inner.flows, None, first)}")
        self.flows.append(f"{last} -> {name}")
        return name


def _numbered(node: str, first: int) -> str:
    """Flows get their numbers in the order in which they stand; a gateway's default names one of them."""
    head, mark, rest = node.partition("default=@")
    if not mark:
        return node
    number, _, tail = rest.partition("@")
    return f"{head}default=f{int(number) + first}{tail}"


def drawn(block: list[Any], lane: str = "lane=sales_manager") -> dict[str, str]:
    """The files of a process that goes through a block, from ``s`` to ``e``."""
    drawing = Drawing(count(1), lane)
    drawing.nodes += ["start:s", "end:e"]
    drawing.flows.append(f"{drawing.block(block, 's')} -> e")
    nodes = [_numbered(node, 1) for node in drawing.nodes]
    return diagram("p", nodes, drawing.flows, assign={"accountant": "group"})


