"""Ray's errors as the gateway knows them, over a hand-written handle."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Iterator

import pytest
from pydantic_core import to_json

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import DependencyUnavailable, NotReady, Overloaded, PermanentError
from credit.wire.application import parse_applications
from streaming.gateway.handle import HandleDecider
from tests.fixtures.deciding import application, decide

BATCH = parse_applications([to_json(application(1))], [0]).batch


class Handle:
    """A graph's handle that answers, fails or never ends."""

    def __init__(self, error: BaseException | None = None, ends: bool = True) -> None:
        self.decide = self
        self._error, self._ends = error, ends
        self.doors: list[str] = []

    def remote(self, batch: ApplicationBatch, *, door: str) -> Awaitable[DecisionBatch]:
        self.doors.append(door)
        return self._answer(batch)

    async def _answer(self, batch: ApplicationBatch) -> DecisionBatch:
        if not self._ends:
            await asyncio.Event().wait()
        if self._error is not None:
            raise self._error
        return decide(batch)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop at work in another thread, as a replica's is."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_batch_is_decided_on_the_replica_s_loop(loop: asyncio.AbstractEventLoop) -> None:
    """By the door of the stream."""
    handle = Handle()
    assert HandleDecider(handle, loop, 5.0).decide(BATCH).applications is BATCH
    assert handle.doors == ["kafka"]


@pytest.mark.parametrize(
    ("error", "becomes", "says"),
    [
        (NotReady("no model yet"), NotReady, "no model yet"),
        (RuntimeError("no loop"), DependencyUnavailable, "the graph is away: RuntimeError: no loop"),
    ],
)
def test_errors_come_out_as_ours(
    loop: asyncio.AbstractEventLoop, error: Exception, becomes: type[Exception], says: str
) -> None:
    """Ours pass as they are; what says that nobody is there can be tried again."""
    with pytest.raises(becomes, match=says):
        HandleDecider(Handle(error), loop, 5.0).decide(BATCH)


def test_ray_s_own_errors_are_told_apart(loop: asyncio.AbstractEventLoop) -> None:
    """Backpressure is waited for, an actor that died too; what our code raised over there would be raised again."""
    from ray.exceptions import RayActorError, RayTaskError
    from ray.serve.exceptions import BackPressureError

    task_error = RayTaskError("decide", "Traceback ...\nValueError: broken", ValueError("broken"))
    for error, becomes, says in (
        (BackPressureError(num_queued_requests=9, max_queued_requests=8), Overloaded, "more work queued"),
        (RayActorError(), DependencyUnavailable, "the graph is away"),
        (task_error, PermanentError, "failed on this batch: ValueError: broken"),
    ):
        with pytest.raises(becomes, match=says):
            HandleDecider(Handle(error), loop, 5.0).decide(BATCH)


def test_a_graph_that_takes_too_long_is_away(loop: asyncio.AbstractEventLoop) -> None:
    """The call is given up after its bound."""
    with pytest.raises(DependencyUnavailable, match="did not decide within 0 s"):
        HandleDecider(Handle(ends=False), loop, 0.05).decide(BATCH)
