"""Completeness against a real broker: gateways, poison, foreign transactions, planted gaps and doubles, a repair."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic_core import to_json

from credit.wire.audit import SourceRange, encode_rejections
from monitoring import metrics as m
from monitoring.settings import MonitorSettings
from monitoring.wiring import build_service
from streaming.gateway.gateway import Gateway
from streaming.proof.reconcile import reconcile, repair
from tests.fixtures.broker import Stream
from tests.fixtures.deciding import FakeGraph, application

pytestmark = pytest.mark.integration


def until(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.05)


@contextmanager
def monitoring(stream: Stream, home: Path) -> Iterator[Callable[[str], float | None]]:
    """Run a monitor on the stream's topics; gives a function that sums a gauge over its partitions."""
    s = stream.settings
    settings = MonitorSettings(
        bootstrap_servers=s.bootstrap_servers,
        applications_topic=s.applications_topic,
        audit_topic=s.audit_topic,
        gateway_group=s.group_id,
        group_id=f"{s.group_id}-monitor",
        home=home,
        port=0,
        labels=False,
        report_s=0,
        reference_wait_s=0,
        tracking_uri=None,
        snapshot_s=0.5,
    )
    service = build_service(settings)
    service.start()
    thread = threading.Thread(target=service.run)
    thread.start()

    def value(name: str) -> float | None:
        with urllib.request.urlopen(f"http://127.0.0.1:{service.port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        values = [float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name]
        return sum(values) if values else None

    try:
        yield value
    finally:
        service.stop()
        thread.join(timeout=30)


def send(stream: Stream, values: list[bytes], **options: object) -> None:
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=stream.bootstrap, **options)
    try:
        if "transactional_id" not in options:
            for value in values:
                producer.send(stream.settings.applications_topic, value)
            producer.flush(timeout=30)
            return
        producer.init_transactions()
        for start in range(0, len(values), 10):
            producer.begin_transaction()
            for value in values[start : start + 10]:
                producer.send(stream.settings.applications_topic, value)
            producer.flush(timeout=30)
            # Every other transaction leaves aborted records and a marker; the rest leave a marker.
            (producer.abort_transaction if start // 10 % 2 else producer.commit_transaction)()
    finally:
        producer.close()


def decide(stream: Stream, applications: int) -> None:
    gateway = Gateway(stream.settings, FakeGraph())
    gateway.start()
    try:
        until(lambda: gateway.stats().applications >= applications)
    finally:
        gateway.stop()


def skip_what_waits(stream: Stream) -> int:
    """Commit the group's offsets to the topic's end without deciding anything, and return how many were skipped."""
    from kafka import KafkaConsumer, TopicPartition
    from kafka.structs import OffsetAndMetadata

    s = stream.settings
    consumer = KafkaConsumer(bootstrap_servers=s.bootstrap_servers, group_id=s.group_id, enable_auto_commit=False)
    try:
        places = [TopicPartition(s.applications_topic, p) for p in consumer.partitions_for_topic(s.applications_topic)]
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        skipped = sum(end - (consumer.committed(tp) or 0) for tp, end in ends.items())
        consumer.commit({tp: OffsetAndMetadata(end, "", -1) for tp, end in ends.items()})
        return int(skipped)
    finally:
        consumer.close(autocommit=False)


def test_a_gap_and_a_double_show_in_seconds_and_a_repair_closes_the_gap(stream: Stream, tmp_path: Path) -> None:
    """Markers, aborted records and poison are no gaps; skipped applications are, until they are repaired."""
    from kafka import KafkaProducer

    good = [to_json(application(number)) for number in range(200)]
    send(stream, good[:80])
    send(stream, good[80:], transactional_id=f"{stream.settings.group_id}-intake")
    send(stream, [b"not json"] * 30)
    decide(stream, 80 + 60 + 30)
    with monitoring(stream, tmp_path / "monitor") as value:
        until(lambda: value(m.COMPLETENESS_GAP) == 0)
        assert value(m.COMPLETENESS_OVERLAP) == 0
        covered = value(m.COMPLETENESS_COVERED)
        assert covered is not None
        assert covered >= 170

        send(stream, [to_json(application(number)) for number in range(500, 507)])
        assert skip_what_waits(stream) >= 7
        planted = time.monotonic()
        until(lambda: value(m.COMPLETENESS_GAP) == 7)
        assert time.monotonic() - planted < 20
        found = reconcile(stream.settings)
        assert found.gap_offsets == 7
        assert repair(stream.settings, found.gaps, FakeGraph()) == 7
        until(lambda: value(m.COMPLETENESS_GAP) == 0)

        producer = KafkaProducer(bootstrap_servers=stream.bootstrap)
        again = encode_rejections("kafka", [SourceRange(stream.settings.applications_topic, 1, 2, 4)], 3)
        producer.send(stream.settings.audit_topic, again)
        producer.close()
        until(lambda: value(m.COMPLETENESS_OVERLAP) == 3)
        figures = [value(name) for name in (m.COMPLETENESS_GAP, m.COMPLETENESS_OVERLAP, m.COMPLETENESS_COVERED)]
    with monitoring(stream, tmp_path / "monitor") as value:
        until(lambda: value(m.COMPLETENESS_GAP) is not None)
        names = (m.COMPLETENESS_GAP, m.COMPLETENESS_OVERLAP, m.COMPLETENESS_COVERED)
        assert [value(name) for name in names] == figures
    with monitoring(stream, tmp_path / "other") as value:
        until(lambda: [value(name) for name in names] == figures)
