"""Redis away; what the store promises while it answers is in the backends' suite."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import numpy as np
import pytest

from credit.errors import DependencyUnavailable
from feature_store.layout import StoreMeta
from feature_store.redis import RedisFeatureStore, RedisFeatureWriter


@pytest.fixture
def nobody_answers() -> Iterator[str]:
    """The URL of a port that is taken and does not listen, so that every connection is refused."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{held.getsockname()[1]}/0"


def test_a_reader_tells_which_setting_to_look_at(nobody_answers: str) -> None:
    """The error is retryable: the graph degrades and comes back by itself."""
    store = RedisFeatureStore(nobody_answers, "h" * 64, 3)
    with pytest.raises(DependencyUnavailable, match="REDIS_URL"):
        store.history(np.array([1]))
    with pytest.raises(DependencyUnavailable, match="REDIS_URL"):
        store.applications(np.array([1]))
    with pytest.raises(DependencyUnavailable, match="REDIS_URL"):
        store.clients("1", 10)


def test_a_batch_of_nobody_needs_no_redis(nobody_answers: str) -> None:
    """n = 0 is answered without a round trip."""
    history, known = RedisFeatureStore(nobody_answers, "h" * 64, 3).history(np.array([], dtype=np.int64))
    assert (history.shape, known.shape) == ((0, 3), (0,))


def test_every_step_of_a_writer_tells_it(nobody_answers: str) -> None:
    """No step of materialisation lets another kind of error out."""
    writer = RedisFeatureWriter(nobody_answers)
    meta = StoreMeta("h" * 64, 1, 1, "c" * 64, "2026-03-10T00:00:00+00:00")
    steps = (
        writer.current,
        lambda: writer.begin("s", "h" * 64),
        lambda: writer.put([(1, b"")], [], 1),
        lambda: writer.finish(meta),
    )
    for step in steps:
        with pytest.raises(DependencyUnavailable, match="REDIS_URL"):
            step()
