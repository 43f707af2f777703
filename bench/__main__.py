"""``python -m bench``: the whole benchmark, some ten minutes; ``--quick`` takes about one and says less."""

import argparse
import os
import time
from dataclasses import dataclass

from bench import bare, bulk
from bench.client import Connection
from bench.firm import READER, Firm, found_firm
from bench.lab import BARE, THREADS, WORKERS, Lab
from bench.measure import Bench, numbered_from
from bench.report import p50_ratio, print_results, print_wanted
from bench.statements import statements_of_inbox, statements_of_steps
from webapp.messages import compile_translations


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    rounds: int
    cases: int
    cycles: int
    pages: int
    finished: int
    open_tasks: tuple[int, ...]


FULL = Size(rounds=5, cases=60, cycles=24, pages=160, finished=100_000, open_tasks=(1_000, 100_000, 1_000_000))
QUICK = Size(rounds=2, cases=20, cycles=8, pages=60, finished=2_000, open_tasks=(1_000, 20_000))
CONCURRENCIES = (1, 8)
_begun = time.monotonic()


def say(text: str) -> None:
    """One line of progress."""
    print(f"{time.monotonic() - _begun:7.1f} s  {text}", flush=True)


def main() -> None:
    """Start everything, measure, print."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, fewer rows")
    parser.add_argument("--steps-only", action="store_true", help="leave out what needs many rows")
    parser.add_argument("--without-worker", action="store_true", help="steps enqueue jobs that nobody does meanwhile")
    arguments = parser.parse_args()
    size = QUICK if arguments.quick else FULL
    compile_translations()
    with Lab() as lab:
        bench = start(lab, size, has_worker=not arguments.without_worker)
        counted = statements_of_steps(bench.firm)
        on_inbox = statements_of_inbox(bench.firm, bench.firm.cookies[READER])
        measure_steps(bench, size)
        wanted = [
            ("COMPLETE, times the bare page (p50, one at a time)", 2.0, p50_ratio(bench.results, "COMPLETE")),
            ("INBOX, times the bare page (p50, one at a time)", 1.6, p50_ratio(bench.results, "INBOX")),
            ("statements of a COMPLETE, the most of four", 8, max(n for at, n in counted.items() if at != "START")),
        ]
        if not (arguments.steps_only or arguments.without_worker):
            wanted.append(("bytes stored for a finished instance", 8192, measure_finished(bench, size)))
            wanted.append(measure_open_tasks(bench, size))
        print_results(bench.results)
        print(f"\nStatements, COMMIT included: {counted}, INBOX {on_inbox}")
        print_wanted(wanted)


def start(lab: Lab, size: Size, *, has_worker: bool) -> Bench:
    """Bring up both servers and the worker, with a company and its first open tasks."""
    environ = lab.environment()
    firm = found_firm(environ)
    first = bare.fill(lab.postgres.url(BARE), 200_000)
    bulk.load_open_tasks(lab, firm, size.open_tasks[0])
    product = lab.serve("webapp:create_app()", "/healthy", environ)
    bare_environ = {**os.environ, "BARE_DATABASE_URL": lab.postgres.url(BARE), "BARE_THREADS": str(THREADS)}
    yardstick = lab.serve("bench.bare:create_app()", "/inbox", bare_environ)
    if has_worker:
        lab.start_worker(environ)
    firm.sign_in(product.port, READER)
    say(f"Running: PostgreSQL, two gunicorns with {WORKERS} workers of {THREADS} threads" + ", the worker" * has_worker)
    return Bench(lab, firm, product, yardstick, numbered_from(first))


def measure_steps(bench: Bench, size: Size) -> None:
    """START, COMPLETE, CYCLE and INBOX in rounds; the first round only warms up."""
    for number in range(size.rounds + 1):
        for concurrency in CONCURRENCIES:
            bench.round_of_steps(size.cases, concurrency)
            bench.round_of_cycles(size.cycles, concurrency)
            bench.round_of_inboxes(size.pages, concurrency)
        if number == 0:
            bench.results.clear()
        say(f"round {number} of {size.rounds}" if number else "warm")


def measure_finished(bench: Bench, size: Size) -> float:
    """CYCLE beside many finished cases; gives the bytes that one of them takes."""
    cases = finished_cases(bench.firm, bench)
    copies = size.finished // len(cases)
    grown = bulk.copy_finished(bench.lab, cases, copies)
    say(f"{copies * len(cases):,} finished instances take {grown / 1e6:,.0f} MB")
    name = f"CYCLE {size.finished:,} finished"
    for number in range(size.rounds + 1):
        for concurrency in CONCURRENCIES:
            bench.round_of_cycles(size.cycles, concurrency, name)
            if number == 0:
                bench.results.pop((name, concurrency))
    say("cycles beside them")
    return grown / (copies * len(cases))


def finished_cases(firm: Firm, bench: Bench) -> list[int]:
    """One real advance, asked for, decided, paid and cleared, and the settlement that cleared it."""
    connection = Connection(bench.product_server.port)
    advance = firm.cycle()(connection)
    settlement = firm.clear(connection, advance)
    connection.close()
    bench.lab.drain()
    with bench.lab.connect() as database:
        states = database.execute("SELECT status FROM process_instance WHERE id IN (%s, %s)", (advance, settlement))
        assert {row[0] for row in states} == {"completed"}, "the case that is copied has not ended"
    return [advance, settlement]


def measure_open_tasks(bench: Bench, size: Size) -> tuple[str, float, float]:
    """INBOX beside more and more open tasks; gives how much slower it is with the most than with the least."""
    names = [f"INBOX {wanted:,} open" for wanted in size.open_tasks]
    for name, wanted in zip(names, size.open_tasks, strict=True):
        bulk.load_open_tasks(bench.lab, bench.firm, wanted)
        say(f"{wanted:,} open tasks")
        for number in range(size.rounds + 1):
            for concurrency in CONCURRENCIES:
                bench.round_of_inboxes(size.pages, concurrency, name)
                if number == 0:
                    bench.results.pop((name, concurrency))
    slower = p50_ratio(bench.results, names[-1]) / p50_ratio(bench.results, names[0])
    return f"INBOX with {size.open_tasks[-1]:,} open tasks, times with {size.open_tasks[0]:,}", 1.2, slower


if __name__ == "__main__":
    main()
