"""The figures of a start, from lines as `loanstream up` prints them."""

from __future__ import annotations

import pytest

from benchmarks.start import Start, middle, read_steps

LINES = """Ray: starts
Ray: dashboard http://127.0.0.1:8265 (4.2 s)
Serve graph: starts
Serve graph: http://127.0.0.1:8000 (8.4 s)
Serve graph, replicas: done (4.4 s)
Serve graph, replica of http: process 2.0 s, graph 1.0 s (3.1 s)
 HTTP API  http://127.0.0.1:8000  (X-API-Key in .loanstream/api-key)
""".splitlines()


def test_seconds_are_read_by_step() -> None:
    """The last figure of a line is its own; a step's parts are kept apart, with what they say of themselves."""
    start = Start()
    read_steps(start, LINES)
    assert start.steps == {"Ray": 4.2, "Serve graph": 8.4}
    assert start.parts == {"replicas": "4.4 s", "replica of http": "3.1 s (process 2.0 s, graph 1.0 s)"}


@pytest.mark.parametrize(("values", "median"), [([3.0, 1.0, 2.0], 2.0), ([1.0, 4.0, 2.0, 3.0], 2.5), ([7.0], 7.0)])
def test_the_middle_is_the_median(values: list[float], median: float) -> None:
    """Of an even number, half-way between the two in the middle."""
    assert middle(values) == median
