"""Where blocking work is done."""

from __future__ import annotations

import asyncio
import threading

import pytest

from serve_app.replicas.blocking import SMALL_BATCH, Work


def where() -> int:
    return threading.get_ident()


def test_small_batches_are_done_on_the_loop_and_large_ones_beside_it() -> None:
    """A hop to a thread costs more than a small batch; a large one must not hold the loop."""

    async def play() -> tuple[int, int]:
        work = Work("test")
        return await work.do(SMALL_BATCH, where), await work.do(SMALL_BATCH + 1, where)

    small, large = asyncio.run(play())
    assert small == where()
    assert large != where()


@pytest.mark.parametrize("size", [1, 1000])
def test_errors_come_out_as_they_are(size: int) -> None:
    """Wherever it was done."""

    def fails() -> None:
        raise ValueError("so")

    with pytest.raises(ValueError, match="so"):
        asyncio.run(Work("test").do(size, fails))
