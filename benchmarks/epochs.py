"""What it costs to make late requests harmless, three ways: `python -m benchmarks.epochs` (ADR 0014).

A gateway with each way in turn, in interleaved rounds, as `make bench-stream` runs it: applications a second where many
wait, and the time from sending to a committed decision at a low rate, where a transaction's own length shows.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from kafka.producer.sender import Sender
from kafka.producer.transaction_manager import EndTxnHandler, ProducerIdAndEpoch, TxnOffsetCommitHandler
from kafka.protocol.producer import EndTxnRequest, ProduceRequest

from benchmarks.stream import TimedGraph, _feed_and_read, _fill, _prepare, _topics, _until
from streaming.broker.embedded import EmbeddedBroker
from streaming.broker.ports import free_port
from streaming.feed import read_rows
from streaming.gateway.gateway import Gateway
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.transactions import TransactionalProducer
from streaming.settings import StreamingSettings


class Never(TransactionalProducer):
    """No new epoch, as it was before: late requests do harm."""

    def __init__(self, settings: StreamingSettings, security: KafkaSecurity, transactional_id: str) -> None:
        super().__init__(settings, security, transactional_id)
        # The wrapper is an attribute of this one client: without it the `send` of its class is found.
        del self._sender._client.send


class EachTransaction(TransactionalProducer):
    """A new epoch after every transaction, as if in each a request had gone unanswered."""

    def begin(self) -> None:
        super().begin()
        self._epochs._note(TimeoutError())


class _EndTxn(EndTxnHandler):  # type: ignore[misc]
    """`EndTxn` version 5: its answer carries the next transaction's epoch."""

    def __init__(self, manager: Any, committed: bool) -> None:
        super().__init__(manager, committed)
        self.request = EndTxnRequest(
            transactional_id=self.transactional_id,
            producer_id=self.producer_id,
            producer_epoch=self.producer_epoch,
            committed=committed,
            min_version=5,
            max_version=5,
        )

    def handle_response(self, response: Any) -> None:
        if response.error_code == 0:
            manager = self.transaction_manager
            manager._sequence_numbers.clear()
            manager._last_acked_offset.clear()
            manager.set_producer_id_and_epoch(ProducerIdAndEpoch(response.producer_id, response.producer_epoch))
        super().handle_response(response)


class NewProtocol(TransactionalProducer):
    """KIP-890's second part as far as it takes to measure it: nothing here handles an error of it."""

    def __init__(self, settings: StreamingSettings, security: KafkaSecurity, transactional_id: str) -> None:
        super().__init__(settings, security, transactional_id)
        manager = self._manager
        sender: Sender = self._sender
        made = sender._produce_request

        def produce(*args: Any) -> ProduceRequest:
            request = made(*args)
            request._min_version = request._max_version = 12
            return request

        def add(partition: Any) -> None:
            # The broker adds a partition at the first `Produce` to it.
            manager._partitions_in_transaction.add(partition)
            manager._transaction_started = True

        sender._produce_request = produce
        manager.maybe_add_partition_to_transaction = add

    def add_offsets(self, offsets: Mapping[Any, Any], group: Any) -> None:
        handler = TxnOffsetCommitHandler.__new__(TxnOffsetCommitHandler)
        self._manager._pending_txn_offset_commits.update(offsets)
        TxnOffsetCommitHandler.__init__(handler, self._manager, group, dict(offsets), None)
        handler.request._min_version = handler.request._max_version = 5
        with self._manager._lock:
            self._manager._enqueue_request(handler)
        self._sender.wakeup()
        handler.result.wait(timeout_ms=self._settings.commit_timeout_s * 1000)

    def commit(self) -> bool:
        with self._manager._lock:
            from kafka.producer.transaction_manager import TransactionState

            self._manager._transition_to(TransactionState.COMMITTING_TRANSACTION)
            handler = _EndTxn(self._manager, committed=True)
            self._manager._enqueue_request(handler)
        self._sender.wakeup()
        handler.result.wait(timeout_ms=self._settings.commit_timeout_s * 1000)
        return False


WAYS: dict[str, Callable[..., TransactionalProducer]] = {
    "never (as it was)": Never,
    "after an unanswered request": TransactionalProducer,
    "after every transaction": EachTransaction,
    "by the newer protocol": NewProtocol,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.epochs", description=__doc__)
    parser.add_argument("--applications", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=float, default=200.0, help="applications a second, for the time to decision")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--model", type=Path, help="a model's folder; trained on synthetic data without")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    figures: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in WAYS}
    with tempfile.TemporaryDirectory(prefix="bench-epochs-") as temporary:
        home = Path(temporary)
        table, folder = _prepare(home, options)
        graph = TimedGraph(folder)
        broker = EmbeddedBroker(home / "kafka", free_port())
        broker.start()
        try:
            for _ in range(options.rounds):
                for name, make in WAYS.items():
                    _measure_way(broker.bootstrap, table, graph, make, options, figures[name])
                    told = ", ".join(f"{what} {values[-1]:.1f}" for what, values in figures[name].items())
                    print(f"{name}: {told}", flush=True)
        finally:
            broker.stop()
    for name, found in figures.items():
        medians = {what: statistics.median(values) for what, values in found.items()}
        print(f"  {name:30s} " + ", ".join(f"{what} {value:.1f}" for what, value in medians.items()))
        print("    rounds: " + "; ".join(f"{what} {', '.join(f'{v:.1f}' for v in at)}" for what, at in found.items()))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def _measure_way(
    bootstrap: str,
    table: Path,
    graph: TimedGraph,
    make: Callable[..., TransactionalProducer],
    options: argparse.Namespace,
    found: dict[str, list[float]],
) -> None:
    settings = _topics(bootstrap)
    _fill(settings, list(read_rows(table)), options.applications)
    gateway = Gateway(settings, graph, make_producer=make)
    gateway.start()
    _until(lambda: gateway.stats().applications > 0)
    first, begin = gateway.stats().applications, time.perf_counter()
    _until(lambda: gateway.stats().applications >= options.applications)
    found["applications a second"].append((options.applications - first) / (time.perf_counter() - begin))
    stats = gateway.stats()
    assert (stats.in_doubt, stats.restarts) == (0, 0), stats.last_error
    found["ms a commit"].append(stats.phase_s["commit"] / stats.transactions * 1000)
    gateway.stop()
    settings = _topics(bootstrap)
    gateway = Gateway(settings, graph, make_producer=make)
    gateway.start()
    _until(lambda: len(gateway.stats().partitions) == gateway.stats().topic_partitions > 0)
    with get_context("spawn").Pool(1) as pool:
        arguments = (settings.model_dump(), str(table), options.rate, int(options.rate * options.seconds))
        times = pool.apply(_feed_and_read, arguments)
    gateway.stop()
    p50, p99 = np.percentile(times, [50, 99])
    found["p50 ms"].append(float(p50))
    found["p99 ms"].append(float(p99))


if __name__ == "__main__":
    main()
