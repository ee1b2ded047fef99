"""The running monitor's parts, begun and ended in order."""

from __future__ import annotations

from typing import Any, cast

import pytest

from monitoring.service import MonitorService


class Noted:
    """Any part of the service: notes what is asked of it."""

    def __init__(self, name: str, calls: list[str], fails: bool = False) -> None:
        self._name, self._calls, self._fails = name, calls, fails

    def _note(self, what: str) -> None:
        self._calls.append(f"{self._name} {what}")

    def start(self) -> None:
        self._note("start")

    def stop(self) -> None:
        self._note("stop")

    def join(self, timeout: float | None = None) -> None:
        self._note("join")

    def close(self) -> None:
        self._note("close")

    def run(self) -> None:
        self._note("run")
        if self._fails:
            raise RuntimeError("the reader broke")


def service(calls: list[str], fails: bool = False) -> MonitorService:
    reader, server, reports, watch, writer, store = (
        cast(Any, Noted(name, calls, fails and name == "reader"))
        for name in ("reader", "server", "reports", "watch", "writer", "store")
    )
    return MonitorService(reader, server, reports, [watch], [writer], store)


def test_the_store_is_closed_only_after_its_writers_have_ended() -> None:
    """Everything is told to stop, and the store is the last to go."""
    calls: list[str] = []
    running = service(calls)
    running.start()
    assert calls == ["server start", "watch start", "writer start"]
    running.run()
    assert calls[3:] == [
        "reader run", "reports stop", "watch stop", "writer stop", "server stop", "writer join", "store close",
    ]  # fmt: skip


def test_a_reader_that_breaks_takes_the_rest_with_it() -> None:
    """An error of the reader reaches the caller with nothing left running."""
    calls: list[str] = []
    with pytest.raises(RuntimeError, match="broke"):
        service(calls, fails=True).run()
    assert calls[-1] == "store close"
