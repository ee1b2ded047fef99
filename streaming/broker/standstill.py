"""Processes that stand still: SIGSTOP, and certainty that it has taken hold."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from credit.errors import StackError

_STILL = frozenset("TtZX")  # stopped, traced, and ended: the states of proc(5) in which nothing runs


def stand_still(processes: Callable[[], Iterable[int]], timeout_s: float = 10.0) -> None:
    """Stop processes and return once no thread of theirs runs; StackError after `timeout_s` seconds.

    processes: lists their ids anew, since one may be born of another while that is being stopped. The kernel hands
    SIGSTOP to one thread, and the others run on until that one had its turn: on a busy machine long enough to answer.
    """
    deadline = time.monotonic() + timeout_s
    while moving := [pid for pid in processes() if not _still(pid)]:
        if time.monotonic() > deadline:
            raise StackError(f"processes {moving} do not stop within {timeout_s:.0f} s")
        for pid in moving:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        time.sleep(0.005)


def _still(pid: int) -> bool:
    """Say whether every thread of a process is stopped or ended; so is one that is no longer there."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return True
    return all(_state(thread) in _STILL for thread in threads)


def _state(thread: Path) -> str:
    try:
        return (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"
