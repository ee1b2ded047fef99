"""Work that blocks beside an event loop that is Serve's too: small batches on it, large ones in a thread."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# A thread's turn costs more than the work for this many applications, which is a few milliseconds; beyond it Serve's
# routing and health checks must not wait.
SMALL_BATCH = 64
# With Python's usual 5 ms whatever comes in on a thread (an acknowledgement, a call of another replica) waits as long.
_SWITCH_S = 0.0005


def take_short_turns() -> None:
    """Let this process's threads take turns after half a millisecond; for a replica, when it starts."""
    sys.setswitchinterval(_SWITCH_S)


class Work:
    """Runs calls that block, one after another where they are large."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def do(self, applications: int, call: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Call on the loop where the batch is small, and in this replica's own thread else."""
        if applications <= SMALL_BATCH:
            return call(*args, **named)
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: call(*args, **named))
