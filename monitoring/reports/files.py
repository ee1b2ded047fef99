"""The finished reports in their folder: listed, read and dropped when too many or too old."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

_DAY_S = 86_400


class ReportedColumn(BaseModel):
    """One column's PSI in a finished report; None where nothing could be compared."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    column: str
    psi: float | None


class ReportDocument(BaseModel):
    """What is read back of a finished report's JSON (`DriftTable.to_json` writes it)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    columns: tuple[ReportedColumn, ...]
    current_rows: int
    drifted: int


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A finished report: its name (files NAME.html and NAME.json), when it was written (Unix time), what it found."""

    name: str
    written_s: float
    rows: int
    drifted: int
    columns: int


@dataclass(frozen=True, slots=True)
class ReportFolder:
    """The folder of finished reports. keep: how many stay; keep_days: how old one may be."""

    path: Path
    keep: int
    keep_days: float

    @property
    def workspace(self) -> Path:
        """Evidently's workspace, beside the folder."""
        return self.path.parent / "workspace"

    def reports(self) -> list[ReportFile]:
        """Return the finished reports that can be read, newest first."""
        return [
            ReportFile(file.stem, file.stat().st_mtime, document.current_rows, document.drifted, len(document.columns))
            for file in self._newest_first()
            if (document := _read(file)) is not None
        ]

    def columns(self, name: str) -> tuple[ReportedColumn, ...]:
        """Return the columns of a report, most drifted first; none where it cannot be read."""
        document = _read(self.path / f"{name}.json")
        return () if document is None else document.columns

    def prune(self, now_s: float | None = None) -> None:
        """Delete reports too many or too old."""
        oldest = (now_s or time.time()) - self.keep_days * _DAY_S
        for place, file in enumerate(self._newest_first()):
            if place >= self.keep or file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)
                file.with_suffix(".html").unlink(missing_ok=True)

    def _newest_first(self) -> list[Path]:
        # A report's name begins with its time.
        return sorted(self.path.glob("drift-*.json"), reverse=True)


def _read(path: Path) -> ReportDocument | None:
    try:
        return ReportDocument.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
