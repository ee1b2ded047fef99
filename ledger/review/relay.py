"""Carries the outbox to `loan-reviews`: each message once, whatever dies when.

1. A producer with the ledger's transactional id is made, which fences a former one and takes back what it left open.
2. The end of the topic says which message was the last to get there: those up to it are marked as published.
3. The next ones are written in one Kafka transaction, in order, and then marked.
A death between the commit and the mark is mended by step 2 of the next start.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from pydantic import ValidationError
from sqlalchemy import Engine, func, select, update

from credit.errors import DependencyUnavailable
from credit.wire.review import ReviewMessage
from ledger.store.engine import now_ms, reading, writing
from ledger.store.tables import outbox
from streaming.kafka.reading import Positions, end_positions, read_topics
from streaming.kafka.security import KafkaSecurity

log = logging.getLogger(__name__)

_AT_ONCE = 200
# A transaction of one record takes two offsets, so this many hold the last of any.
_LOOK_BACK = 2 * _AT_ONCE + 2


class ReviewProducer(Protocol):
    """A transactional producer, as the relay uses it."""

    def begin(self) -> None: ...

    def send(self, topic: str, value: bytes | None, key: bytes | None = None) -> None: ...

    def flush(self) -> None: ...

    def commit(self) -> object: ...

    def close(self) -> None: ...


class ReviewRelay:
    """Publishes what waits; `step` is called now and then, from one thread."""

    def __init__(
        self,
        engine: Engine,
        topic: str,
        producer: Callable[[], ReviewProducer],
        last_published: Callable[[], int],
    ) -> None:
        self._engine, self._topic = engine, topic
        self._make_producer, self._last_published = producer, last_published
        self._producer: ReviewProducer | None = None

    def step(self) -> int:
        """Publish what waits and return how many it was; raises DependencyUnavailable where Kafka does not take it."""
        if not self.waiting():
            return 0
        try:
            if self._producer is None:
                self._producer = self._make_producer()
                self._mark(self._last_published())
            return self._publish(self._producer)
        except Exception as error:
            # Whatever happened, the next step begins with a producer of its own and asks the topic.
            self.close()
            if isinstance(error, DependencyUnavailable):
                raise
            raise DependencyUnavailable(f"reviews could not be published ({type(error).__name__}: {error})") from error

    def waiting(self) -> int:
        """Return how many messages wait."""
        with reading(self._engine) as connection:
            open_ones = select(func.count()).select_from(outbox).where(outbox.c.published_ms.is_(None))
            return int(connection.scalar(open_ones) or 0)

    def close(self) -> None:
        """Let go of the producer."""
        if self._producer is not None:
            self._producer.close()
            self._producer = None

    def _publish(self, producer: ReviewProducer) -> int:
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(outbox).where(outbox.c.published_ms.is_(None)).order_by(outbox.c.event_no).limit(_AT_ONCE)
            ).all()
        if not rows:
            return 0
        producer.begin()
        for row in rows:
            producer.send(self._topic, row.message, row.message_key.encode())
        producer.flush()
        producer.commit()
        self._mark(rows[-1].event_no)
        return len(rows)

    def _mark(self, event_no: int) -> None:
        with writing(self._engine) as connection:
            connection.execute(
                update(outbox)
                .where(outbox.c.event_no <= event_no, outbox.c.published_ms.is_(None))
                .values(published_ms=now_ms())
            )


def last_published(bootstrap: str, topic: str, security: KafkaSecurity | None = None) -> int:
    """Return the number of the last message on a topic, 0 for an empty one.

    Raises DependencyUnavailable where the topic cannot be read to its end.
    """
    ends = end_positions(bootstrap, [topic], security).at
    last = dict.fromkeys(ends, 0)
    back = _LOOK_BACK
    while True:
        since = Positions({place: max(0, end - back) for place, end in ends.items()})
        for record in read_topics(bootstrap, [topic], since, security):
            try:
                number = ReviewMessage.model_validate_json(record.value or b"").event_no
            except ValidationError:
                log.warning("%s %d:%d is no review; passed over", topic, record.partition, record.offset)
                continue
            place = (record.topic, record.partition)
            last[place] = max(last[place], number)
        # What was taken back fills a partition's end without being seen: then one has to look further back.
        if all(last[place] or since.at[place] == 0 for place in ends):
            return max(last.values(), default=0)
        back *= 8
