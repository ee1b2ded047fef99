"""Where models come from: an MLflow registry, a Hugging Face Hub repository or a folder, in this order."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from credit.errors import DependencyUnavailable, LoanstreamError, ModelNotFound, SettingsError
from serve_app.models.registered_versions import RegisteredVersion, newest_first
from serve_app.models.shelf import VersionSource
from serve_app.models.sqlite_registry import SqliteRegistry

log = logging.getLogger(__name__)

LOCAL_VERSION = "local"
_HUB_PREFIX = "hub-"


class ModelSource(VersionSource, Protocol):
    """One of several places that may hold versions of the model."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def gave(self, version: str) -> bool:
        """Tell by its form whether a version is one of this source's, without asking it."""


class MlflowSource:
    """The MLflow registry: the version under an alias, its files from the artifact store.

    A registry in a SQLite file is read as it lies there, and MLflow imported only where that does not answer.
    """

    def __init__(self, tracking_uri: str, model: str, alias: str) -> None:
        self._uri, self._model, self._alias = tracking_uri, model, alias
        self._file = SqliteRegistry.of(tracking_uri)
        self._client: Any = None

    @property
    def name(self) -> str:
        return "MLflow registry"

    def current(self) -> str:
        version = self._current()
        if version is None:
            raise ModelNotFound(
                f"no version of {self._model} has the alias {self._alias}: run `loanstream train` or `promote`"
            )
        return version

    def _current(self) -> str | None:
        found = self._file.versions(self._model, self._alias) if self._file else None
        if found is not None:
            return found[0] if found else None
        from mlflow.exceptions import MlflowException

        try:
            return str(self._registry().get_model_version_by_alias(self._model, self._alias).version)
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise DependencyUnavailable(f"the MLflow registry does not answer: {error}") from None

    def gave(self, version: str) -> bool:
        return version.isdecimal()

    def folder(self, version: str) -> Path:
        local = self._file.folder(self._model, version) if self._file else None
        if local is not None:
            return local
        from mlflow.artifacts import download_artifacts
        from mlflow.exceptions import MlflowException

        try:
            self._registry()
            return Path(download_artifacts(artifact_uri=f"models:/{self._model}/{version}", tracking_uri=self._uri))
        except (MlflowException, OSError) as error:
            raise DependencyUnavailable(f"version {version} of {self._model} cannot be fetched: {error}") from None

    def registered(self) -> list[RegisteredVersion]:
        """Return all versions, newest first; raises DependencyUnavailable where the registry does not answer."""
        found = self._file.registered(self._model) if self._file else None
        if found is not None:
            return found
        from mlflow.exceptions import MlflowException

        try:
            client = self._registry()
            versions = list(client.search_model_versions(f"name = '{self._model}'"))
            aliases = client.get_registered_model(self._model).aliases if versions else {}
            return newest_first(
                [
                    RegisteredVersion(
                        str(one.version),
                        int(one.creation_timestamp),
                        tuple(sorted(alias for alias, of in aliases.items() if str(of) == str(one.version))),
                        dict(client.get_run(one.run_id).data.metrics) if one.run_id else {},
                        dict(one.tags),
                    )
                    for one in versions
                ]
            )
        except MlflowException as error:
            raise DependencyUnavailable(f"the MLflow registry does not answer: {error}") from None

    def _registry(self) -> Any:
        if self._client is None:
            import mlflow

            mlflow.set_tracking_uri(self._uri)
            self._client = mlflow.MlflowClient(tracking_uri=self._uri)
        return self._client


class HubSource:
    """A Hugging Face Hub repository, a version being a commit of it; needs the extra `hub`.

    repository: "owner/name" or "owner/name@revision"; endpoint: a server of the Hub's API other than
    the public one.
    """

    def __init__(self, repository: str, endpoint: str | None = None) -> None:
        self._repository, _, revision = repository.partition("@")
        self._revision = revision or None
        self._endpoint = endpoint

    @property
    def name(self) -> str:
        return f"Hub repository {self._repository}"

    def current(self) -> str:
        hub = self._hub()
        try:
            found = hub.HfApi(endpoint=self._endpoint).model_info(self._repository, revision=self._revision)
        except hub.errors.RepositoryNotFoundError:
            raise ModelNotFound(f"there is no {self.name}, or it is not open to us: set HF_TOKEN") from None
        except hub.errors.RevisionNotFoundError:
            raise ModelNotFound(f"{self.name} has no revision {self._revision}") from None
        except Exception as error:  # noqa: BLE001 - the hub's client raises those of several HTTP libraries
            raise DependencyUnavailable(f"{self.name} does not answer: {_first_line(error)}") from None
        return f"{_HUB_PREFIX}{found.sha}"

    def gave(self, version: str) -> bool:
        return version.startswith(_HUB_PREFIX)

    def folder(self, version: str) -> Path:
        hub = self._hub()
        commit = version.removeprefix(_HUB_PREFIX)
        try:
            return Path(hub.snapshot_download(self._repository, revision=commit, endpoint=self._endpoint))
        except Exception as error:  # noqa: BLE001 - as above
            raise DependencyUnavailable(f"{version} of {self.name} cannot be fetched: {_first_line(error)}") from None

    def _hub(self) -> Any:
        try:
            import huggingface_hub
            import huggingface_hub.errors
        except ImportError:
            raise SettingsError("a Hub source needs the extra: pip install 'loanstream[hub]'") from None
        return huggingface_hub


class FolderSource:
    """A model's folder on this machine, for when there is no registry."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        return f"folder {self._folder}"

    def current(self) -> str:
        if not self._folder.is_dir():
            raise ModelNotFound(f"{self._folder} is not a folder: give a model's folder")
        return LOCAL_VERSION

    def gave(self, version: str) -> bool:
        return version == LOCAL_VERSION

    def folder(self, version: str) -> Path:
        del version
        return self._folder


class FirstAvailable:
    """The first source that has a model; one that is away is passed over with a warning.

    A process that took a version from one source does not fall back behind it: when that source goes away, what is
    loaded goes on deciding. An outage of the registry must not change the model.
    """

    def __init__(self, sources: Sequence[ModelSource]) -> None:
        self._sources = sources
        self._used: ModelSource | None = None

    @property
    def name(self) -> str:
        return ", ".join(source.name for source in self._sources)

    def current(self) -> str:
        failure: LoanstreamError | None = None
        for source in self._sources:
            try:
                version = source.current()
            except (ModelNotFound, DependencyUnavailable) as error:
                failure = failure or error
                if source is self._used:
                    break
                log.warning("model source %s passed over: %s", source.name, error)
            else:
                if source is not self._used:
                    log.info("the model is taken from %s: version %s", source.name, version)
                    self._used = source
                return version
        raise failure or ModelNotFound("no model source is configured: set MLFLOW_TRACKING_URI")

    def gave(self, version: str) -> bool:
        return any(source.gave(version) for source in self._sources)

    def folder(self, version: str) -> Path:
        # Also a version that another replica decided with: its source is known by the version's form alone.
        for source in self._sources:
            if source.gave(version):
                return source.folder(version)
        raise ModelNotFound(f"version {version} is of none of the model sources: {self.name}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
