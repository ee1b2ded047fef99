"""`python -m ledger.sink`: fills the ledger's database from the topics until SIGTERM."""

from __future__ import annotations

import logging
import signal
import sys
import threading

from prometheus_client import (
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)

from ledger.command import run_in_one_line, until_it_works
from ledger.metrics import SinkMetrics
from ledger.settings import LedgerSettings
from ledger.sink.wiring import Relaying, relay_of, sink_of
from ledger.store.migrate import upgrade
from ledger.wiring import engine_of

log = logging.getLogger("ledger.sink")


def main() -> None:
    """Migrate the database, then read until told to stop; what is away is waited for."""
    disable_created_metrics()  # type: ignore[no-untyped-call] # one more series for each counter, which nothing reads
    settings = LedgerSettings()
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector):
        collector(registry=registry)
    metrics = SinkMetrics(registry)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    server, _ = start_http_server(settings.sink_port, settings.host, registry)
    engine = engine_of(settings, durable=False)
    # The relay's marks and the reviews they are about must outlive a power failure, the sink's rows need not.
    durable = engine_of(settings, durable=True)
    try:
        at = until_it_works(lambda: upgrade(engine), stopping, settings.max_backoff_s)
        sink = until_it_works(lambda: sink_of(settings, engine, metrics), stopping, settings.max_backoff_s)
        if sink is None:
            return
        log.info("the ledger is at migration %s; metrics on port %d", at, server.server_port)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sink.stop())
        if stopping.is_set():
            return
        relaying = Relaying(relay_of(settings, durable), metrics, log.warning)
        relaying.start()
        try:
            sink.run()
        finally:
            relaying.stop()
    finally:
        server.shutdown()
        engine.dispose()
        durable.dispose()


if __name__ == "__main__":
    sys.exit(run_in_one_line(main))
