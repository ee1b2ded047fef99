"""Where a start's seconds went: a step's laps, and what replicas say of theirs."""

from __future__ import annotations

import os
from pathlib import Path

from loanstream.stack.laps import Laps, replica_starts
from loanstream.stack.steps import StepPart


def test_laps_add_up_to_the_time_that_passed() -> None:
    """Each part ends where the next begins; one that comes again is added to."""
    times = iter([0.0, 3.0, 3.5, 10.0])
    laps = Laps(lambda: next(times))
    for title in ("controller", "replicas", "controller"):
        laps.lap(title)
    assert laps.parts() == (StepPart("controller", 9.5), StepPart("replicas", 0.5))


def test_the_newest_replica_of_each_deployment_is_told(tmp_path: Path) -> None:
    """Its last line of that kind, by deployment; a replica that has not started says nothing."""
    old = tmp_path / "replica_loanstream_http_abc123.log"
    old.write_text("INFO 2026 http abc123 -- started in 9.0 s: process 8.0 s\n")
    os.utime(old, (1, 1))
    (tmp_path / "replica_loanstream_http_def456.log").write_text(
        "INFO 2026 http def456 -- started in 3.1 s: process 2.0 s, graph 1.0 s\nINFO 2026 -- something else\n"
    )
    (tmp_path / "replica_loanstream_gateway_x.log").write_text("INFO 2026 -- replica initialized\n")
    (tmp_path / "controller_1.log").write_text("started in 1 s: all\n")
    assert replica_starts(tmp_path) == (StepPart("replica of http", 3.1, "process 2.0 s, graph 1.0 s"),)


def test_without_logs_nothing_is_told(tmp_path: Path) -> None:
    """A Serve that logs elsewhere is no error."""
    assert replica_starts(tmp_path / "none") == ()
