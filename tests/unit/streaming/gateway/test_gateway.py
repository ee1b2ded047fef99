"""The gateway's thread, without a broker."""

from __future__ import annotations

import time
from typing import Any

import pytest

from credit.errors import DependencyUnavailable
from streaming.gateway.gateway import Gateway
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import FakeGraph


def no_producer(*_: Any) -> Any:
    raise OSError("no brokers here")


def test_a_gateway_that_finds_no_brokers_keeps_trying_and_stops_when_told() -> None:
    """It is no reason to replace a replica; once its thread has ended it is one."""
    gateway = Gateway(StreamingSettings(max_backoff_s=0.1), FakeGraph(), make_producer=no_producer)
    gateway.start()
    deadline = time.monotonic() + 30
    while gateway.stats().restarts < 2:
        assert time.monotonic() < deadline, "it gave up"
    gateway.check_health()
    assert gateway.stats().last_error == "OSError: no brokers here"
    assert gateway.stop()
    assert gateway.stop(), "stopping twice is no error"
    with pytest.raises(DependencyUnavailable, match="thread is gone"):
        gateway.check_health()


def test_two_replicas_never_share_a_transactional_id() -> None:
    """Two producers of one id fence each other to death; the prefix is the one that rights are given for."""
    settings = StreamingSettings(transactional_prefix="tx")
    ids = {Gateway(settings, FakeGraph()).transactional_id for _ in range(3)}
    assert len(ids) == 3
    assert all(name.startswith("tx-") for name in ids)
