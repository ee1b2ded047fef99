"""Fetches a model version's reference from the registry by a process of its own.

MLflow costs seconds and 200 MB to import, which a process that runs for months need not carry: `python -m
monitoring.drift.reference_fetch URI NAME VERSION FOLDER` copies the two small files that matter and ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from credit.errors import LoanstreamError, ModelNotFound
from registered_model.manifest_file import MANIFEST_FILE, REFERENCE_FILE

FetchReference = Callable[[str, Path], None]


def fetch_model(tracking_uri: str, name: str, version: str, folder: Path) -> None:
    """Copy a registered version's manifest and reference to `folder`; `version` may be an alias such as @champion."""
    import tempfile

    import mlflow

    mlflow.set_tracking_uri(tracking_uri)
    uri = f"models:/{name}{version}" if version.startswith("@") else f"models:/{name}/{version}"
    with tempfile.TemporaryDirectory() as download:
        local = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=download))
        found = sorted(local.rglob(MANIFEST_FILE))
        if not found or not (found[0].parent / REFERENCE_FILE).is_file():
            raise ModelNotFound(f"{uri} holds no {MANIFEST_FILE} with a {REFERENCE_FILE}; train and register a model")
        part = folder.with_name(folder.name + f".{os.getpid()}.part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(found[0].parent, part)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)


def subprocess_fetch(tracking_uri: str, name: str, timeout_s: float = 180.0) -> FetchReference:
    """Return a fetch that runs `fetch_model` in a process of its own; ModelNotFound where that fails."""

    def fetch(version: str, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "monitoring.drift.reference_fetch", tracking_uri, name, version, str(folder)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=timeout_s)
        except subprocess.CalledProcessError as error:
            last = error.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            raise ModelNotFound(f"reference of {name} version {version}: {last[0]}") from None
        except subprocess.TimeoutExpired:
            raise ModelNotFound(f"reference of {name} version {version}: no answer in {timeout_s:.0f} s") from None

    return fetch


if __name__ == "__main__":
    try:
        fetch_model(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    except LoanstreamError as error:
        sys.exit(str(error))
