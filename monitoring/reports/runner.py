"""Starts a report now and then and collects it: it is made by another process, at low priority, with a time limit."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather

from credit.application import FloatArray
from monitoring import metrics as m
from monitoring.drift.feature_drift import MIN_ROWS
from monitoring.drift.reference import Reference
from monitoring.exposition import GaugeSample, MonitorMetrics
from monitoring.reports.files import ReportFile, ReportFolder
from monitoring.reports.job import ReportJob
from monitoring.reports.window_sample import WindowSample
from registered_model.reference_sample import column_matrix, read_reference_table

log = logging.getLogger(__name__)
COLUMNS = 40


class ReportRunner:
    """Makes one report at a time; `poll` is called often and returns at once.

    command: the program that makes a report of a folder; it is a parameter so that tests can let it fail or hang.
    """

    def __init__(
        self,
        folder: ReportFolder,
        sample: WindowSample,
        metrics: MonitorMetrics,
        every_s: float,
        rows: int,
        timeout_s: float,
        command: Sequence[str] = (sys.executable, "-m", "monitoring.reports.job"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._timeout_s = folder, timeout_s
        self._sample, self._metrics, self._every_s, self._rows = sample, metrics, every_s, rows
        self._command, self._clock = tuple(command), clock
        self._child: subprocess.Popen[bytes] | None = None
        # In the monitor's own folder and emptied here: what a killed monitor leaves behind is gone at its next start.
        self._jobs = folder.path.parent / "report-jobs"
        shutil.rmtree(self._jobs, ignore_errors=True)
        self._job: Path | None = None
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
        self._jobs.mkdir(parents=True, exist_ok=True)
        self._job = Path(tempfile.mkdtemp(dir=self._jobs))
        table = read_reference_table(reference.folder)
        old = column_matrix(table, names)
        if len(old) > self._rows:
            old = old[np.random.default_rng(0).choice(len(old), self._rows, replace=False)]
        _write(self._job / "reference.arrow", names, old)
        _write(self._job / "current.arrow", names, rows)
        name = f"drift-{datetime.now(UTC):%Y%m%dT%H%M%S}-v{version}"
        folder = self._folder
        ReportJob(name, version, str(folder.path), str(folder.workspace), COLUMNS, folder.keep, folder.keep_days).write(
            self._job
        )
        env = os.environ | {"DO_NOT_TRACK": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        with (self._job / "log").open("wb") as output:
            self._child = subprocess.Popen(
                ["nice", "-n", "15", *self._command, str(self._job)], stdout=output, stderr=output, env=env
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
            found = self._folder.reports()
            if found:
                self._publish(found[0])
        else:
            assert self._job is not None
            last = (self._job / "log").read_text(errors="replace").strip().splitlines()[-1:]
            log.warning(
                "a drift report %s: %s", "took too long" if code is None else "failed", *(last or ["no message"])
            )
            self._metrics.report_failures.inc()
        self._done()
        self._folder.prune()

    def _done(self) -> None:
        self._child = None
        if self._job is not None:
            shutil.rmtree(self._job, ignore_errors=True)
            self._job = None

    def _publish(self, report: ReportFile) -> None:
        samples: list[GaugeSample] = [
            ({"column": column.column}, column.psi)
            for column in self._folder.columns(report.name)[:COLUMNS]
            if column.psi is not None
        ]
        self._metrics.computed.replace("evidently", {m.EVIDENTLY: samples})


def _write(path: Path, names: tuple[str, ...], rows: FloatArray) -> None:
    table = pa.table({name: rows[:, i] for i, name in enumerate(names)})
    pa.feather.write_feather(table, str(path))
