"""A stack for the incident alone: its own home and ports, short windows, and nothing left of it afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from credit.errors import SettingsError, StackError
from loanstream.stack.actions import Wanted
from loanstream.stack.home import Home
from loanstream.stack.stack import PortOptions, Stack
from loanstream.stack.surroundings import Place
from loanstream.terminal.start import bring_up, stopping

# Servers of a cluster that the environment may name: an incident belongs on a stack of its own.
_ELSEWHERE = ("KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL", "MLFLOW_TRACKING_URI", "RAY_ADDRESS", "DATABASE_URL")

_MARKER = "home-of-incidents"


@dataclass(frozen=True, slots=True)
class Windows:
    """The monitor's windows and reports, short enough that an incident takes minutes; all in seconds."""

    short: int = 90
    medium: int = 180
    report: int = 60

    def environment(self) -> dict[str, str]:
        """Return the monitor's settings."""
        values = {
            "SHORT_WINDOW_S": self.short,
            "MEDIUM_WINDOW_S": self.medium,
            "SHORT_PANE_S": 10 if self.short % 10 == 0 else 1,
            "REPORT_S": self.report,
        }
        return {f"LOANSTREAM_MONITOR_{name}": str(value) for name, value in values.items()}


def require_prometheus() -> None:
    """Raise SettingsError where Prometheus is not installed, before minutes are spent on anything else."""
    if shutil.which("prometheus") is None:
        raise SettingsError("prometheus is not installed; on Debian and Ubuntu: apt-get install prometheus")


@contextlib.contextmanager
def own_stack(folder: Path | None, wanted: Wanted, windows: Windows, console: Console) -> Iterator[Place]:
    """Start a stack in `folder`, or in a temporary one that goes with it, and stop it whatever happens.

    Raises SettingsError for a folder that is not an incident's.
    """
    with contextlib.ExitStack() as stack:
        if folder is None:
            # Its log names no applicant, but its model and features are the table's: nothing of them stays.
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="loanstream-incident-")))
            stack.callback(shutil.rmtree, Home.at(folder).short_dir, ignore_errors=True)
        else:
            _clear(folder)
        stack.enter_context(_environment(windows))
        yield stack.enter_context(_running(Stack(Home.at(folder)), wanted, console))


def _clear(folder: Path) -> None:
    """Forget the streams of former incidents in this home; its model, features and tables stay.

    Raises SettingsError for a folder that no incident has made: the topics of a home that is in use are not ours.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / _MARKER).is_file():
        raise SettingsError(f"{folder} was not made by an incident; name a new folder with --home")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARKER).touch()
    for name in ("kafka", "monitor", "prometheus"):
        shutil.rmtree(folder / name, ignore_errors=True)


@contextlib.contextmanager
def _running(stack: Stack, wanted: Wanted, console: Console) -> Iterator[Place]:
    with stack.home.locked():
        place, running = stack.claim("demo", PortOptions(free=True))
        if running:
            raise StackError(f"a stack runs in {stack.home.root}; end it with `loanstream down` or name another --home")
        bring_up(stack, place, wanted, console)
    try:
        yield place
    finally:
        stopping(stack, console)


@contextlib.contextmanager
def _environment(windows: Windows) -> Iterator[None]:
    former = dict(os.environ)
    for name in list(os.environ):
        if name in _ELSEWHERE or name.startswith(("LOANSTREAM_MONITOR_", "LOANSTREAM_KAFKA_")):
            del os.environ[name]
    os.environ.update(windows.environment() | {"MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(former)
