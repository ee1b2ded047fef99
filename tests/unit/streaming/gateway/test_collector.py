"""How a process of ours is run."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from streaming.gateway.collector import spare_collections


class Knot:
    """An object that only the cycle collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector() -> Iterator[None]:
    """Leave the collector as it was."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("collector")
def test_what_is_loaded_is_looked_at_no_more_and_new_cycles_seldom() -> None:
    """A micro-batch's objects start no collection; cycles made since are still found by one."""
    before = Knot()
    spare_collections()
    ran = gc.get_stats()[0]["collections"]
    batch = [[number] for number in range(20_000)]
    assert gc.get_stats()[0]["collections"] == ran, "a batch of 20,000 objects started a collection"
    assert not any(held is before for held in gc.get_objects()), "what was loaded before is still looked at"
    since = weakref.ref(Knot())
    gc.collect()
    assert since() is None
    assert len(batch) == 20_000
