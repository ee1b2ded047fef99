"""Clients that stand at a door before it opens and go once they have their first decision."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
import time
import urllib.request
from pathlib import Path

from benchmarks.decisions import DecisionReader
from credit.errors import DependencyUnavailable
from streaming.feed import feed, read_rows

_AGAIN_S = 0.1


def first_over_http(url: str, api_key: str, client_id: int, stop: threading.Event) -> None:
    """Ask for a decision on a client on file until there is one, or until stopped."""
    body = {"sk_id_curr": client_id}
    request = urllib.request.Request(
        f"{url}/explain",
        data=json.dumps(body).encode(),
        headers={"X-API-Key": api_key, "Content-Type": "application/json"},
    )
    while not stop.is_set():
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=5.0) as answer:
            answer.read()
            return
        stop.wait(_AGAIN_S)


def first_over_kafka(bootstrap: str, table: Path, stop: threading.Event) -> None:
    """Send one application as soon as the broker takes it, and wait for its decision, or until stopped."""
    host, port = bootstrap.rsplit(":", 1)
    while not _listens(host, int(port)) and not stop.wait(_AGAIN_S):
        pass
    prefix = f"start{time.time_ns()}-"
    decisions = DecisionReader(bootstrap, prefix)
    while not stop.is_set():
        with contextlib.suppress(TimeoutError, DependencyUnavailable):
            if not decisions.is_alive():
                decisions.listen()
            feed(bootstrap, table, limit=1, id_prefix=prefix)
            break
    while not decisions.arrived and not stop.wait(0.02):
        pass
    decisions.stop()


def _listens(host: str, port: int) -> bool:
    # By connecting: to bind the port, were it for a moment, could take it from the server that is about to come.
    try:
        socket.create_connection((host, port), timeout=1.0).close()
    except OSError:
        return False
    return True


def client_of(table: Path) -> int:
    """Return the first client of a table."""
    return int(next(iter(itertools.islice(read_rows(table), 1)))["SK_ID_CURR"])
