"""The bridge between the hosts, their links, and how a link is cut: `ip` and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess

from credit.errors import SettingsError
from deploy.cluster.plan import ClusterPlan, PlannedHost


def require_namespaces() -> None:
    """Check that this machine can make hosts; raises SettingsError that says what it lacks."""
    if os.geteuid() != 0:
        raise SettingsError("a cluster of namespaces needs root: run it as root, or with sudo -E")
    for tool, package in (("ip", "iproute2"), ("unshare", "util-linux"), ("nsenter", "util-linux")):
        if shutil.which(tool) is None:
            raise SettingsError(f"{tool} is missing: install {package}")
    probe = f"ls-probe-{os.getpid()}"
    if not _try("ip", "netns", "add", probe):
        raise SettingsError(
            "the kernel refuses network namespaces here; run it on a machine, or in a privileged container"
        )
    _try("ip", "netns", "del", probe)


def make_bridge(plan: ClusterPlan) -> None:
    """Make the bridge that joins the hosts; one that is there is taken."""
    if not _try("ip", "link", "show", plan.bridge):
        _ip("link", "add", plan.bridge, "type", "bridge")
        _ip("address", "add", f"{plan.gateway}/24", "dev", plan.bridge)
    _ip("link", "set", plan.bridge, "up")


def join(plan: ClusterPlan, host: PlannedHost) -> None:
    """Make a host's network namespace and its link to the bridge."""
    inside = "eth0"
    _ip("netns", "add", host.namespace)
    _ip("link", "add", host.link, "type", "veth", "peer", "name", inside, "netns", host.namespace)
    _ip("link", "set", host.link, "master", plan.bridge)
    _ip("link", "set", host.link, "up")
    for arguments in (
        ("address", "add", f"{host.address}/24", "dev", inside),
        ("link", "set", inside, "up"),
        ("link", "set", "lo", "up"),
        ("route", "add", "default", "via", plan.gateway),
    ):
        _ip("-netns", host.namespace, *arguments)


def cut(host: PlannedHost) -> None:
    """Cut a host's link, both ways."""
    _ip("link", "set", host.link, "down")


def mend(host: PlannedHost) -> None:
    """Join a cut link again."""
    _ip("link", "set", host.link, "up")


def cut_from(host: PlannedHost, others: list[PlannedHost]) -> None:
    """Let what others send to a host vanish on arrival there; what it sends still leaves: a link cut one way each."""
    for other in others:
        _ip("-netns", host.namespace, "rule", "add", "from", other.address, "blackhole")
        _ip("-netns", host.namespace, "route", "add", "blackhole", f"{other.address}/32")


def mend_from(host: PlannedHost, others: list[PlannedHost]) -> None:
    """Take back `cut_from`; what was not cut is no error."""
    for other in others:
        _try("ip", "-netns", host.namespace, "rule", "del", "from", other.address, "blackhole")
        _try("ip", "-netns", host.namespace, "route", "del", "blackhole", f"{other.address}/32")


def take_addresses(host: PlannedHost, others: list[PlannedHost]) -> None:
    """Make the addresses of others a host's own, in its network alone: what it sends to them stays with it."""
    for other in others:
        _ip("-netns", host.namespace, "address", "replace", f"{other.address}/32", "dev", "lo")


def give_addresses_back(host: PlannedHost, others: list[PlannedHost]) -> None:
    """Take back `take_addresses`; what was not taken is no error."""
    for other in others:
        _try("ip", "-netns", host.namespace, "address", "del", f"{other.address}/32", "dev", "lo")


def part_from_bridge(plan: ClusterPlan, host: PlannedHost) -> tuple[str, str]:
    """Take a host's link off the bridge, for whoever passes frames on between the two ends that are returned."""
    towards_host, towards_bridge = _stand_in(host)
    _ip("link", "add", towards_bridge, "type", "veth", "peer", "name", towards_host)
    _ip("link", "set", towards_bridge, "master", plan.bridge)
    _ip("link", "set", towards_bridge, "up")
    _ip("link", "set", towards_host, "up")
    _ip("link", "set", host.link, "nomaster")
    return host.link, towards_host


def join_to_bridge(plan: ClusterPlan, host: PlannedHost) -> None:
    """Take back `part_from_bridge`; what was not parted is no error."""
    if _try("ip", "link", "del", _stand_in(host)[1]):
        _try("ip", "link", "set", host.link, "master", plan.bridge)


def leave(host: PlannedHost) -> None:
    """Remove a host's namespace and links; what is not there is no error."""
    _try("ip", "netns", "del", host.namespace)
    _try("ip", "link", "del", host.link)
    _try("ip", "link", "del", _stand_in(host)[1])


def remove_bridge(plan: ClusterPlan) -> None:
    """Remove the bridge."""
    _try("ip", "link", "del", plan.bridge)


def namespaces() -> list[str]:
    """Return the names of the network namespaces of this machine."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False).stdout
    return [line.split()[0] for line in listed.splitlines() if line.strip()]


def _stand_in(host: PlannedHost) -> tuple[str, str]:
    return f"{host.link}h", f"{host.link}b"


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SettingsError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def _try(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
