"""Whose a process is, and what it used over a time, from processes made by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from benchmarks.processes import Role, UsageOver, by_owner, role_of


@pytest.mark.parametrize(
    ("command", "role"),
    [
        ("ray::ServeReplica:loanstream:gateway", Role("replica gateway", "ours")),
        ("ray::ServeController", Role("controller", "Serve")),
        ("ray-dashboard-ServeHead-0 (/usr/bin/python -B -c ...)", Role("dashboard, ServeHead", "Ray")),
        ("/venv/bin/python -m monitoring", Role("monitor", "ours")),
        ("/jre/bin/java -Xmx512m kafka.Kafka server.properties", Role("broker", "Kafka")),
    ],
)
def test_a_process_is_named_by_its_command(command: str, role: Role) -> None:
    """The parts of a stack have names of their own, each with its owner."""
    assert role_of(command) == role


class FakeProcess:
    """A process whose CPU time is set by hand."""

    def __init__(self, pid: int, command: str, cpu_s: float, memory: int) -> None:
        self.pid, self._command, self.cpu_s, self._memory = pid, command, cpu_s, memory
        self.gone = False

    def cmdline(self) -> list[str]:
        if self.gone:
            raise psutil.NoSuchProcess(self.pid)
        return [self._command]

    def create_time(self) -> float:
        return float(self.pid)

    def cpu_times(self) -> Any:
        return SimpleNamespace(user=self.cpu_s, system=0.5)

    def memory_full_info(self) -> Any:
        return SimpleNamespace(pss=self._memory)


def test_cpu_counts_from_the_first_look_and_memory_where_a_process_is_there() -> None:
    """One that came later counts whole, one that ended up to its last look, and its memory no more."""
    old, ends = FakeProcess(1, "ray::ServeController", 10.0, 100), FakeProcess(2, "raylet/raylet", 1.0, 50)
    there: list[Any] = [old, ends]
    usage = UsageOver(lambda: there)
    old.cpu_s, ends.cpu_s = 12.0, 1.5
    there.append(FakeProcess(3, "kafka.Kafka", 2.0, 30))
    usage.look()
    ends.gone = True
    old.cpu_s = 13.0
    usage.look()
    sums = by_owner(usage.by_role())
    assert {owner: (used.cpu_s, used.memory, used.count) for owner, used in sums.items()} == {
        "Serve": (3.0, 100, 1),
        "Kafka": (2.5, 30, 1),
        "Ray": (0.5, 0, 0),
        "all": (6.0, 130, 2),
    }
    assert list(sums)[-1] == "all"
