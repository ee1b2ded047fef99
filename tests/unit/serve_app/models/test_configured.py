"""The sources that settings name."""

from __future__ import annotations

from pathlib import Path

from serve_app.models.configured import challenger_version, champion_source
from serve_app.settings import ServingSettings


def test_the_registry_comes_first_and_the_folder_last(tmp_path: Path) -> None:
    """What is not set is not asked."""
    settings = ServingSettings(tracking_uri=f"sqlite:///{tmp_path}/none.db")
    assert champion_source(settings).name == "MLflow registry"
    more = settings.model_copy(update={"model_hub": "bank/credit", "model_folder": tmp_path})
    assert champion_source(more).name == f"MLflow registry, Hub repository bank/credit, folder {tmp_path}"


def test_without_a_challenger_there_is_no_version(tmp_path: Path) -> None:
    """A registry that knows no challenger is not an error."""
    settings = ServingSettings(tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
    assert challenger_version(settings) is None
