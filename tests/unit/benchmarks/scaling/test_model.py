"""What a rate needs: linear where it is counted by the decision, and never less than a cluster has."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from benchmarks.scaling.measured import CoreFigure, OneCore
from benchmarks.scaling.model import batch_size, gateway_rate, needs, partitions_for

ROUND = {
    "gateway_cpu_us": 100.0,
    "gateway_rate": 5_000.0,
    "through_serve": 0.8,
    "stage_in_us": 60.0,
    "stage_out_us": 40.0,
    "batch_fixed_ms": 20.0,
    "monitor_cpu_us": 10.0,
    "monitor_small_cpu_us": 100.0,
    "sink_cpu_us": 200.0,
    "sink_rate": 5_000.0,
    "ledger_bytes": 2_000.0,
    "application_bytes": 3_000.0,
    "decision_bytes": 500.0,
    "audit_bytes_50": 2_500.0,
    "audit_bytes_500": 2_000.0,
    "broker_cpu_us": 40.0,
    "redis_cpu_us": 2.0,
    "redis_client_us": 3.0,
    "redis_history_bytes": 1_000.0,
    "redis_application_bytes": 3_000.0,
}


def one_core() -> OneCore:
    """Figures that a person can reckon with."""
    values = {field.name: ROUND.get(field.name, 1.0) for field in fields(OneCore)}
    return OneCore(**{name: CoreFigure(value, "", "", "") for name, value in values.items()})


def test_gateways_are_half_busy_and_two_at_least() -> None:
    """4,000 a second through Serve: 2,000 for each, and a second one also where one would do."""
    measured = one_core()
    assert gateway_rate(measured) == 4_000
    assert [needs(measured, rate).gateways for rate in (1, 4_000, 4_001, 100_000)] == [2, 2, 3, 50]


def test_partitions_leave_room_to_grow() -> None:
    """At least twice the gateways, and four."""
    assert [partitions_for(gateways) for gateways in (1, 2, 3, 9, 50)] == [4, 4, 8, 32, 128]


def test_what_is_counted_by_the_decision_is_linear() -> None:
    """Ten times the rate at the same micro-batches is ten times the cores and bytes."""
    measured = one_core()
    one, ten = needs(measured, 20_000), needs(measured, 200_000)
    for name in (
        "gateway_cores",
        "broker_cores",
        "redis_cores",
        "sink_cores",
        "monitor_cores",
        "kafka_in",
        "ledger_day",
    ):
        assert getattr(ten, name) == pytest.approx(10 * getattr(one, name)), name
    assert one.gateway_cores == pytest.approx(20_000 * (100e-6 / 0.8 + 3e-6))
    assert one.ledger_day == 20_000 * 86_400 * 2_000
    assert one.redis_out == 20_000 * 1_000
    assert one.broker_cores == pytest.approx(20_000 * 3 * 40e-6)


def test_bytes_of_kafka_are_counted_once_a_copy_and_a_reader() -> None:
    """In: application, decision and audit; out: each to who reads it; copied: twice more; kept: three times."""
    measured = replace(one_core(), audit_bytes_50=CoreFigure(2_000.0, "", "", ""))
    need = needs(measured, 1_000)
    assert need.kafka_in == 1_000 * (3_000 + 500 + 2_000)
    assert need.kafka_copied == 2 * need.kafka_in
    assert need.kafka_out == 1_000 * (3_000 + 2 * 500 + 2 * 2_000)
    assert need.kafka_kept == 1_000 * 3 * 86_400 * (30 * 3_000 + 90 * (500 + 2_000))


def test_one_writer_is_said_to_be_too_few() -> None:
    """The ledger's sink and the monitor are one process each, however many gateways there are."""
    need = needs(one_core(), 100_000)
    assert need.sinks == 20
    assert need.monitors > 1
    assert needs(one_core(), 1_000).sinks < 1


def test_a_micro_batch_is_what_came_during_the_one_before() -> None:
    """n = r F / (1 - r c), one at least and 500 at most, also where a gateway cannot keep up."""
    measured = one_core()
    assert batch_size(measured, 1) == 1
    assert batch_size(measured, 1_000) == pytest.approx(1_000 * 0.02 / (1 - 0.1))
    assert batch_size(measured, 9_900) == 500
    assert batch_size(measured, 20_000) == 500
