"""Starts a report now and then and collects it: the work is another process's, at low priority, with a time limit."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather

from credit.application import FloatArray
from monitoring import metrics as m
from monitoring.drift.feature_drift import MIN_ROWS
from monitoring.drift.reference import Reference, column_matrix, read_reference_table
from monitoring.metrics import MonitorMetrics, Sample
from monitoring.reports.job import ReportJob
from monitoring.reports.window_sample import WindowSample

log = logging.getLogger(__name__)
COLUMNS = 40


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A finished report: its name (files NAME.html and NAME.json), when it was made (Unix time), what it found."""

    name: str
    made_s: float
    rows: int
    drifted: int
    columns: int


class ReportRunner:
    """Makes one report at a time; `poll` is called often and returns at once.

    command: the program that makes a report of a folder; it is a parameter so that tests can let it fail or hang.
    """

    def __init__(
        self,
        folder: Path,
        sample: WindowSample,
        metrics: MonitorMetrics,
        every_s: float,
        rows: int,
        keep: int,
        keep_days: float,
        timeout_s: float,
        command: Sequence[str] = (sys.executable, "-m", "monitoring.reports.job"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder, self.workspace = folder, folder.parent / "workspace"
        self._sample, self._metrics, self._every_s, self._rows = sample, metrics, every_s, rows
        self._keep, self._keep_days, self._timeout_s = keep, keep_days, timeout_s
        self._command, self._clock = tuple(command), clock
        self._child: subprocess.Popen[bytes] | None = None
        # In the monitor's own folder and emptied here: what a killed monitor leaves behind is gone at its next start.
        self._works = folder.parent / "report-work"
        shutil.rmtree(self._works, ignore_errors=True)
        self._work: Path | None = None
        self._started = self._next = clock()

    def poll(self, reference: Reference | None) -> None:
        """Collect a finished report, give up one that takes too long, and start one when it is time."""
        if self._child is not None:
            self._collect(self._child)
        elif self._every_s and reference is not None and self._clock() >= self._next:
            self._start(reference)

    def stop(self) -> None:
        """Give up a report under way."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._done()

    def _start(self, reference: Reference) -> None:
        version, names, rows = self._sample.rows()
        if reference.folder is None or version != reference.version or len(rows) < MIN_ROWS:
            return
        self._works.mkdir(parents=True, exist_ok=True)
        self._work = Path(tempfile.mkdtemp(dir=self._works))
        table = read_reference_table(reference.folder)
        old = column_matrix(table, names)
        if len(old) > self._rows:
            old = old[np.random.default_rng(0).choice(len(old), self._rows, replace=False)]
        _write(self._work / "reference.arrow", names, old)
        _write(self._work / "current.arrow", names, rows)
        name = f"drift-{datetime.now(UTC):%Y%m%dT%H%M%S}-v{version}"
        ReportJob(name, version, str(self.folder), str(self.workspace), COLUMNS, self._keep, self._keep_days).write(
            self._work
        )
        env = os.environ | {"DO_NOT_TRACK": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        with (self._work / "log").open("wb") as output:
            self._child = subprocess.Popen(
                ["nice", "-n", "15", *self._command, str(self._work)], stdout=output, stderr=output, env=env
            )
        self._started = self._clock()
        self._next = self._started + self._every_s

    def _collect(self, child: subprocess.Popen[bytes]) -> None:
        code = child.poll()
        if code is None and self._clock() - self._started < self._timeout_s:
            return
        if code is None:
            child.kill()
            child.wait()
        if code == 0:
            self._metrics.last_report.set(time.time())
            found = self.reports()
            if found:
                self._publish(found[0])
        else:
            assert self._work is not None
            last = (self._work / "log").read_text(errors="replace").strip().splitlines()[-1:]
            log.warning(
                "a drift report %s: %s", "took too long" if code is None else "failed", *(last or ["no message"])
            )
            self._metrics.report_failures.inc()
        self._done()
        self.prune()

    def _done(self) -> None:
        self._child = None
        if self._work is not None:
            shutil.rmtree(self._work, ignore_errors=True)
            self._work = None

    def _publish(self, report: ReportFile) -> None:
        document = _read(self.folder / f"{report.name}.json")
        samples: list[Sample] = [
            ({"column": column["column"]}, float(column["psi"]))
            for column in document.get("columns", [])[:COLUMNS]
            if column["psi"] is not None
        ]
        self._metrics.computed.replace("evidently", {m.EVIDENTLY: samples})

    def reports(self) -> list[ReportFile]:
        """Return the finished reports, newest first."""
        found = []
        for file in sorted(self.folder.glob("drift-*.json"), reverse=True):
            document = _read(file)
            if document:
                count = len(document["columns"])
                found.append(
                    ReportFile(file.stem, file.stat().st_mtime, document["current_rows"], document["drifted"], count)
                )
        return found

    def prune(self, now_s: float | None = None) -> None:
        """Delete reports too many or too old."""
        oldest = (now_s or time.time()) - self._keep_days * 86400
        for place, file in enumerate(sorted(self.folder.glob("drift-*.json"), reverse=True)):
            if place >= self._keep or file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)
                file.with_suffix(".html").unlink(missing_ok=True)


def _write(path: Path, names: tuple[str, ...], rows: FloatArray) -> None:
    table = pa.table({name: rows[:, i] for i, name in enumerate(names)})
    pa.feather.write_feather(table, str(path))


def _read(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return document
