"""The monitor's figures, asked over HTTP."""

from __future__ import annotations

import httpx

from ledger.portfolio.monitor import MonitorStatus


def test_the_monitor_is_asked_once_a_second_at_most() -> None:
    """Many pages that look make one request."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"status": "ok", "n": len(asked)})

    now = [0.0]
    status = MonitorStatus("http://monitor/", httpx.Client(transport=httpx.MockTransport(answer)), lambda: now[0])
    assert [status(), status()] == [{"status": "ok", "n": 1}] * 2
    now[0] = 1.5
    assert status() == {"status": "ok", "n": 2}
    assert asked == ["/status.json"] * 2


def test_a_monitor_that_is_away_or_unset_tells_nothing() -> None:
    """No address, a refusal, a body that is no JSON."""
    assert MonitorStatus(None)() is None
    for answer in (httpx.Response(503), httpx.Response(200, text="<html>")):
        transport = httpx.MockTransport(lambda _, told=answer: told)
        assert MonitorStatus("http://monitor", httpx.Client(transport=transport))() is None
