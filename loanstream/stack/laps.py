"""What a start's seconds went into: the laps of a step, and what Serve's replicas log of their own starts."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from loanstream.stack.steps import StepPart

# As `serve_app.replicas.started` writes it into the replica's log.
_STARTED = re.compile(r"started in (?P<seconds>[\d.]+) s: (?P<parts>.*)$", re.MULTILINE)
_REPLICA = re.compile(r"replica_[^_]+_(?P<deployment>.+)_[^_]+\.log$")


class Laps:
    """Seconds of one part after the other."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at = clock()
        self._laps: dict[str, float] = {}

    def lap(self, title: str) -> None:
        """End a part here."""
        now = self._clock()
        self._laps[title] = self._laps.get(title, 0.0) + now - self._at
        self._at = now

    def parts(self) -> tuple[StepPart, ...]:
        """Return the parts that have ended, in their order."""
        return tuple(StepPart(title, seconds) for title, seconds in self._laps.items())


def replica_starts(logs: Path) -> tuple[StepPart, ...]:
    """Return what each deployment's newest replica says of its start, from the logs of a Serve session."""
    newest: dict[str, tuple[float, StepPart]] = {}
    for path in logs.glob("replica_*.log"):
        named = _REPLICA.match(path.name)
        found = list(_STARTED.finditer(path.read_text(errors="replace")))
        if named is None or not found:
            continue
        deployment, at = named["deployment"], path.stat().st_mtime
        if deployment not in newest or at > newest[deployment][0]:
            part = StepPart(f"replica of {deployment}", float(found[-1]["seconds"]), found[-1]["parts"])
            newest[deployment] = at, part
    return tuple(part for _, (_, part) in sorted(newest.items()))
