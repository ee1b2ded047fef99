"""References of model versions: kept on disk, fetched in the background, waited for, and done without at last."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from credit.errors import LoanstreamError
from monitoring.drift.reference import Reference, bare_reference, load_reference
from monitoring.drift.reference_fetch import FetchReference


class RegistryReferences:
    """References by model version, those at hand and those that are waited for.

    fetch: None where there is no registry; clock: seconds, monotonic.
    """

    def __init__(
        self,
        folder: Path,
        fetch: FetchReference | None,
        wait_s: float,
        retry_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._fetch = folder, fetch
        self._wait_s, self._retry_s, self._clock = wait_s, retry_s, clock
        self._held: dict[str, Reference] = {}
        self._asked: dict[str, float] = {}
        self._tried: dict[str, float] = {}
        self._running: threading.Thread | None = None
        self.problem = ""

    def held(self) -> dict[str, Reference]:
        """Return the references at hand, by version."""
        return dict(self._held)

    def waiting(self) -> list[str]:
        """Return the versions that were asked for and are not at hand."""
        return [version for version in self._asked if version not in self._held]

    def get(self, version: str, names: tuple[str, ...] | None) -> Reference | None:
        """Return a version's reference, or None while it is fetched: ask again.

        names: the version's features, for the bare reference that is given once waiting was in vain; None for none.
        """
        if version in self._held:
            return self._held[version]
        now = self._clock()
        asked = self._asked.setdefault(version, now)
        path = self._folder / _file_name(version)
        if path.is_dir():
            try:
                return self._keep(version, load_reference(path, version))
            except LoanstreamError as error:
                self.problem = str(error)
                shutil.rmtree(path, ignore_errors=True)
        if self._fetch is None or now - asked >= self._wait_s:
            return None if names is None else self._keep(version, bare_reference(version, names))
        self._start(version, path, now)
        return None

    def _keep(self, version: str, reference: Reference) -> Reference:
        self._held[version] = reference
        return reference

    def _start(self, version: str, path: Path, now: float) -> None:
        busy = self._running is not None and self._running.is_alive()
        if busy or now - self._tried.get(version, -self._retry_s) < self._retry_s:
            return
        self._tried[version] = now
        self._running = threading.Thread(target=self._run, args=(version, path), name="reference", daemon=True)
        self._running.start()

    def _run(self, version: str, path: Path) -> None:
        assert self._fetch is not None
        try:
            self._fetch(version, path)
        except LoanstreamError as error:
            self.problem = str(error)


def _file_name(version: str) -> str:
    return "version-" + "".join(c if c.isalnum() or c in "._-" else "_" for c in version)
