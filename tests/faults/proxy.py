"""A proxy that understands Kafka's framing: it passes requests on, holds them, and breaks connections around them.

What becomes of each request a `Plan` says. A held request is not lost: its client sees the connection break and sends
it again, while the bytes wait here until the plan lets the broker have them, late.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from functools import partial
from typing import Any, Protocol, TypeVar

from kafka.protocol.producer import (
    AddOffsetsToTxnRequest,
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    TxnOffsetCommitRequest,
)

from tests.faults.front import Front, read_frame

_RECONNECT_S = 0.2

T = TypeVar("T")


class Api(IntEnum):
    """The requests of a transactional producer, by their key in Kafka's protocol."""

    PRODUCE = 0
    INIT_PRODUCER_ID = 22
    ADD_PARTITIONS = 24
    ADD_OFFSETS = 25
    END_TXN = 26
    TXN_OFFSET_COMMIT = 28


_WITH_EPOCH = {
    Api.ADD_PARTITIONS: AddPartitionsToTxnRequest,
    Api.ADD_OFFSETS: AddOffsetsToTxnRequest,
    Api.END_TXN: EndTxnRequest,
    Api.TXN_OFFSET_COMMIT: TxnOffsetCommitRequest,
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came: `frame` is all of it, its length in front."""

    api: int
    version: int
    correlation_id: int
    client_id: str
    frame: bytes

    @classmethod
    def parse(cls, frame: bytes) -> Request:
        """Read the header's first fields, which all versions of it share."""
        api, version, correlation_id, length = struct.unpack_from(">hhih", frame, 4)
        client_id = frame[14 : 14 + length].decode() if length > 0 else ""
        return cls(api, version, correlation_id, client_id, frame)

    @property
    def epoch(self) -> tuple[int, int] | None:
        """The producer's id and epoch that it carries; None where it carries none, or none of its own."""
        if self.api not in _WITH_EPOCH:
            return None
        body = _WITH_EPOCH[Api(self.api)].decode(self.frame[4:], version=self.version, header=True)
        if self.api == Api.ADD_PARTITIONS:
            return body.v3_and_below_producer_id, body.v3_and_below_producer_epoch
        return body.producer_id, body.producer_epoch


class Fate(Enum):
    """What becomes of a request."""

    PASS = "it goes on"
    HOLD = "its connection breaks, and it waits to be delivered late"
    DROP_BEFORE = "its connection breaks before the broker had it, and it is gone"
    DROP_AFTER = "its connection breaks after the broker answered it, and the answer is gone"


class Plan(Protocol):
    """Decides; called in the proxy's own thread, one call at a time."""

    def judge(self, request: Request) -> Fate: ...

    def held(self, request: HeldRequest) -> None:
        """Take a held request; its `deliver` is to be awaited once, at any time."""

    async def answered(self, request: Request) -> None:
        """Called when the broker has answered a request that passed; its client gets the answer afterwards."""


@dataclass(eq=False)
class Link:
    """One client's connection and the one to the broker that belongs to it."""

    front: Front
    client: asyncio.StreamWriter
    upstream: asyncio.StreamWriter
    waiting: deque[tuple[Request, Fate, asyncio.Future[bytes] | None]] = field(default_factory=deque)
    held: int = 0
    client_gone: bool = False

    def break_client(self) -> None:
        """Reset the client's connection: no orderly end, whatever is in the buffers is lost."""
        self.client_gone = True
        sock = self.client.get_extra_info("socket")
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.client.transport.abort()

    def close_if_done(self) -> None:
        """Close the broker's side once the client is gone and nothing is held for it."""
        if self.client_gone and not self.held:
            self.upstream.close()


@dataclass(eq=False)
class HeldRequest:
    """A request that waits here, and the connection it came on, still open at the broker."""

    request: Request
    link: Link

    async def deliver(self) -> bytes:
        """Give it to the broker and return the answer: over the old connection, or a new one where that is gone."""
        try:
            return await self._over_the_old_one()
        except (OSError, asyncio.IncompleteReadError):
            return await self._over_a_new_one()
        finally:
            self.link.held -= 1
            self.link.close_if_done()

    async def _over_the_old_one(self) -> bytes:
        if self.link.upstream.is_closing():
            raise ConnectionResetError
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.link.waiting.append((self.request, Fate.HOLD, answer))
        self.link.upstream.write(self.request.frame)
        return await answer

    async def _over_a_new_one(self) -> bytes:
        while True:
            try:
                reader, writer = await self.link.front.connect_signed_in()
                try:
                    writer.write(self.request.frame)
                    return await read_frame(reader)
                finally:
                    writer.close()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(_RECONNECT_S)  # the broker is away; it comes back


class KafkaProxy:
    """Listens at each front for clients of the broker behind it; one plan judges them all."""

    def __init__(self, fronts: Sequence[Front], plan: Plan) -> None:
        self._fronts, self._plan = fronts, plan
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="kafka-proxy", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []

    def start(self) -> None:
        """Listen, and return once clients can come."""
        self._thread.start()
        for front in self._fronts:
            serve, listener = partial(self._serve, front), front.listen()
            self._servers.append(self.call(asyncio.start_server(serve, sock=listener, ssl=front.accepting)))

    def stop(self) -> None:
        """Break every connection and end the thread."""

        async def end() -> None:
            for server in self._servers:
                server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        self.call(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def call(self, doing: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the proxy's thread and wait for its result."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(60)

    async def _serve(self, front: Front, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            answers, upstream = await front.connect()
        except (OSError, asyncio.CancelledError):  # the broker is away, or this is the end
            client.transport.abort()
            return
        finally:
            self._tasks.discard(task)
        link = Link(front, client, upstream)
        for doing in (self._requests(reader, link), self._answers(answers, link)):
            pump = asyncio.create_task(doing)
            self._tasks.add(pump)
            pump.add_done_callback(self._tasks.discard)

    async def _requests(self, reader: asyncio.StreamReader, link: Link) -> None:
        try:
            while True:
                request = Request.parse(await read_frame(reader))
                fate = self._plan.judge(request)
                if fate in (Fate.PASS, Fate.DROP_AFTER):
                    link.waiting.append((request, fate, None))
                    link.upstream.write(request.frame)
                    continue
                link.break_client()
                if fate is Fate.HOLD:
                    link.held += 1
                    self._plan.held(HeldRequest(request, link))
                return
        except (OSError, asyncio.IncompleteReadError):
            link.client_gone = True
        finally:
            link.close_if_done()

    async def _answers(self, reader: asyncio.StreamReader, link: Link) -> None:
        try:
            while True:
                frame = await read_frame(reader)
                # A broker answers a connection's requests in their order.
                request, fate, held = link.waiting.popleft()
                if held is not None:
                    held.set_result(frame)
                    continue
                await self._plan.answered(request)
                if fate is Fate.DROP_AFTER:
                    link.break_client()
                elif not link.client_gone:
                    link.client.write(frame)
        except (OSError, asyncio.IncompleteReadError) as error:
            for _, _, held in link.waiting:
                if held is not None and not held.done():
                    held.set_exception(ConnectionResetError(str(error)))
        finally:
            link.upstream.close()
            if not link.client_gone:
                link.break_client()
