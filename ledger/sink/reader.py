"""The Kafka edge of the sink: reads committed records from the positions that the database holds.

No group: what was read is known by the database alone, in the transaction of what came of it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from credit.errors import DependencyUnavailable
from ledger.sink.decode import TopicNames, TopicRecord

log = logging.getLogger(__name__)

_MEBIBYTE = 1024 * 1024
_POLL_MS = 500
_POLL_RECORDS = 4000
_LOOK_FOR_PARTITIONS_S = 20.0
# Over HTTP an audit record comes with each micro-batch: a fetch and a transaction for every one would cost the doors
# that write them more than a ledger that is a moment behind.
_FETCH_MS = 250


class PositionedReader:
    """Reads all partitions of the ledger's topics, those that come later too."""

    def __init__(self, consumer: Any, names: TopicNames) -> None:
        self._consumer, self._names = consumer, names
        self._looked = float("-inf")
        self.skipped = 0

    def go_to(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Read on from these positions, and from the beginning of what has none."""
        from kafka import TopicPartition

        there = self._consumer.topics()
        wanted = [
            TopicPartition(topic, number)
            for topic in (self._names.audit, self._names.decisions, self._names.outcomes)
            if topic in there
            for number in sorted(self._consumer.partitions_for_topic(topic) or ())
        ]
        self._looked = time.monotonic()
        self._consumer.assign(wanted)
        new = [tp for tp in wanted if (tp.topic, tp.partition) not in positions]
        begins = self._consumer.beginning_offsets(new) if new else {}
        for tp in wanted:
            self._consumer.seek(tp, positions.get((tp.topic, tp.partition), begins.get(tp, 0)))

    def poll(self, positions: Mapping[tuple[str, int], int]) -> list[Sequence[TopicRecord]]:
        """Return the records of each partition that has some; waits half a second for them.

        positions: those that the database holds, for partitions that come anew. Raises DependencyUnavailable where no
        broker answers.
        """
        from kafka.errors import KafkaError, OffsetOutOfRangeError

        try:
            if not self._consumer.assignment() or time.monotonic() - self._looked > _LOOK_FOR_PARTITIONS_S:
                self._look_for_partitions(positions)
            if not self._consumer.assignment():
                time.sleep(_POLL_MS / 1000)  # no topic is there yet
                return []
            return list(self._consumer.poll(timeout_ms=_POLL_MS, max_records=_POLL_RECORDS).values())
        except OffsetOutOfRangeError:
            self._skip_what_is_gone()
            return []
        except KafkaError as error:
            raise DependencyUnavailable(f"no records from Kafka ({type(error).__name__}); is it running?") from None

    def lag(self) -> dict[str, int]:
        """Return how many committed records of each topic wait to be read."""
        from kafka.errors import KafkaError

        lags = dict.fromkeys((self._names.audit, self._names.decisions, self._names.outcomes), 0)
        try:
            ends = self._consumer.end_offsets(list(self._consumer.assignment()))
            for tp, end in ends.items():
                lags[tp.topic] += max(end - self._consumer.position(tp), 0)
        except KafkaError:
            return {}
        return lags

    def close(self) -> None:
        """Leave the brokers."""
        self._consumer.close(autocommit=False)

    def _look_for_partitions(self, positions: Mapping[tuple[str, int], int]) -> None:
        assigned = self._consumer.assignment()
        there = self._consumer.topics()
        known = {
            (topic, number)
            for topic in (self._names.audit, self._names.decisions, self._names.outcomes)
            if topic in there
            for number in self._consumer.partitions_for_topic(topic) or ()
        }
        self._looked = time.monotonic()
        if known - {(tp.topic, tp.partition) for tp in assigned}:
            self.go_to(positions)

    def _skip_what_is_gone(self) -> None:
        assigned = list(self._consumer.assignment())
        begins, ends = self._consumer.beginning_offsets(assigned), self._consumer.end_offsets(assigned)
        for tp in assigned:
            at = self._consumer.position(tp)
            if begins[tp] <= at <= ends[tp]:
                continue
            self.skipped += max(begins[tp] - at, 1)
            log.error("%s %d holds %d to %d, not %d: read on from its beginning", *tp, begins[tp], ends[tp], at)
            self._consumer.seek(tp, begins[tp])


def open_consumer(bootstrap: str, options: Mapping[str, Any]) -> Any:
    """Return a consumer of committed records; raises DependencyUnavailable where no broker answers."""
    from kafka import KafkaConsumer
    from kafka.errors import KafkaError

    try:
        return KafkaConsumer(
            bootstrap_servers=bootstrap.split(","),
            client_id="loanstream-ledger",
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",  # what a topic no longer holds is counted, not passed over in silence
            allow_auto_create_topics=False,
            fetch_min_bytes=_MEBIBYTE,
            fetch_max_wait_ms=_FETCH_MS,
            fetch_max_bytes=32 * _MEBIBYTE,
            max_partition_fetch_bytes=8 * _MEBIBYTE,
            reconnect_backoff_max_ms=1000,
            metrics_enabled=False,
            **options,
        )
    except KafkaError as error:
        raise DependencyUnavailable(f"no Kafka broker at {bootstrap} ({error}); start it or set another") from None
