"""The MLflow registry: runs, versions, and which of them decides."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from credit.errors import DependencyUnavailable, ModelNotFound
from credit.manifest import ModelManifest
from registered_model.manifest_file import read_manifest
from registered_model.version_history import promotion_tags
from training.registry.mlflow_client import MlflowClient, MlflowVersion

CHAMPION, CHALLENGER = "champion", "challenger"
EXPERIMENT = "loanstream"
MODEL_PATH = "model"
CARD_PATH = "card"
_TEXT_LIMIT = 500
# How MLflow says that a model, and that an alias of a model, is not there.
_NOT_THERE = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


@dataclass(frozen=True)
class ModelVersion:
    """One registered version, as lists show it."""

    name: str
    version: str
    aliases: tuple[str, ...]
    digest: str
    run_id: str
    created_ms: int
    metrics: dict[str, float]
    tags: dict[str, str]


class Registry:
    """Runs and model versions of one MLflow store.

    artifact_root: where artifacts go; by default a folder beside a SQLite file, and the server's own choice otherwise.
    """

    def __init__(self, tracking_uri: str, artifact_root: Path | None = None) -> None:
        self.tracking_uri = tracking_uri
        self._root = artifact_root if artifact_root is not None else artifacts_beside(tracking_uri)
        self._client: MlflowClient | None = None

    @property
    def client(self) -> MlflowClient:
        """MLflow's client; raises DependencyUnavailable where the store cannot be opened."""
        if self._client is None:
            import mlflow
            from sqlalchemy.exc import SQLAlchemyError

            logging.getLogger("alembic").setLevel(logging.WARNING)
            logging.getLogger("mlflow").setLevel(logging.WARNING)
            if self._root is not None:
                self._root.mkdir(parents=True, exist_ok=True)
            try:
                mlflow.set_tracking_uri(self.tracking_uri)
                client: MlflowClient = mlflow.MlflowClient(tracking_uri=self.tracking_uri)
                client.get_experiment_by_name(EXPERIMENT)
            except (mlflow.exceptions.MlflowException, SQLAlchemyError, OSError) as error:
                reason = str(error).strip().splitlines()[0][:200]
                raise DependencyUnavailable(
                    f"the MLflow store {self.tracking_uri} cannot be opened ({reason}): check MLFLOW_TRACKING_URI"
                ) from None
            self._client = client
        return self._client

    def start_run(self, name: str, *, parent: str | None = None, tags: Mapping[str, str] | None = None) -> str:
        """Start a run in the project's experiment and return its id; `parent` makes it a nested one."""
        experiment = self.client.get_experiment_by_name(EXPERIMENT)
        if experiment is None:
            location = self._root.resolve().as_uri() if self._root is not None else None
            experiment_id = self.client.create_experiment(EXPERIMENT, artifact_location=location)
        else:
            experiment_id = experiment.experiment_id
        marks = {"mlflow.runName": name, **(tags or {})}
        if parent is not None:
            marks["mlflow.parentRunId"] = parent
        return str(self.client.create_run(experiment_id, tags=marks).info.run_id)

    def log(self, run_id: str, params: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
        """Log parameters and metrics, the latter but for those that are not numbers."""
        from mlflow.entities import Metric, Param

        numbers = [Metric(k, float(v), 0, 0) for k, v in metrics.items() if v == v]  # noqa: PLR0124 - NaN is not itself
        texts = [Param(k, str(v)[:_TEXT_LIMIT]) for k, v in params.items()]
        for start in range(0, max(len(numbers), len(texts)), 100):
            self.client.log_batch(run_id, metrics=numbers[start : start + 100], params=texts[start : start + 100])

    def end_run(self, run_id: str) -> None:
        """Mark a run as finished."""
        self.client.set_terminated(run_id, "FINISHED")

    def discard_run(self, run_id: str) -> None:
        """Mark a run as failed and delete it, so that nothing half-written is listed."""
        self.client.set_terminated(run_id, "FAILED")
        self.client.delete_run(run_id)

    def register(self, run_id: str, folder: Path, manifest: ModelManifest) -> ModelVersion:
        """Store the model's folder with the run and register it: the first version decides, later ones challenge."""
        from mlflow.exceptions import MlflowException

        self.client.log_artifacts(run_id, str(folder), MODEL_PATH)
        try:
            self.client.create_registered_model(manifest.name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        tags = {"digest": manifest.digest, "catalog_hash": manifest.catalog_hash, "data_digest": manifest.data_digest}
        created = self.client.create_model_version(
            manifest.name, f"runs:/{run_id}/{MODEL_PATH}", run_id=run_id, tags=tags
        )
        alias = CHALLENGER if self._version_of(manifest.name, CHAMPION) else CHAMPION
        self.client.set_registered_model_alias(manifest.name, alias, str(created.version))
        if alias == CHAMPION:
            self.tag(manifest.name, str(created.version), promotion_tags())
        return self.get(manifest.name, str(created.version))

    def list_models(self, name: str) -> list[ModelVersion]:
        """Return all versions of a model, newest first; empty where there is none."""
        found = self.client.search_model_versions(f"name = '{name}'")
        aliases = self._aliases(name) if found else {}
        return sorted((self._describe(v, aliases) for v in found), key=lambda v: -int(v.version))

    def get(self, name: str, which: str) -> ModelVersion:
        """Return the version under an alias or a number; raises ModelNotFound."""
        from mlflow.exceptions import MlflowException

        number = which if which.isdigit() else self._version_of(name, which)
        try:
            if number is None:
                raise ModelNotFound(f"{name} has no version under the alias {which}: run `loanstream train` first")
            return self._describe(self.client.get_model_version(name, number), self._aliases(name))
        except MlflowException:
            raise ModelNotFound(f"{name} has no version {which}: see `loanstream models`") from None

    def download(self, name: str, which: str = CHAMPION, *, catalog_hash: str | None = None) -> Path:
        """Return a local folder with the files of a version; raises ModelNotFound or ModelRefused."""
        import mlflow
        from mlflow.exceptions import MlflowException

        found = self.get(name, which)
        try:
            uri = f"models:/{name}/{found.version}"
            folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, tracking_uri=self.tracking_uri))
        except (MlflowException, OSError) as error:
            reason = str(error).strip().splitlines()[0][:200]
            raise DependencyUnavailable(f"version {found.version} of {name} cannot be fetched: {reason}") from None
        read_manifest(folder, catalog_hash)
        return folder

    def log_folder(self, run_id: str, folder: Path, path: str) -> None:
        """Store a folder's files with a run, under `path`."""
        self.client.log_artifacts(run_id, str(folder), path)

    def card(self, name: str, which: str = CHAMPION, into: Path | None = None) -> Path:
        """Return a local folder with a version's model card: model_card.html, model_card.md and its figures.

        into: where to put it, a temporary folder if None. Raises ModelNotFound where the version, or its card, is not.
        """
        import mlflow
        from mlflow.exceptions import MlflowException

        found = self.get(name, which)
        try:
            uri = f"runs:/{found.run_id}/{CARD_PATH}"
            where = str(into) if into else None
            return Path(mlflow.artifacts.download_artifacts(uri, dst_path=where, tracking_uri=self.tracking_uri))
        except (MlflowException, OSError):
            raise ModelNotFound(f"version {found.version} of {name} has no model card: train it again") from None

    def set_alias(self, name: str, alias: str, version: str) -> None:
        """Let an alias name this version."""
        self.client.set_registered_model_alias(name, alias, version)

    def remove_alias(self, name: str, alias: str) -> None:
        """Take an alias away, where it is set."""
        if self._version_of(name, alias) is not None:
            self.client.delete_registered_model_alias(name, alias)

    def tag(self, name: str, version: str, tags: Mapping[str, str]) -> None:
        """Write tags on a version."""
        for key, value in tags.items():
            self.client.set_model_version_tag(name, version, key, value)

    def _aliases(self, name: str) -> dict[str, list[str]]:
        by_version: dict[str, list[str]] = {}
        for alias, version in self.client.get_registered_model(name).aliases.items():
            by_version.setdefault(str(version), []).append(alias)
        return by_version

    def _version_of(self, name: str, alias: str) -> str | None:
        from mlflow.exceptions import MlflowException

        try:
            return str(self.client.get_model_version_by_alias(name, alias).version)
        except MlflowException as error:
            # Only a registry that says so has no such alias: were one that fails taken for it, a version that nobody
            # promoted would become the champion.
            if error.error_code not in _NOT_THERE:
                raise
            return None

    def _describe(self, version: MlflowVersion, aliases: Mapping[str, list[str]]) -> ModelVersion:
        run = self.client.get_run(version.run_id)
        return ModelVersion(
            version.name,
            str(version.version),
            tuple(sorted(aliases.get(str(version.version), ()))),
            version.tags.get("digest", ""),
            version.run_id,
            int(version.creation_timestamp),
            dict(run.data.metrics),
            dict(version.tags),
        )


def artifacts_beside(tracking_uri: str) -> Path | None:
    """Return the folder of artifacts beside a SQLite file, None for any other store."""
    parsed = urlparse(tracking_uri)
    if not parsed.scheme.startswith("sqlite") or not parsed.path.lstrip("/"):
        return None
    return Path(parsed.path[1:]).parent / "artifacts"
