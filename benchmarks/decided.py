"""Topics full of decisions for what reads them afterwards: a small model, and a gateway in this process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.stream import TimedGraph
from credit.wire.application import encode_application
from streaming.feed import envelope, read_rows
from streaming.gateway.gateway import Gateway
from streaming.kafka.admin import ensure_topics
from streaming.kafka.topics import standard_topics
from streaming.settings import StreamingSettings

PARTITIONS = 4
_NAMES = ("applications", "decisions", "audit", "dead_letters", "outcomes", "shadow", "reviews")


def make_model(home: Path, trees: int) -> tuple[Path, Path]:
    """Train a model on small synthetic tables; returns the synthetic applications' table and the model's folder."""
    from training.data.generation.generate import generate
    from training.registry.registry import Registry
    from training.settings import TrainingSettings
    from training.train import train

    generate(home / "data", 3000, 2000, seed=1)
    (table,) = [path for path in (home / "data").iterdir() if path.stem == "application_test"]
    store = f"sqlite:///{home}/mlflow.db"
    trained = train(home / "data", store, settings=TrainingSettings(trees=trees, folds=3), seed=1)
    return table, Registry(store).download("loanstream", trained.version)


def make_topics(bootstrap: str) -> StreamingSettings:
    """Make topics of names of their own, and return the settings that name them."""
    suffix = os.urandom(4).hex()
    named = {f"{name}_topic": f"loan-{name.replace('_', '-')}-{suffix}" for name in _NAMES}
    settings = StreamingSettings.model_validate(named | {"bootstrap_servers": bootstrap, "group_id": f"group-{suffix}"})
    ensure_topics(bootstrap, PARTITIONS, specs=standard_topics(settings))
    return settings


def applications(table: Path, count: int) -> Iterator[dict[str, Any]]:
    """Yield `count` application messages of a table, over and over with ids of their own; 0 for each row once."""
    turn = sent = 0
    while True:
        for row in read_rows(table):
            yield envelope(row, f"{turn}-" if turn else "")
            sent += 1
            if sent == count:
                return
        turn += 1
        if not count:
            return


def send(settings: StreamingSettings, messages: Iterator[dict[str, Any]]) -> int:
    """Send applications and return how many there were."""
    from kafka import KafkaProducer

    producer = KafkaProducer(
        bootstrap_servers=settings.bootstrap_servers, compression_type="lz4", batch_size=2**18, linger_ms=20
    )
    count = 0
    for message in messages:
        producer.send(settings.applications_topic, encode_application(message), key=message["application_id"].encode())
        count += 1
    producer.close()
    return count


class Deciding:
    """A gateway in this process, deciding what `send` sent, until it has seen all of it."""

    def __init__(self, settings: StreamingSettings, model: Path) -> None:
        self._gateway = Gateway(settings, TimedGraph(model))

    def __enter__(self) -> Deciding:
        self._gateway.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._gateway.stop()

    def wait(self, count: int, timeout_s: float = 1800.0) -> None:
        """Wait until so many applications are answered; raises TimeoutError."""
        until = time.monotonic() + timeout_s
        while self._gateway.stats().applications < count:
            if time.monotonic() > until:
                raise TimeoutError(f"{self._gateway.stats().applications} of {count} applications were decided")
            time.sleep(0.1)
