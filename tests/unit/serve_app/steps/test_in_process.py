"""Calls that wait for nothing, run without a loop."""

from __future__ import annotations

import asyncio

import pytest

from serve_app.steps.in_process import finish


async def inner(value: int) -> int:
    if value < 0:
        raise ValueError("negative")
    return 2 * value


async def outer(value: int) -> int:
    return 1 + await inner(value)


def test_a_call_that_waits_for_nothing_needs_no_loop() -> None:
    """Its result and its errors are the call's own, however deep."""
    assert finish(outer(4)) == 9
    with pytest.raises(ValueError, match="negative"):
        finish(outer(-1))


def test_a_call_that_waits_says_so() -> None:
    """It is ended, not left hanging."""
    ended = []

    async def waits() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            ended.append(True)

    with pytest.raises(RuntimeError, match="event loop"):
        finish(waits())
    assert ended == [True]


def test_it_may_run_beside_a_loop() -> None:
    """A thread decides while the replica's loop does other work."""

    async def play() -> int:
        return await asyncio.to_thread(finish, outer(1))

    assert asyncio.run(play()) == 3
