"""What the run prints: ratios to the bare page, and beside them in small the milliseconds they come from."""

import statistics
from collections.abc import Callable

from bench.firm import STEPS
from bench.measure import Pair, Results, Times, ratios

_P50: Callable[[Times], float] = lambda times: times.p50  # noqa: E731
_P95: Callable[[Times], float] = lambda times: times.p95  # noqa: E731
_RATE: Callable[[Times], float] = lambda times: times.rate  # noqa: E731
_CPU: Callable[[Times], float] = lambda times: times.cpu  # noqa: E731
_HEAD = (
    f"{'':<28} {'p50':>17} {'p95':>17} {'throughput':>17} {'CPU':>17}"
    "   p50 ms   p95 ms      1/s   CPU ms  (product, then bare)"
)


def print_results(results: Results) -> None:
    """One line for each operation and concurrency: the median of the rounds' ratios, the least and the most."""
    print("\nRatios, product to bare page: median of the rounds [least-most]. CPU is that of the web processes alone.")
    for concurrency in sorted({concurrency for _, concurrency in results}):
        print(f"\nconcurrency {concurrency}\n{_HEAD}")
        for (operation, at), pairs in results.items():
            if at == concurrency:
                print(_line(operation, pairs))


def _line(operation: str, pairs: list[Pair]) -> str:
    name = f"  {operation}" if operation in dict(STEPS) else operation
    cells = " ".join(f"{_spread(ratios(pairs, of)):>17}" for of in (_P50, _P95, _RATE, _CPU))
    absolute = "  ".join(
        " ".join(f"{_middle(pairs, of, side) * factor:8.2f}" for of, factor in _UNITS) for side in ("product", "bare")
    )
    return f"{name:<28} {cells} {absolute}"


_UNITS = ((_P50, 1000), (_P95, 1000), (_RATE, 1), (_CPU, 1000))


def _middle(pairs: list[Pair], of: Callable[[Times], float], side: str) -> float:
    return statistics.median(of(getattr(pair, side)) for pair in pairs)


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} [{min(values):.2f}-{max(values):.2f}]"


def p50_ratio(results: Results, operation: str, concurrency: int = 1) -> float:
    """The median over the rounds of the medians' ratio."""
    return statistics.median(ratios(results[operation, concurrency], _P50))


def print_wanted(rows: list[tuple[str, float, float]]) -> None:
    """What was wanted and what was reached."""
    print("\nWanted and reached")
    for name, most, reached in rows:
        verdict = "reached" if reached <= most else "MISSED"
        print(f"  {name:<58} at most {most:>8,.1f}   is {reached:>10,.2f}   {verdict}")
