"""The intake of a demo: a process of its own that sends a table's applications at a rate."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

from loanstream.intake.tables import count_rows
from loanstream.stack.jobs import run_job
from loanstream.stack.process import Processes
from loanstream.stack.surroundings import Place

NAME = "feed"
_DEFAULT_RATE = 200.0
_MOST_RATE = 2000.0
# All applications are sent in this part of the time, so that what is left of it shows them decided.
_SENDING_SHARE = 0.75
_IN_FLIGHT = 1000


def rate_for(total: int, seconds: float | None) -> float:
    """Return applications a second that send `total` well within `seconds`, bounded to what a small machine takes."""
    if seconds is None:
        return _DEFAULT_RATE
    return min(max(_DEFAULT_RATE, total / (_SENDING_SHARE * seconds)), _MOST_RATE)


class Feed:
    """Sends applications beside the view; `total` is how many there are, None where it begins again at the end."""

    def __init__(
        self, place: Place, processes: Processes, table: Path, rate: float, seconds: float | None, *, repeat: bool
    ) -> None:
        self._place = place
        self._processes = processes
        self._arguments = {
            "table": str(table),
            "rate": rate,
            "limit": None,
            "repeat": repeat,
            "in_flight": _IN_FLIGHT,
            "patient_s": None if seconds is None or repeat else _SENDING_SHARE * seconds,
        }
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._error: BaseException | None = None
        self.total = None if repeat else count_rows(table)
        self.sent = 0

    def start(self) -> None:
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether all was sent and acknowledged."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def check(self) -> None:
        """Raise what ended the intake early, if anything did."""
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Let the intake send what it has begun and end; raises nothing."""
        if self._thread.ident is None:
            return
        for record in self._processes.records():
            process = record.process() if record.name == NAME else None
            if process is not None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
        self._thread.join(timeout=90)

    def _run(self) -> None:
        try:
            done = run_job(self._processes, NAME, self._arguments, self._place.environment(), self._count)
            self.sent = int(done["sent"])
        except BaseException as error:  # noqa: BLE001 - `check` raises it in the thread that shows the run
            self._error = error

    def _count(self, _note: str, sent: float) -> None:
        self.sent = int(sent)
