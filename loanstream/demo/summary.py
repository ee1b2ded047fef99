"""The summary at the end of a run: counted by reading the topics back, printed and written as JSON."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from credit.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did; counts are records of the topics, latencies from submission to a reader of decisions."""

    applications_in: int
    decisions: int
    dead_letters: int
    approve: int
    refer: int
    decline: int
    decisions_per_s: float
    p50_ms: int | None
    p99_ms: int | None

    @property
    def undecided(self) -> int:
        """Applications without a decision or dead letter: 0 unless the end came before the stream was drained."""
        return self.applications_in - self.decisions - self.dead_letters

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


def check_writable(path: Path) -> None:
    """Raise SettingsError where a summary could not be written to `path`: better before a run than after it."""
    folder = path.absolute().parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise SettingsError(f"--summary {path} cannot be written; name a file in a folder that exists")


def write_summary(path: Path, summary: Summary) -> None:
    """Write the summary as JSON, whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(summary.as_json())
    part.replace(path)
