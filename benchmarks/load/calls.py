"""Load on a door that answers its caller, over HTTP (aiohttp) or gRPC (grpcio), from a process of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Literal

import numpy as np

from benchmarks.load.figures import Measured, measured
from benchmarks.load.schedule import GRAIN_S, Schedule

Call = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CalledDoor:
    """A door, its address (host:port) and key, and the clients on file whose applications are decided in turn."""

    kind: Literal["HTTP", "gRPC"]
    address: str
    api_key: str
    client_ids: tuple[int, ...]


def closed_loop(door: CalledDoor, callers: int, seconds: float, warm_s: float = 2.0) -> Measured:
    """Keep `callers` requests under way for `seconds`: each sends its next when its answer is there."""
    return _apart(_closed, door, callers, seconds, warm_s)


def open_loop(door: CalledDoor, schedule: Schedule) -> Measured:
    """Send by the schedule, whatever is answered when; latencies run from the intended moment."""
    return _apart(_open, door, schedule)


def _apart(work: Callable[..., Measured], *arguments: object) -> Measured:
    # An executor says so when its process cannot start; a pool would start another for ever.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        return apart.submit(work, *arguments).result()


def _closed(door: CalledDoor, callers: int, seconds: float, warm_s: float) -> Measured:
    async def play() -> Measured:
        turn = 0

        async def one(call: Call, until: float, taken: list[float], failed: list[int]) -> None:
            nonlocal turn
            while (begun := time.perf_counter()) < until:
                turn += 1
                try:
                    await call(turn)
                except Exception:  # noqa: BLE001 - whatever it was, it is no answer
                    failed.append(turn)
                else:
                    taken.append(time.perf_counter() - begun)

        async with _opened(door) as call:
            taken: list[float] = []
            failed: list[int] = []
            await asyncio.gather(*(one(call, time.perf_counter() + warm_s, [], []) for _ in range(callers)))
            begun = time.perf_counter()
            await asyncio.gather(*(one(call, begun + seconds, taken, failed) for _ in range(callers)))
            elapsed = time.perf_counter() - begun
        return measured(door.kind, f"closed, {callers} callers", np.array(taken), elapsed, len(failed))

    return asyncio.run(play())


def _open(door: CalledDoor, schedule: Schedule) -> Measured:
    async def play() -> Measured:
        done: dict[int, float] = {}
        failed: list[int] = []
        offsets = schedule.offsets
        late = 0.0

        async def one(call: Call, number: int) -> None:
            try:
                await call(number)
            except Exception:  # noqa: BLE001 - likewise
                failed.append(number)
            else:
                done[number] = time.perf_counter()

        async with _opened(door) as call, asyncio.TaskGroup() as under_way:
            begun = time.perf_counter()
            for number, offset in enumerate(offsets.tolist()):
                ahead = begun + offset - time.perf_counter()
                if ahead > GRAIN_S:
                    await asyncio.sleep(ahead)
                late = max(late, time.perf_counter() - begun - offset)
                under_way.create_task(one(call, number))
        answered = np.fromiter(done, dtype=np.int64)
        latencies = np.fromiter(done.values(), dtype=np.float64) - begun - offsets[answered]
        elapsed = max(done.values(), default=begun) - begun
        return measured(door.kind, str(schedule), latencies, elapsed, len(failed), offsets[answered], late)

    return asyncio.run(play())


def _opened(door: CalledDoor) -> AbstractAsyncContextManager[Call]:
    return _http(door) if door.kind == "HTTP" else _grpc(door)


@asynccontextmanager
async def _http(door: CalledDoor) -> AsyncIterator[Call]:
    import aiohttp

    async with aiohttp.ClientSession(
        base_url=f"http://{door.address}", headers={"X-API-Key": door.api_key}, connector=aiohttp.TCPConnector(limit=0)
    ) as session:

        async def call(turn: int) -> None:
            body = {"sk_id_curr": door.client_ids[turn % len(door.client_ids)]}
            async with session.post("/explain", json=body) as answer:
                await answer.read()
                answer.raise_for_status()

        yield call


@asynccontextmanager
async def _grpc(door: CalledDoor) -> AsyncIterator[Call]:
    import grpc

    from serve_app.door.grpc.decisions_pb2 import ExplainRequest
    from serve_app.door.grpc.decisions_pb2_grpc import DecisionsStub

    metadata = [("x-api-key", door.api_key)]
    async with grpc.aio.insecure_channel(door.address) as channel:
        stub = DecisionsStub(channel)

        async def call(turn: int) -> None:
            client_id = door.client_ids[turn % len(door.client_ids)]
            await stub.Explain(ExplainRequest(sk_id_curr=client_id), metadata=metadata)

        yield call
