"""The embedded broker's life: started, taken over, killed, started again."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psutil
import pytest

from credit.errors import PortTaken, SettingsError, StackError
from credit.wire.topics import Topics
from streaming.broker import jars
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


def test_a_port_in_use_is_named_before_anything_is_written(tmp_path: Path) -> None:
    """The message names the port, and the home stays empty."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            EmbeddedBroker(tmp_path / "home", port).start()
    assert not (tmp_path / "home").exists()


def test_a_pid_that_is_now_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """A stale pid file that names another process neither stops it nor counts as a broker."""
    (tmp_path / "broker.pid").write_text(f"{os.getpid()} 1.0\n")
    broker = EmbeddedBroker(tmp_path, free_port())
    assert broker.pid is None
    broker.stop()
    assert not (tmp_path / "broker.pid").exists()


def test_a_broker_that_cannot_start_names_its_log(tmp_path: Path) -> None:
    """A wrong property is a one-line error with the log's path."""
    broker = EmbeddedBroker(tmp_path, free_port(), extra={"log.retention.hours": "often"})
    with pytest.raises(StackError, match=r"broker\.log"):
        broker.start()
    assert "often" in broker.log_file.read_text()


def test_jars_that_cannot_be_had_name_the_variable_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the jars and without a way to fetch them the error says what to set instead."""
    settings = tmp_path / "jgo.conf"
    settings.write_text("[repositories]\nnowhere = http://127.0.0.1:9\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    with pytest.raises(SettingsError, match="KAFKA_BOOTSTRAP_SERVERS"):
        jars.class_path(tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("*.jar"))


def test_a_damaged_jar_in_the_cache_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not have the pinned digest is fetched again, and refused where it cannot be."""
    settings = tmp_path / "jgo.conf"
    settings.write_text("[repositories]\nnowhere = http://127.0.0.1:9\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    damaged = tmp_path / "cache" / "org" / "apache" / "kafka" / "kafka_2.13" / "4.1.0" / "kafka_2.13-4.1.0.jar"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"not a jar")
    with pytest.raises(SettingsError):
        jars.class_path(tmp_path / "cache")
    assert not damaged.exists()
