"""Find a model in the first of its configured sources that has it, and say which that was."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from credit.errors import DependencyUnavailable, LoanstreamError, ModelNotFound, SettingsError
from credit.manifest import read_manifest
from training.registry import CHAMPION, Registry

logger = logging.getLogger(__name__)


class ModelSource(Protocol):
    """A place that may hold a model's folder."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def fetch(self) -> Path:
        """Return the model's folder on this machine; raises a LoanstreamError where it cannot be had."""


@dataclass(frozen=True)
class RegistrySource:
    """The version under an alias in an MLflow registry."""

    registry: Registry
    model: str
    which: str = CHAMPION

    @property
    def name(self) -> str:
        return f"registry {self.registry.tracking_uri}"

    def fetch(self) -> Path:
        return self.registry.download(self.model, self.which)


@dataclass(frozen=True)
class HubSource:
    """A Hugging Face Hub repository; needs the extra `hub`."""

    repository: str
    revision: str | None = None

    @property
    def name(self) -> str:
        return f"hub {self.repository}"

    def fetch(self) -> Path:
        try:
            from huggingface_hub import snapshot_download
        except ImportError:
            raise SettingsError("a Hub source needs the extra: pip install 'loanstream[hub]'") from None
        try:
            return Path(snapshot_download(self.repository, revision=self.revision))
        except Exception as error:  # noqa: BLE001 - the hub's client raises those of several HTTP libraries
            reason = str(error).strip().splitlines()[0][:200]
            raise DependencyUnavailable(f"{self.name} does not answer: {reason}") from None


@dataclass(frozen=True)
class FolderSource:
    """A model's folder on this machine."""

    folder: Path

    @property
    def name(self) -> str:
        return f"folder {self.folder}"

    def fetch(self) -> Path:
        if not self.folder.is_dir():
            raise ModelNotFound(f"{self.folder} is not a folder: give a model's folder")
        return self.folder


@dataclass(frozen=True)
class Found:
    """A model's folder and the source that gave it."""

    folder: Path
    source: str


def find_model(sources: Sequence[ModelSource], catalog_hash: str | None) -> Found:
    """Return the model of the first source that has one which fits this version; others are passed over with a warning.

    Raises the first source's error where none has one.
    """
    failures: list[LoanstreamError] = []
    for source in sources:
        try:
            folder = source.fetch()
            read_manifest(folder, catalog_hash)
        except LoanstreamError as error:
            logger.warning("model source %s passed over: %s", source.name, error)
            failures.append(error)
        else:
            logger.info("model taken from %s", source.name)
            return Found(folder, source.name)
    raise failures[0] if failures else ModelNotFound("no model source is configured: set MLFLOW_TRACKING_URI")
