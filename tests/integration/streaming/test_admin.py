"""What a real broker's administration says."""

from __future__ import annotations

import time

import pytest

from streaming.gateway.gateway import Gateway
from streaming.kafka.admin import group_is_stable
from tests.fixtures.broker import Stream
from tests.fixtures.deciding import FakeGraph

pytestmark = pytest.mark.integration


def test_a_group_is_stable_while_its_members_have_their_partitions(stream: Stream) -> None:
    """Neither before anybody joined, nor once the last has left."""
    settings = stream.settings
    assert not group_is_stable(stream.bootstrap, settings.group_id)
    gateway = Gateway(settings, FakeGraph())
    gateway.start()
    try:
        until = time.monotonic() + 60.0
        while not group_is_stable(stream.bootstrap, settings.group_id):
            assert time.monotonic() < until
        while not gateway.stats().partitions:  # it hears of them in the poll that goes on
            assert time.monotonic() < until
    finally:
        assert gateway.stop()
    assert not group_is_stable(stream.bootstrap, settings.group_id)
