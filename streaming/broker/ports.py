"""Free ports of this machine, for servers that are started here."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterable

LOOPBACK = "127.0.0.1"
# Below the ports that Linux gives to outgoing connections (from 32768 on): one that is found free there can be some
# connection's a moment later, and a client that dials it while its server restarts can even reach itself. Above those
# of Ray's workers (10002 to 19999), in which Ray lets nothing else be, and of Serve's replicas.
_FIRST, _LAST = 30000, 32768
# Ports that are somebody's though nothing listens on them yet.
_promised: set[int] = set()
_lock = threading.Lock()


def promise(ports: Iterable[int]) -> None:
    """Keep ports apart from those that `free_ports` finds from now on in this process."""
    _promised.update(ports)


def is_free(port: int) -> bool:
    """Say whether a server could listen on `port` of this machine now, on loopback and on all interfaces."""
    for host in (LOOPBACK, "0.0.0.0"):  # noqa: S104 - bound for an instant and never listened on
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def free_ports(count: int) -> list[int]:
    """Return `count` ports that nothing listens on now and that were not given before in this process.

    Raises OSError where there are not so many.
    """
    # Not seeded, and from anywhere in the range, so that two programs that look at the same time find different ones.
    found: list[int] = []
    with _lock:
        for port in random.SystemRandom().sample(range(_FIRST, _LAST), _LAST - _FIRST):
            if len(found) == count:
                break
            if port not in _promised and is_free(port):
                found.append(port)
        promise(found)
    if len(found) < count:
        raise OSError(f"fewer than {count} ports from {_FIRST} to {_LAST - 1} are free; end what holds them")
    return found


def free_port() -> int:
    """Return a port that nothing listens on now."""
    return free_ports(1)[0]
