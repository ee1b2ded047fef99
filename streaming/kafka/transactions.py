"""kafka-python's transactional producer with every wait bounded and every outcome checked.

kafka-python 3.0 can commit a transaction that has lost a batch, can answer a commit with success though nothing was
committed, and waits for ever in two places (docs/exactly-once.md has the list). The two calls that have no bound in its
public interface are made here, one level below it, which is why the dependency is pinned to 3.0.x and why
`tests/unit/streaming/kafka/test_transactions.py` checks that what is used here exists. It also sends requests again on
an epoch on which the first copy may still arrive; `streaming.kafka.epochs` ends that epoch.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping
from typing import Any

from streaming.kafka.doubt import DoubtCause, InDoubt
from streaming.kafka.epochs import EpochGuard
from streaming.kafka.partitioning import KeyPartitioner
from streaming.kafka.security import KafkaSecurity
from streaming.settings import StreamingSettings

log = logging.getLogger(__name__)

_CLOSE_TIMEOUT_S = 5.0


class TransactionalProducer:
    """One transactional id's producer. Any exception from it means: close it and make a new one.

    Making one aborts what an earlier producer of the same id left open, and fences that producer.
    """

    def __init__(self, settings: StreamingSettings, security: KafkaSecurity, transactional_id: str) -> None:
        from kafka import KafkaProducer

        self._settings = settings
        self._futures: list[Any] = []
        self._began = 0.0
        self._identity: tuple[int, int] = (-1, -1)
        self._producer: Any = KafkaProducer(
            bootstrap_servers=settings.bootstrap_servers.split(","),
            client_id=transactional_id,
            transactional_id=transactional_id,
            transaction_timeout_ms=int(settings.transaction_timeout_s * 1000),
            acks="all",
            compression_type=settings.compression,
            partitioner=KeyPartitioner(),
            # A batch per partition and micro-batch: 16 kB, the default, costs a third of the throughput.
            batch_size=1024 * 1024,
            max_request_size=settings.max_output_bytes + 64 * 1024,
            # Past our own flush bound, so that a batch can never expire unseen while a transaction goes on.
            delivery_timeout_ms=int((settings.flush_timeout_s + settings.transaction_timeout_s) * 2000),
            request_timeout_ms=int(settings.transaction_timeout_s * 1000),
            reconnect_backoff_max_ms=1000,
            max_block_ms=int(settings.start_timeout_s * 1000),
            bootstrap_timeout_ms=int(settings.start_timeout_s * 1000),
            allow_auto_create_topics=False,
            metrics_enabled=False,
            **security.client_options(),
        )
        try:
            self._manager: Any = self._producer._transaction_manager
            self._sender: Any = self._producer._sender
            self._producer.init_transactions()
            self._epochs = EpochGuard(self._manager, self._sender, settings.commit_timeout_s)
        except BaseException:
            self.close()
            raise

    def learn(self, topics: list[str]) -> None:
        """Fetch the topics' partitions now, so that no `send` has to wait for them inside a transaction."""
        for topic in topics:
            self._producer.partitions_for(topic)

    def begin(self) -> None:
        """Open a transaction; raises InDoubt where a request of an earlier one may still arrive in it."""
        self._epochs.require_clean()
        self._futures.clear()
        self._producer.begin_transaction()
        self._began = time.monotonic()
        self._identity = self._epochs.identity

    def send(
        self, topic: str, value: bytes | None, key: bytes | None = None, headers: list[tuple[str, bytes]] | None = None
    ) -> None:
        """Put one record into the open transaction; its fate is known only after `commit`."""
        self._futures.append(self._producer.send(topic, value=value, key=key, headers=headers))

    def flush(self) -> None:
        """Wait, at most `flush_timeout_s`, until the brokers have taken every record sent; raises InDoubt otherwise."""
        from kafka.errors import KafkaTimeoutError

        try:
            self._producer.flush(timeout=self._settings.flush_timeout_s)
        except KafkaTimeoutError:
            raise InDoubt(
                f"the brokers did not take a batch within {self._settings.flush_timeout_s:.0f} s", DoubtCause.FLUSH
            ) from None
        # Flush succeeds when batches are finished, not when they were written: each future has to say so itself.
        for future in self._futures:
            if not future.is_done:
                raise InDoubt("a record was still under way after the flush", DoubtCause.FLUSH)
            if future.failed():
                raise InDoubt(f"the brokers refused a record: {future.exception!r}"[:300], DoubtCause.FLUSH)

    def add_offsets(self, offsets: Mapping[Any, Any], group: Any) -> None:
        """Make the consumed offsets part of the transaction, fenced by the group's generation.

        offsets: TopicPartition -> OffsetAndMetadata, next to read; group: the consumer's whole group metadata.
        """
        if group.generation_id <= 0 or not group.member_id:
            raise InDoubt("the consumer is in no generation; unfenced offsets are never committed", DoubtCause.GROUP)
        self._require_same_transaction("before the offsets")
        result = self._manager.send_offsets_to_transaction(dict(offsets), group)
        self._sender.wakeup()
        self._await(result, "the consumed offsets", DoubtCause.OFFSETS)

    def commit(self) -> bool:
        """Commit; returns only when the broker has said so for the very transaction that `begin` opened.

        Returns whether a request of it went unanswered at first, so that a new epoch was taken after it.
        """
        from kafka.errors import KafkaError

        self._require_same_transaction("before the commit")
        # With nothing added to it, kafka-python ends a transaction without asking the broker, and calls that success.
        if not self._manager._transaction_started:
            raise InDoubt("the transaction ended underneath us: the broker has none to commit", DoubtCause.EPOCH)
        result = self._manager.begin_commit()
        self._sender.wakeup()
        self._await(result, "the commit", DoubtCause.COMMIT)
        if self._epochs.identity != self._identity:
            raise InDoubt("the producer's epoch changed during the commit", DoubtCause.EPOCH)
        self._futures.clear()
        if self._epochs.clean:
            return False
        # What is committed stays committed, whatever becomes of the epoch: where no new one is to be had, it is the
        # next `begin` that refuses.
        try:
            self._epochs.renew()
        except (InDoubt, KafkaError) as error:
            log.warning("no new epoch after an unanswered request: %s", error)
        return True

    def close(self) -> None:
        """Stop the producer without sending anything more; never raises and never waits long.

        An open transaction is left to the next producer of this id (which aborts it) or to the broker's timeout.
        """
        producer = self._producer
        with contextlib.suppress(Exception):
            producer._sender.force_close()
            producer._sender.join(_CLOSE_TIMEOUT_S)
        with contextlib.suppress(Exception):
            producer.close(timeout=0)

    def _await(self, result: Any, what: str, cause: DoubtCause) -> None:
        timeout_s = self._settings.commit_timeout_s
        if not result.wait(timeout_ms=timeout_s * 1000):
            raise InDoubt(f"no answer to {what} within {timeout_s:.0f} s", cause)

    def _require_same_transaction(self, when: str) -> None:
        if self._epochs.identity != self._identity:
            raise InDoubt(f"the broker gave the producer a new epoch {when}: its transaction is gone", DoubtCause.EPOCH)
        # The broker's clock started no earlier than ours; half its bound leaves room for what is still to be sent.
        if time.monotonic() - self._began > self._settings.transaction_timeout_s * 0.8:
            raise InDoubt(f"the transaction is older than it may be {when}", DoubtCause.AGE)
