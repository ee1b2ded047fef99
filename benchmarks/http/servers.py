"""The servers that are measured, each started alone, on the same clients, model and broker."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from benchmarks.http.cpu import of_process, of_stack
from benchmarks.http.load import OURS, Asked
from credit.errors import StackError
from loanstream.stack.home import Home
from loanstream.stack.surroundings import Place
from streaming.broker.ports import free_port

_START_S = 180.0
# What a start leaves to do: imports of the monitor and the ledger, their first look at the topics, HAProxy's checks.
_SETTLE_S = 15.0
EARLIER = "Loanstream before"


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers: its address, its key, and a way to list its processes."""

    url: str
    api_key: str
    processes: Callable[[], list[psutil.Process]]
    asked: Asked = OURS


@dataclass(frozen=True, slots=True)
class Server:
    """One line of the table: its name, whether every answer's audit is acknowledged, and how to start it."""

    name: str
    audited: bool
    start: Callable[[], AbstractContextManager[RunningServer]]


def loanstream(home: Home, graph: str, audit: str) -> Server:
    """Return the whole stack of a home with its graph placed as `graph` says."""

    env = {"LOANSTREAM_GRAPH": graph, "LOANSTREAM_HTTP_AUDIT": audit}
    audited = audit == "acknowledged"
    return Server(f"Loanstream {graph}{'' if audited else ', audit off'}", audited, lambda: _stack(home, env))


def earlier(checkout: Path, home: Home, clients: int) -> Server:
    """Return the stack as a former version of this project starts it, from its own files, in a home of its own.

    Its model is trained by that version on the same generated clients.
    """
    env = {"PYTHONPATH": str(checkout)}

    @contextlib.contextmanager
    def start() -> Iterator[RunningServer]:
        prepare(home, clients, env)
        with _stack(home, env) as running:
            yield running

    return Server(EARLIER, True, start)


@contextlib.contextmanager
def _stack(home: Home, env: Mapping[str, str]) -> Iterator[RunningServer]:
    _loanstream(home, ["up", "--no-prometheus"], env)
    try:
        time.sleep(_SETTLE_S)
        yield RunningServer(Place.of(home).http, home.api_key(), of_stack(home.key))
    finally:
        _loanstream(home, ["down"], env)


def one_process(
    name: str,
    audited: bool,
    module: str,
    arguments: Sequence[str],
    env: Mapping[str, str],
    python: str = sys.executable,
    asked: Asked = OURS,
) -> Server:
    """Return a server that is one Python process: `python -m module --port PORT arguments`."""

    @contextlib.contextmanager
    def start() -> Iterator[RunningServer]:
        port = free_port()
        command = [python, "-m", module, "--port", str(port), *arguments]
        # A file and not a pipe: a server that warns at every request would fill a pipe that nobody reads, and stop.
        with tempfile.TemporaryFile() as said:
            child = subprocess.Popen(
                command, env={**os.environ, **env, "OMP_NUM_THREADS": "1"}, stdout=said, stderr=subprocess.STDOUT
            )
            try:
                _wait_until_it_listens(child, f"http://127.0.0.1:{port}{asked.ready}", said)
                yield RunningServer(f"http://127.0.0.1:{port}", "none", of_process(child.pid), asked)
            finally:
                child.kill()
                child.wait(30)

    return Server(name, audited, start)


def _wait_until_it_listens(child: subprocess.Popen[bytes], url: str, said: IO[bytes]) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        if child.poll() is not None:
            said.seek(0)
            raise StackError(f"a server ended at its start: {said.read().decode()[-2000:]}")
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return
        time.sleep(0.2)
    raise StackError(f"a server did not listen within {_START_S:.0f} s")


def _loanstream(home: Home, arguments: Sequence[str], env: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "loanstream", "--home", str(home.root), *arguments]
    # `python -m` looks where it is started first, before PYTHONPATH.
    done = subprocess.run(
        command, cwd=env.get("PYTHONPATH"), env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StackError(f"loanstream {arguments[0]} failed: {(done.stderr or done.stdout)[-2000:]}")


def prepare(home: Home, clients: int, env: Mapping[str, str] | None = None) -> None:
    """Make tables, a champion and features in the home, where there are none yet."""
    if home.mlflow_db.is_file() and (home.features / "CURRENT").is_file():
        return
    size = ["--clients", str(clients), "--applications", "3000"]
    _loanstream(home, ["up", "--free-ports", "--no-prometheus", *size], env or {})
    _loanstream(home, ["down"], env or {})


def ids_of(table: Path, count: int, to: Path) -> Path:
    """Write the first client ids of a table into a file, one a line."""
    from itertools import islice

    from streaming.feed import read_rows

    to.write_text("".join(f"{row['SK_ID_CURR']}\n" for row in islice(read_rows(table), count)))
    return to
