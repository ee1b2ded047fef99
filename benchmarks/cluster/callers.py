"""People who call the HTTP door on every node of a cluster, at moments of their own, from a process of its own."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import aiohttp
import numpy as np

_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its door, Unix seconds of its intended moment, seconds to its answer, and what went wrong if so."""

    door: str
    at: float
    seconds: float
    problem: str


def call_doors(
    doors: tuple[str, ...], api_key: str, client_ids: tuple[int, ...], rate: float, seconds: float
) -> list[Call]:
    """Call each door `rate` times a second (a Poisson process each), whatever is answered when."""
    return asyncio.run(_call_all(doors, api_key, client_ids, rate, seconds))


async def _call_all(
    doors: tuple[str, ...], api_key: str, client_ids: tuple[int, ...], rate: float, seconds: float
) -> list[Call]:
    calls: list[Call] = []
    timeout = aiohttp.ClientTimeout(total=_PATIENCE_S)
    headers = {"X-API-Key": api_key}
    # A caller's connection of its own each time: one that is kept would hide a door that takes no new ones.
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(headers=headers, connector=connector, timeout=timeout) as session:

        async def one(door: str, at: float, client: int) -> None:
            problem = ""
            try:
                async with session.post(f"{door}/explain", json={"sk_id_curr": client}) as answer:
                    await answer.read()
                    problem = "" if answer.status == 200 else f"status {answer.status}"
            except (aiohttp.ClientError, TimeoutError) as error:
                problem = type(error).__name__
            calls.append(Call(door, at, time.time() - at, problem))

        async def keep_calling(number: int, door: str) -> None:
            gaps = np.random.default_rng(number).exponential(1 / rate, round(rate * seconds)).tolist()
            at = time.time()
            for turn, gap in enumerate(gaps):
                at += gap
                await asyncio.sleep(max(0.0, at - time.time()))
                under_way.create_task(one(door, at, client_ids[turn % len(client_ids)]))

        async with asyncio.TaskGroup() as under_way:
            for number, door in enumerate(doors):
                under_way.create_task(keep_calling(number, door))
    return calls
