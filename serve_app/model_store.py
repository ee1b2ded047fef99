"""Which model version decides, and how it comes into memory.

A replica holds the last two versions: the one that decides, and the one before it for micro-batches that were scored
just before a promotion and are still to be explained.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from credit.errors import DependencyUnavailable, LoanstreamError, ModelNotFound, NotReady
from serve_app.model import LoadedModel

logger = logging.getLogger(__name__)

KEPT_VERSIONS = 2
LOCAL_VERSION = "local"


class ModelSource(Protocol):
    """Where versions of the model come from."""

    def current(self) -> str:
        """Return the version that decides; raises ModelNotFound or DependencyUnavailable."""

    def folder(self, version: str) -> Path:
        """Return a local folder with that version's files."""


class MlflowSource:
    """The MLflow registry: the version under an alias, its files from the artifact store."""

    def __init__(self, tracking_uri: str, name: str, alias: str) -> None:
        self._uri, self._name, self._alias = tracking_uri, name, alias
        self._client: Any = None

    def current(self) -> str:
        from mlflow.exceptions import MlflowException

        try:
            return str(self._registry().get_model_version_by_alias(self._name, self._alias).version)
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                raise ModelNotFound(
                    f"no version of {self._name} has the alias {self._alias}: run `loanstream train` or `promote`"
                ) from None
            raise DependencyUnavailable(f"the MLflow registry does not answer: {error}") from None

    def folder(self, version: str) -> Path:
        from mlflow.artifacts import download_artifacts
        from mlflow.exceptions import MlflowException

        try:
            self._registry()
            return Path(download_artifacts(artifact_uri=f"models:/{self._name}/{version}", tracking_uri=self._uri))
        except (MlflowException, OSError) as error:
            raise DependencyUnavailable(f"version {version} of {self._name} cannot be fetched: {error}") from None

    def _registry(self) -> Any:
        if self._client is None:
            import mlflow

            mlflow.set_tracking_uri(self._uri)
            self._client = mlflow.MlflowClient(tracking_uri=self._uri)
        return self._client


class FolderSource:
    """A model's folder on this machine, for when there is no registry."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def current(self) -> str:
        return LOCAL_VERSION

    def folder(self, version: str) -> Path:
        del version
        return self._folder


class FirstAvailable:
    """The first source that has a model; one that is away is passed over with a warning."""

    def __init__(self, sources: list[ModelSource]) -> None:
        self._sources = sources
        self._owner: dict[str, ModelSource] = {}

    def current(self) -> str:
        failure: LoanstreamError | None = None
        for source in self._sources:
            try:
                version = source.current()
            except (ModelNotFound, DependencyUnavailable) as error:
                logger.warning("model source %s passed over: %s", type(source).__name__, error)
                failure = failure or error
            else:
                self._owner[version] = source
                return version
        raise failure or ModelNotFound("no model source is configured: set MLFLOW_TRACKING_URI")

    def folder(self, version: str) -> Path:
        return self._owner.get(version, self._sources[0]).folder(version)


class ModelShelf:
    """The versions that this process holds; safe to use from several threads."""

    def __init__(self, source: ModelSource, load: Callable[[Path, str], LoadedModel] = LoadedModel.load) -> None:
        self._source, self._load = source, load
        self._lock = threading.Lock()
        self._held: OrderedDict[str, LoadedModel] = OrderedDict()
        self._current: LoadedModel | None = None

    @property
    def current(self) -> LoadedModel:
        """The version that decides; raises NotReady before the first was loaded."""
        if self._current is None:
            raise NotReady("no model is loaded yet; wait until /ready answers 200")
        return self._current

    @property
    def ready(self) -> bool:
        return self._current is not None

    def refresh(self) -> bool:
        """Look at the alias; load, warm and only then take up what it names. Returns whether the version changed."""
        version = self._source.current()
        if self._current is not None and self._current.ref.version == version:
            return False
        self._current = self.get(version)
        return True

    def get(self, version: str) -> LoadedModel:
        """Return a version, loading it where this process does not hold it yet."""
        with self._lock:
            model = self._held.get(version)
            if model is None:
                model = self._load(self._source.folder(version), version)
                model.warm()
                self._held[version] = model
            self._held.move_to_end(version)
            while len(self._held) > KEPT_VERSIONS:
                self._held.popitem(last=False)
            return model
