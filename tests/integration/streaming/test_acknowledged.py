"""Records that are safe when their writer goes on, on a real broker."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from credit.errors import DependencyUnavailable
from streaming.broker.embedded import EmbeddedBroker
from streaming.broker.ports import free_port
from streaming.kafka.acknowledged import AcknowledgedProducer
from streaming.kafka.reading import read_topics
from streaming.kafka.security import KafkaSecurity
from tests.fixtures.broker import Stream, make_stream

pytestmark = pytest.mark.integration
_LARGEST = 1024 * 1024


def values(bootstrap: str, topic: str) -> list[bytes]:
    """Return all committed records of a topic."""
    return [record.value or b"" for record in read_topics(bootstrap, [topic])]


async def until_written(writer: AcknowledgedProducer, topic: str, value: bytes) -> None:
    """Write again until it is acknowledged: a machine that is busy is no broker that is away."""
    for _ in range(20):
        with contextlib.suppress(DependencyUnavailable):
            await writer.append(topic, value)
            return
    raise AssertionError("nothing can be written any more")


def test_what_was_acknowledged_is_there_once(stream: Stream) -> None:
    """Hundreds of writers at once: when the last goes on, each record is in the topic, and none twice."""
    topic = stream.settings.audit_topic
    writer = AcknowledgedProducer(stream.bootstrap, KafkaSecurity(), 10.0, _LARGEST)
    sent = [b"record %d" % i for i in range(300)]

    async def write() -> None:
        await asyncio.gather(*(writer.append(topic, value) for value in sent))

    asyncio.run(write())
    assert sorted(values(stream.bootstrap, topic)) == sorted(sent)
    writer.send(topic, b"not waited for")
    writer.close()
    assert b"not waited for" in values(stream.bootstrap, topic)


def test_what_cannot_be_written_says_so(stream: Stream) -> None:
    """No such topic, a record that is too large: an error in bounded time, and the writer goes on after it."""
    writer = AcknowledgedProducer(stream.bootstrap, KafkaSecurity(), 3.0, _LARGEST)

    async def play() -> None:
        with pytest.raises(DependencyUnavailable, match="no-such-topic"):
            await writer.append("no-such-topic", b"record")
        with pytest.raises(DependencyUnavailable, match="takes no record"):
            await writer.append(stream.settings.audit_topic, b"x" * (2 * _LARGEST))
        await until_written(writer, stream.settings.audit_topic, b"fits")

    asyncio.run(play())
    writer.close()
    assert set(values(stream.bootstrap, stream.settings.audit_topic)) == {b"fits"}


@pytest.fixture
def paused(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """A broker that no other test uses, to be paused."""
    broker = EmbeddedBroker(tmp_path, free_port())
    broker.start()
    yield broker
    broker.stop()


def test_a_broker_that_is_away_withholds_the_acknowledgement(paused: EmbeddedBroker) -> None:
    """The wait is bounded, and records are written again once the broker is back."""
    stream = make_stream(paused.bootstrap)
    writer = AcknowledgedProducer(stream.bootstrap, KafkaSecurity(), 1.5, _LARGEST)

    async def play() -> None:
        await until_written(writer, stream.settings.audit_topic, b"before")
        paused.pause()
        try:
            with pytest.raises(DependencyUnavailable):
                await writer.append(stream.settings.audit_topic, b"meanwhile")
        finally:
            paused.resume()
        await until_written(writer, stream.settings.audit_topic, b"after")

    asyncio.run(play())
    writer.close()
    assert {b"before", b"after"} <= set(values(stream.bootstrap, stream.settings.audit_topic))
