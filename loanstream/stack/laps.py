"""What a start's seconds went into: the laps of a step, and what Serve's replicas log of their own starts."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

# As `serve_app.replicas.started` writes it into the replica's log.
_STARTED = re.compile(r"started in .*$", re.MULTILINE)
_REPLICA = re.compile(r"replica_[^_]+_(?P<deployment>.+)_[^_]+\.log$")


class Laps:
    """Seconds of one part after the other: `str` gives them in one line."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at = clock()
        self._laps: dict[str, float] = {}

    def lap(self, name: str, once: bool = False) -> None:
        """End a part here; `once`: where it has not ended before."""
        if once and name in self._laps:
            return
        now = self._clock()
        self._laps[name] = self._laps.get(name, 0.0) + now - self._at
        self._at = now

    def __str__(self) -> str:
        return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self._laps.items())


def replica_starts(logs: Path) -> list[str]:
    """Return what each deployment's newest replica says of its start, from the logs of a Serve session."""
    newest: dict[str, tuple[float, str]] = {}
    for path in logs.glob("replica_*.log"):
        named = _REPLICA.match(path.name)
        found = _STARTED.findall(path.read_text(errors="replace"))
        if named is None or not found:
            continue
        deployment, at = named["deployment"], path.stat().st_mtime
        newest[deployment] = max(newest.get(deployment, (0.0, "")), (at, found[-1]))
    return [f"{deployment} {words}" for deployment, (_, words) in sorted(newest.items())]
