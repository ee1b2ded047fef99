"""Puts the sink together from its settings: the one place where its parts are made."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine

from credit.errors import RetryableError
from ledger.metrics import SinkMetrics
from ledger.portfolio.backfill import FactsOfThePast
from ledger.portfolio.making import FactsBeside
from ledger.portfolio.outcomes import OutcomesBeside
from ledger.review.intake import ReviewIntake
from ledger.review.relay import ReviewProducer, ReviewRelay, last_published
from ledger.settings import LedgerSettings
from ledger.sink.decode import TopicNames
from ledger.sink.head_topic import KafkaHeadTopic
from ledger.sink.loop import Sink
from ledger.sink.reader import PositionedReader, open_consumer
from ledger.store.engine import now_ms
from ledger.store.months import DAY_MS, end_retention
from ledger.store.write import LedgerWriter, match_answers
from ledger.transparency.keeper import HeadKeeper
from ledger.transparency.notary import Notary
from ledger.wiring import engine_of, on_file_of, signer_of, vault_of
from streaming.kafka.security import KafkaSecurity

_HOUSEKEEPING_S = 5.0
_RETENTION_S = 3600.0


def sink_of(settings: LedgerSettings, engine: Engine, metrics: SinkMetrics) -> Sink:
    """Return the sink over a database that is at this version's migration.

    Raises DependencyUnavailable where no broker answers.
    """
    names = TopicNames(settings.audit_topic, settings.decisions_topic, settings.outcomes_topic)
    vault = vault_of(settings)
    outcomes, on_file = OutcomesBeside(vault), on_file_of(settings)
    intake = ReviewIntake(settings.review_sample, settings.review_days)
    writer = LedgerWriter(engine, vault, [Notary(vault), intake, FactsBeside(on_file), outcomes], [outcomes])
    topic = KafkaHeadTopic(settings.bootstrap_servers, settings.tree_heads_topic, KafkaSecurity().client_options())
    # A durable commit carries all before it to the disk: no head may tell of rows that a power failure takes back.
    keeper = HeadKeeper(engine_of(settings, durable=True), signer_of(settings), topic)
    past = FactsOfThePast(engine, vault, on_file, outcomes)
    consumer = open_consumer(settings.bootstrap_servers, KafkaSecurity().client_options())
    return Sink(
        PositionedReader(consumer, names),
        writer,
        names,
        metrics,
        settings.transaction_rows,
        settings.max_backoff_s,
        Housekeeping(engine, metrics, settings.retention_days, keeper, past),
    )


def relay_of(settings: LedgerSettings, engine: Engine) -> ReviewRelay:
    """Return the relay that publishes what reviews decided."""
    from streaming.kafka.transactions import TransactionalProducer
    from streaming.settings import StreamingSettings

    def producer() -> ReviewProducer:
        streaming = StreamingSettings(bootstrap_servers=settings.bootstrap_servers)
        made: ReviewProducer = TransactionalProducer(streaming, KafkaSecurity(), settings.transactional_id)
        return made

    def last() -> int:
        return last_published(settings.bootstrap_servers, settings.reviews_topic, KafkaSecurity())

    return ReviewRelay(engine, settings.reviews_topic, producer, last)


class Housekeeping:
    """What the sink does between polls, each at its own pace: sign, count the past, match answers, end old rows."""

    def __init__(
        self,
        engine: Engine,
        metrics: SinkMetrics,
        retention_days: int,
        sign: Callable[[], object] = lambda: None,
        count_past: Callable[[], object] = lambda: None,
    ) -> None:
        self._engine, self._metrics, self._days = engine, metrics, retention_days
        self._sign, self._count_past = sign, count_past
        self._matched, self._ended = float("-inf"), float("-inf")

    def __call__(self) -> None:
        self._sign()
        self._count_past()
        now = time.monotonic()
        if now - self._matched >= _HOUSEKEEPING_S:
            self._matched = now
            self._metrics.unmatched.set(match_answers(self._engine))
        if self._days and now - self._ended >= _RETENTION_S:
            self._ended = now
            end_retention(self._engine, now_ms() - self._days * DAY_MS)


class Relaying(threading.Thread):
    """Calls the relay in a thread of its own, so that a slow broker does not hold up the sink."""

    def __init__(
        self, relay: ReviewRelay, metrics: SinkMetrics, log: Callable[[str], None], every_s: float = 1.0
    ) -> None:
        super().__init__(name="review-relay", daemon=True)
        self._relay, self._metrics, self._log, self._every_s = relay, metrics, log, every_s
        self._ended = threading.Event()

    def stop(self) -> None:
        """End the thread after its present step, and wait for it a while."""
        self._ended.set()
        self.join(timeout=15)

    def run(self) -> None:
        """Publish until stopped; what fails is tried again."""
        while not self._ended.wait(self._every_s):
            try:
                self._relay.step()
                self._metrics.outbox.set(self._relay.waiting())
            except RetryableError as error:
                self._log(str(error))
        self._relay.close()
