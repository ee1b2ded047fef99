"""The running monitor: its reader, its watches and its port, begun and ended in the right order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from monitoring.door.server import MonitorServer
from monitoring.outcomes.label_store import LabelStore
from monitoring.reports.runner import ReportRunner
from monitoring.windows.audit_consumer import AuditConsumer

_WRITERS_END_WITHIN_S = 10.0


class BackgroundThread(Protocol):
    """A thread that ends soon after `stop`."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def join(self, timeout: float | None = None) -> None: ...


class MonitorService:
    """`start`, then `run` until `stop`.

    watches: threads that only look; writers: those that write to `store`, which is closed once they have ended.
    """

    def __init__(
        self,
        reader: AuditConsumer,
        server: MonitorServer,
        reports: ReportRunner,
        watches: Sequence[BackgroundThread] = (),
        writers: Sequence[BackgroundThread] = (),
        store: LabelStore | None = None,
    ) -> None:
        self._reader, self._server, self._reports = reader, server, reports
        self._watches, self._writers, self._store = tuple(watches), tuple(writers), store

    @property
    def port(self) -> int:
        """The HTTP port in use."""
        return self._server.port

    def start(self) -> None:
        """Begin to answer and to watch the other topics."""
        self._server.start()
        for thread in (*self._watches, *self._writers):
            thread.start()

    def run(self) -> None:
        """Read the audit topic until stopped, then save what is known."""
        try:
            self._reader.run()
        finally:
            self._reports.stop()
            for thread in (*self._watches, *self._writers):
                thread.stop()
            self._server.stop()
            for writer in self._writers:
                writer.join(timeout=_WRITERS_END_WITHIN_S)
            if self._store is not None:
                self._store.close()

    def stop(self) -> None:
        """Ask `run` to end; safe in a signal handler."""
        self._reader.stop()
