"""Where a start's seconds went: a step's laps, and what replicas say of theirs."""

from __future__ import annotations

import os
from pathlib import Path

from loanstream.stack.laps import Laps, replica_starts


def test_laps_add_up_to_the_time_that_passed() -> None:
    """Each part ends where the next begins; one that was to end once keeps its first end."""
    times = iter([0.0, 3.0, 3.5, 10.0])
    laps = Laps(lambda: next(times))
    laps.lap("Serve", once=True)
    laps.lap("Serve", once=True)
    laps.lap("deployments")
    laps.lap("until it decides")
    assert str(laps) == "Serve 3.0 s, deployments 0.5 s, until it decides 6.5 s"


def test_the_newest_replica_of_each_deployment_is_told(tmp_path: Path) -> None:
    """Its last line of that kind, by deployment; a replica that has not started says nothing."""
    old = tmp_path / "replica_loanstream_http_abc123.log"
    old.write_text("INFO 2026 http abc123 -- started in 9.0 s: process 8.0 s\n")
    os.utime(old, (1, 1))
    (tmp_path / "replica_loanstream_http_def456.log").write_text(
        "INFO 2026 http def456 -- started in 3.1 s: process 2.0 s, graph 1.0 s\nINFO 2026 -- something else\n"
    )
    (tmp_path / "replica_loanstream_gateway_x.log").write_text("INFO 2026 -- replica initialized\n")
    (tmp_path / "controller_1.log").write_text("started in 1 s\n")
    assert replica_starts(tmp_path) == ["http started in 3.1 s: process 2.0 s, graph 1.0 s"]


def test_without_logs_nothing_is_told(tmp_path: Path) -> None:
    """A Serve that logs elsewhere is no error."""
    assert replica_starts(tmp_path / "none") == []
