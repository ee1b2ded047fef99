"""What a rate of decisions needs, by arithmetic from what was measured of one core, one message and one client.

Everything that is counted by the decision is linear. What is not is said beside it: parts that are one process or one
writer however large the cluster is, and what a cluster has at least whatever the rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from benchmarks.scaling.measured import OneCore

# A queue that is half busy waits about as long as it works; beyond that waiting grows without end.
MOST_BUSY = 0.5
REPLICAS_OF_A_RECORD = 3
BROKER_CORES = 4
APPLICATIONS_KEPT_DAYS, AUDIT_KEPT_DAYS = 30, 90
# Who reads each topic: the gateway applications, monitor and ledger the audit, the ledger and whoever asked decisions.
READERS_OF_APPLICATIONS, READERS_OF_AUDIT, READERS_OF_DECISIONS = 1, 2, 2
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Needs:
    """What one rate needs. Cores are CPU that is used; replicas and brokers are what to start, half busy.

    kafka_in, kafka_out: bytes a second from and to clients; kafka_copied: between brokers; kafka_kept: bytes on all
    brokers' disks at the end of every retention; redis_out: bytes a second; ledger_day: bytes a day; monitors, sinks:
    how many times the rate fills the one process there is, above 1 more than it can do.
    """

    rate: int
    gateways: int
    partitions: int
    gateway_cores: float
    brokers: int
    broker_cores: float
    redis_cores: float
    monitor_cores: float
    sink_cores: float
    http_cores: float
    kafka_in: float
    kafka_out: float
    kafka_copied: float
    kafka_kept: float
    redis_out: float
    ledger_day: float
    monitors: float
    sinks: float

    @property
    def cores(self) -> float:
        """CPU that is used by all that decides from Kafka, keeps and watches."""
        return self.gateway_cores + self.broker_cores + self.redis_cores + self.monitor_cores + self.sink_cores


def gateway_rate(measured: OneCore) -> float:
    """Return how many decisions a second one gateway in Serve makes, where a core is its own."""
    return measured.gateway_rate.value * measured.through_serve.value


def needs(measured: OneCore, rate: int) -> Needs:
    """Return what `rate` decisions a second through Kafka need, the features in Redis and the steps fused."""
    m = measured
    each = 1e-6 * rate
    gateways = max(2, ceil(rate / (MOST_BUSY * gateway_rate(m))))
    size = batch_size(m, rate / gateways)
    audit = _by_size(m.audit_bytes_50.value, m.audit_bytes_500.value, size)
    came, went = m.application_bytes.value, m.decision_bytes.value
    broker_cores = each * m.broker_cpu_us.value * _copies_cost()
    monitor_us = _by_size(m.monitor_small_cpu_us.value, m.monitor_cpu_us.value, size)
    kept = REPLICAS_OF_A_RECORD * DAY_S * (APPLICATIONS_KEPT_DAYS * came + AUDIT_KEPT_DAYS * (audit + went))
    return Needs(
        rate=rate,
        gateways=gateways,
        partitions=partitions_for(gateways),
        gateway_cores=each * m.gateway_cpu_us.value / m.through_serve.value + each * m.redis_client_us.value,
        brokers=max(3, ceil(broker_cores / (MOST_BUSY * BROKER_CORES))),
        broker_cores=broker_cores,
        redis_cores=each * m.redis_cpu_us.value,
        monitor_cores=each * monitor_us,
        sink_cores=each * m.sink_cpu_us.value,
        http_cores=each * m.http_cpu_us.value,
        kafka_in=rate * (came + went + audit),
        kafka_out=rate * (READERS_OF_APPLICATIONS * came + READERS_OF_DECISIONS * went + READERS_OF_AUDIT * audit),
        kafka_copied=rate * (REPLICAS_OF_A_RECORD - 1) * (came + went + audit),
        kafka_kept=rate * kept,
        redis_out=rate * m.redis_history_bytes.value,
        ledger_day=rate * DAY_S * m.ledger_bytes.value,
        monitors=each * monitor_us,
        sinks=rate / m.sink_rate.value,
    )


def batch_size(measured: OneCore, rate: float) -> float:
    """Return how many applications wait at a gateway's poll at this rate: those that came during the batch before.

    A batch of n takes F + n c, and r (F + n c) come meanwhile: n = r F / (1 - r c), at most 500.
    """
    fixed = 1e-3 * measured.batch_fixed_ms.value
    each = 1e-6 * (measured.stage_in_us.value + measured.stage_out_us.value)
    if rate * each >= 1:
        return 500.0
    return min(500.0, max(1.0, rate * fixed / (1 - rate * each)))


def _by_size(at_50: float, at_500: float, size: float) -> float:
    """Return a cost by the decision, a part of it by the record, between two sizes that were measured; not beyond."""
    by_record = (at_50 - at_500) / (1 / 50 - 1 / 500)
    return at_500 + by_record * (1 / min(500.0, max(50.0, size)) - 1 / 500)


def partitions_for(gateways: int) -> int:
    """Return partitions for so many gateways: twice as many, so that keys stay where they are when it grows."""
    least = max(4, 2 * gateways)
    return 1 << (least - 1).bit_length()


def _copies_cost() -> float:
    # A follower fetches and appends what its leader has appended: taken to cost as much again. Not measured, and more
    # than it is, since a copy is neither checked nor unpacked.
    return float(REPLICAS_OF_A_RECORD)
