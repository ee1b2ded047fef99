"""References of model versions from the registry, fetched by a process of its own.

MLflow costs seconds and 200 MB to import, which a process that runs for months need not carry: `python -m
monitoring.drift.references URI NAME VERSION FOLDER` copies the two small files that matter and ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from credit.errors import LoanstreamError, ModelNotFound
from monitoring.drift.reference import Reference, bare_reference, load_reference
from registered_model.manifest_file import MANIFEST_FILE, REFERENCE_FILE

Fetch = Callable[[str, Path], None]


def fetch_model(tracking_uri: str, name: str, version: str, folder: Path) -> None:
    """Copy a registered version's manifest and reference to `folder`; `version` may be an alias such as @champion."""
    import tempfile

    import mlflow

    mlflow.set_tracking_uri(tracking_uri)
    uri = f"models:/{name}{version}" if version.startswith("@") else f"models:/{name}/{version}"
    with tempfile.TemporaryDirectory() as work:
        local = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=work))
        found = sorted(local.rglob(MANIFEST_FILE))
        if not found or not (found[0].parent / REFERENCE_FILE).is_file():
            raise ModelNotFound(f"{uri} holds no {MANIFEST_FILE} with a {REFERENCE_FILE}; train and register a model")
        part = folder.with_name(folder.name + f".{os.getpid()}.part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(found[0].parent, part)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)


def subprocess_fetch(tracking_uri: str, name: str, timeout_s: float = 180.0) -> Fetch:
    """Return a fetch that runs `fetch_model` in a process of its own; ModelNotFound where that fails."""

    def fetch(version: str, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "monitoring.drift.references", tracking_uri, name, version, str(folder)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=timeout_s)
        except subprocess.CalledProcessError as error:
            last = error.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            raise ModelNotFound(f"reference of {name} version {version}: {last[0]}") from None
        except subprocess.TimeoutExpired:
            raise ModelNotFound(f"reference of {name} version {version}: no answer in {timeout_s:.0f} s") from None

    return fetch


class RegistryReferences:
    """References by model version: kept on disk, fetched in the background, waited for, and done without at last.

    fetch: None where there is no registry; clock: seconds, monotonic.
    """

    def __init__(
        self,
        folder: Path,
        fetch: Fetch | None,
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


if __name__ == "__main__":
    try:
        fetch_model(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    except LoanstreamError as error:
        sys.exit(str(error))
