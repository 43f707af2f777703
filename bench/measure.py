"""Times, round by round: a block of the product, a block of the bare page, in turns.

One round gives one ratio for each operation and concurrency, from blocks that lay seconds apart; the rounds' spread
says how far to trust their median. Nothing is measured while the worker still has the previous block's jobs to do.
"""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from bench.client import Block, Job, get, post, run_block
from bench.firm import STEPS, Firm
from bench.lab import Lab, Server


@dataclass(slots=True)
class Times:
    """The times of one server in one round: seconds of each job, and how long the blocks took together."""

    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    worked: float = 0.0

    def add(self, block: Block, worked: float) -> None:
        """Count in a block, during which the web processes worked for so many seconds."""
        self.seconds += block.seconds
        self.elapsed += block.elapsed
        self.worked += worked

    @property
    def p50(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        """What 19 of 20 stay below, in seconds."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.95)]

    @property
    def rate(self) -> float:
        """Jobs a second."""
        return len(self.seconds) / self.elapsed

    @property
    def cpu(self) -> float:
        """Processor seconds of the web processes for each job; says more than the clock on a busy machine."""
        return self.worked / len(self.seconds)


@dataclass(slots=True)
class Pair:
    """Product and bare page in one round."""

    product: Times = field(default_factory=Times)
    bare: Times = field(default_factory=Times)


#: (operation, concurrency) -> one pair for each round.
Results = dict[tuple[str, int], list[Pair]]


@dataclass(slots=True)
class Bench:
    """The two servers, and how the jobs of a round are made."""

    lab: Lab
    firm: Firm
    product_server: Server
    bare_server: Server
    bare_task: Iterator[int]
    results: Results = field(default_factory=dict)
    waited: list[int] = field(default_factory=list)

    def begin_round(self, *operations: str, concurrency: int) -> list[Pair]:
        """Open a new round of operations."""
        pairs = [Pair() for _ in operations]
        for operation, pair in zip(operations, pairs, strict=True):
            self.results.setdefault((operation, concurrency), []).append(pair)
        return pairs

    def product(self, jobs: list[Job], concurrency: int, *into: Pair) -> Block:
        """Measure a block of the product, then let the worker finish."""
        before = self.product_server.worked()
        block = run_block(self.product_server.port, jobs, concurrency)
        worked = self.product_server.worked() - before
        for pair in into:
            pair.product.add(block, worked)
        self.waited.append(self.lab.drain())
        return block

    def bare(self, jobs: list[Job], concurrency: int, *into: Pair) -> None:
        """Measure a block of the bare pages."""
        before = self.bare_server.worked()
        block = run_block(self.bare_server.port, jobs, concurrency)
        worked = self.bare_server.worked() - before
        for pair in into:
            pair.bare.add(block, worked)

    def bare_write(self) -> Job:
        """The bare page that START and COMPLETE are compared with."""
        body = {"task": next(self.bare_task), "decision": "approve", "opinion": "同意，请按预算执行"}
        request = post("/write", body)
        return lambda connection: connection.ask(request)

    def bare_cycle(self) -> Job:
        """As many bare writes as a case has steps."""
        writes = [self.bare_write() for _ in range(1 + len(STEPS))]
        return lambda connection: [write(connection) for write in writes]

    def round_of_steps(self, cases: int, concurrency: int) -> None:
        """START a number of cases, then COMPLETE each of their four tasks."""
        steps = [element_id for element_id, _ in STEPS]
        start, complete, *each = self.begin_round("START", "COMPLETE", *steps, concurrency=concurrency)
        block = self.product([self.firm.start() for _ in range(cases)], concurrency, start)
        self.bare([self.bare_write() for _ in range(cases)], concurrency, start)
        for (element_id, login), pair in zip(STEPS, each, strict=True):
            jobs = [self.firm.complete(element_id, login, task_id) for task_id in block.results]
            block = self.product(jobs, concurrency, complete, pair)
            self.bare([self.bare_write() for _ in range(cases)], concurrency, complete, pair)

    def round_of_cycles(self, cases: int, concurrency: int, name: str = "CYCLE") -> list[int]:
        """Whole cases, one after the other on each connection; gives their ids."""
        (cycle,) = self.begin_round(name, concurrency=concurrency)
        block = self.product([self.firm.cycle() for _ in range(cases)], concurrency, cycle)
        self.bare([self.bare_cycle() for _ in range(cases)], concurrency, cycle)
        return block.results

    def round_of_inboxes(self, pages: int, concurrency: int, name: str = "INBOX", turns: int = 4) -> None:
        """The inbox in short turns with the bare one."""
        (inbox,) = self.begin_round(name, concurrency=concurrency)
        job, bare = self.firm.inbox(), get("/inbox")
        for _ in range(turns):
            self.product([job] * (pages // turns), concurrency, inbox)
            self.bare([lambda connection: connection.ask(bare)] * (pages // turns), concurrency, inbox)


def numbered_from(first: int) -> Iterator[int]:
    """The tasks that the bare writes take, each once."""
    return count(first)


def ratios(pairs: list[Pair], of: Callable[[Times], float]) -> list[float]:
    """Product over bare, one for each round."""
    return [of(pair.product) / of(pair.bare) for pair in pairs]
