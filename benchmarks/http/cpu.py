"""CPU seconds of processes, from /proc."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import psutil

from loanstream.stack.process import MARK

# What a stack runs that is no part of answering over HTTP.
_NOT_OF_THE_DOOR = ("kafka.Kafka", "monitoring", "prometheus")


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Return user and system time of the processes so far; one that has ended counts nothing."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def of_process(pid: int) -> Callable[[], list[psutil.Process]]:
    """Return a way to list a process and all that it started."""

    def listed() -> list[psutil.Process]:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]

    return listed


def of_stack(home_key: str) -> Callable[[], list[psutil.Process]]:
    """Return a way to list what a stack runs, Ray and all, but the broker and the monitor."""

    def listed() -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                marked = process.environ().get(MARK) == home_key
                command = " ".join(process.cmdline())
            except psutil.Error:
                continue
            if marked and not any(word in command for word in _NOT_OF_THE_DOOR):
                found.append(process)
        return found

    return listed
