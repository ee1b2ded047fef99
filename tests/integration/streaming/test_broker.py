"""The embedded broker's life: started, taken over, killed, started again."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from credit.errors import StackError
from credit.wire.topics import Topics
from streaming.broker.embedded import EmbeddedBroker
from streaming.broker.ports import free_port
from streaming.kafka.admin import ensure_topics
from streaming.kafka.reading import end_positions
from streaming.kafka.topics import standard_topics

pytestmark = pytest.mark.integration


def test_what_was_written_survives_a_kill_and_another_start(tmp_path: Path) -> None:
    """A broker of this home is taken over, one that was killed is started on the same data, a stop leaves none."""
    from kafka import KafkaProducer

    first = EmbeddedBroker(tmp_path, free_port())
    first.start()
    try:
        specs = standard_topics(Topics())
        ensure_topics(first.bootstrap, 2, specs=specs)
        ensure_topics(first.bootstrap, 2, specs=specs)
        topic = specs[0].name
        producer = KafkaProducer(bootstrap_servers=first.bootstrap)
        producer.send(topic, b"x").get(30)
        producer.close()
        second = EmbeddedBroker(tmp_path, first.port)
        second.start()
        assert second.pid == first.pid
        pid = first.pid
        first.kill()
        assert first.pid is None
        second.start()
        assert second.pid not in (None, pid)
        assert sum(end_positions(second.bootstrap, [topic]).at.values()) == 1
        listening = [c.laddr.ip for c in psutil.Process(second.pid).net_connections() if c.status == "LISTEN"]
        assert listening
        assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}
    finally:
        first.stop()
    first.stop()
    assert EmbeddedBroker(tmp_path, first.port).pid is None


def test_a_broker_that_cannot_start_names_its_log(tmp_path: Path) -> None:
    """A wrong property is a one-line error with the log's path."""
    broker = EmbeddedBroker(tmp_path, free_port(), extra={"log.retention.hours": "often"})
    with pytest.raises(StackError, match=r"broker\.log"):
        broker.start()
    assert "often" in broker.log_file.read_text()
