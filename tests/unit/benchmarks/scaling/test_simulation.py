"""The simulated cluster: what queues are known to do."""

from __future__ import annotations

import pytest

from benchmarks.scaling.simulation import COPY_S, Cluster, simulate
from tests.unit.benchmarks.scaling.test_model import one_core


def test_everything_that_came_in_time_is_decided() -> None:
    """Nothing is lost or doubled on the way: what came, less what still waits, is decided."""
    found = simulate(Cluster(1_000, 2, seconds=10.0), one_core())
    assert found.decided == pytest.approx(10_000, rel=0.05)
    assert found.late == 0


def test_a_lone_application_takes_one_micro_batch() -> None:
    """At a rate at which nobody waits, time to a decision is a batch's fixed cost, its poll and its copies."""
    found = simulate(Cluster(1, 1, seconds=200.0), one_core())
    assert found.mean_batch < 1.1
    assert found.p50_ms == pytest.approx(20 + 2 + 1e3 * COPY_S, abs=2)


def test_waiting_grows_with_load_and_without_end_beyond_it() -> None:
    """Half busy, nearly busy, and more than a gateway can do."""
    half, nearly, beyond = (simulate(Cluster(rate, 1, seconds=20.0), one_core()) for rate in (4_000, 7_000, 16_000))
    assert half.p99_ms < nearly.p99_ms < beyond.p99_ms
    assert half.late == nearly.late == 0
    assert beyond.late > 0
    assert beyond.mean_batch == pytest.approx(500, rel=0.01)


def test_busy_is_work_over_time() -> None:
    """A gateway's core does 125 us a decision, and 3 for asking Redis; three brokers 40 us each."""
    found = simulate(Cluster(2_000, 1, brokers=3, broker_cores=1, seconds=20.0), one_core())
    assert found.gateway_busy == pytest.approx(2_000 * 128e-6, rel=0.03)
    assert found.broker_busy == pytest.approx(2_000 * 40e-6, rel=0.03)


def test_a_killed_gateway_costs_its_share_the_session_timeout() -> None:
    """Its applications wait six seconds, the others' do not, and all are decided."""
    whole = simulate(Cluster(2_000, 4, seconds=30.0), one_core())
    killed = simulate(Cluster(2_000, 4, seconds=30.0, killed_at=8.0), one_core())
    assert whole.worst_ms < 1_000
    assert 5_900 < killed.worst_ms < 7_000
    assert killed.p50_ms == pytest.approx(whole.p50_ms, rel=0.1)
    # A quarter of the applications that came within the first second of six.
    assert killed.late == pytest.approx(2_000 / 4, rel=0.3)
    assert killed.decided == pytest.approx(whole.decided, rel=0.01)


def test_the_same_seed_gives_the_same_figures() -> None:
    """A page that is made again does not change."""
    cluster = Cluster(500, 2, seconds=5.0)
    assert simulate(cluster, one_core(), seed=3) == simulate(cluster, one_core(), seed=3)
    assert simulate(cluster, one_core(), seed=3) != simulate(cluster, one_core(), seed=4)


def test_the_ledger_falls_behind_by_what_it_cannot_store() -> None:
    """Decisions less 5,000 a second."""
    found = simulate(Cluster(8_000, 4, seconds=10.0), one_core())
    assert found.sink_behind == found.decided - 50_000
