"""The outbox on its way to a real topic: each message once, whatever dies when."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import Engine, update

from credit.errors import DependencyUnavailable
from credit.wire.review import ReviewMessage
from ledger.review.actor import Actor
from ledger.review.queue import QueueFilter, ReviewQueue, ReviewRules
from ledger.review.reasons import ReviewVerdict
from ledger.review.relay import ReviewRelay, last_published
from ledger.store.engine import writing
from ledger.store.tables import outbox
from streaming.kafka.admin import ensure_topics
from streaming.kafka.reading import read_topics
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.topics import TopicSpec
from streaming.kafka.transactions import TransactionalProducer
from streaming.settings import StreamingSettings
from tests.fixtures.decisions import decision_batch
from tests.fixtures.ledger import FEATURES, VAULT, store, work, writer

pytestmark = pytest.mark.integration
ANN = Actor("ann", frozenset({"review"}), limit=float("inf"))


class Place:
    """A topic of its own and relays to it, which die as they are told."""

    def __init__(self, bootstrap: str, engine: Engine) -> None:
        self.bootstrap, self.engine = bootstrap, engine
        self.topic = f"reviews-{uuid.uuid4().hex[:8]}"
        ensure_topics(bootstrap, 2, specs=[TopicSpec(self.topic, retention_days=-1)])
        self.queue = ReviewQueue(engine, VAULT, ReviewRules(1e12, 3.0, 1000))

    def relay(self) -> ReviewRelay:
        settings = StreamingSettings(bootstrap_servers=self.bootstrap)
        return ReviewRelay(
            self.engine,
            self.topic,
            lambda: TransactionalProducer(settings, KafkaSecurity(), f"tx-{self.topic}"),
            lambda: last_published(self.bootstrap, self.topic),
        )

    def close_reviews(self, n: int) -> None:
        for row in self.queue.listed(QueueFilter(assignee=None), None, 1000):
            if row.state == "open" and n:
                self.queue.take(row.review_id, ANN)
                self.queue.decide(row.review_id, ANN, ReviewVerdict.UPHOLD, "confirmed", None)
                n -= 1

    def published(self) -> list[int]:
        values = (record.value for record in read_topics(self.bootstrap, [self.topic]))
        return sorted(ReviewMessage.model_validate_json(value or b"").event_no for value in values)


@pytest.fixture
def place(broker: str, engine: Engine) -> Place:
    batch = decision_batch(60, features=FEATURES)
    batch.features[:, 0] = 1000.0
    writer(engine).store(work(batch))
    return Place(broker, engine)


def test_a_death_between_commit_and_mark_doubles_nothing(place: Place) -> None:
    """The mark is lost after the messages were committed: the next relay asks the topic, and sends only what is new."""
    place.close_reviews(5)
    first = place.relay()
    assert first.step() == 5
    with writing(place.engine) as connection:  # as if it had died just before the mark
        connection.execute(update(outbox).values(published_ms=None))
    first.close()
    place.close_reviews(3)
    second = place.relay()
    assert second.step() == 3
    second.close()
    assert place.published() == list(range(1, 9))
    assert second.waiting() == 0


def test_a_death_before_the_commit_loses_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent, flushed and not committed: the next relay sends it, and readers see that alone."""
    place.close_reviews(4)
    dying = place.relay()

    class Dying(TransactionalProducer):
        def commit(self) -> None:
            raise RuntimeError("killed")

    settings = StreamingSettings(bootstrap_servers=place.bootstrap)
    dying._make_producer = lambda: Dying(settings, KafkaSecurity(), f"tx-{place.topic}")
    with pytest.raises(DependencyUnavailable):
        dying.step()
    after = place.relay()
    assert after.step() == 4
    after.close()
    assert place.published() == [1, 2, 3, 4]


def test_nothing_to_say_starts_no_producer(engine: Engine) -> None:
    """An idle ledger asks no broker."""
    store(engine, 3)

    def never() -> None:
        raise AssertionError("no producer is needed")

    assert ReviewRelay(engine, "reviews", never, never).step() == 0  # type: ignore[arg-type]
