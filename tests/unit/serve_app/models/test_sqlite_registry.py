"""A registry on SQLite, read as it lies: what MLflow itself answers, or a word that MLflow is to be asked."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from credit.errors import ModelNotFound
from serve_app.models.sources import MlflowSource
from serve_app.models.sqlite_registry import SqliteRegistry, local_path

MODEL = "loanstream"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A registry made by MLflow: version 1 of a run's artifacts, alias champion."""
    import mlflow

    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)
    experiment = client.create_experiment("training", artifact_location=str(tmp_path / "mlruns"))
    run = client.create_run(experiment)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "manifest.json").write_text("{}")
    client.log_artifacts(run.info.run_id, str(tmp_path / "model"), "model")
    client.create_registered_model(MODEL)
    client.create_model_version(MODEL, f"runs:/{run.info.run_id}/model", run.info.run_id)
    client.set_registered_model_alias(MODEL, "champion", "1")
    return tmp_path / "mlflow.db"


def test_it_answers_what_mlflow_answers(registry: Path) -> None:
    """The version under the alias, and a folder that holds the version's files."""
    read = SqliteRegistry.of(f"sqlite:///{registry}")
    assert read is not None
    assert read.versions(MODEL, "champion") == ["1"]
    assert read.versions(MODEL, "challenger") == []
    folder = read.folder(MODEL, "1")
    assert folder is not None
    assert (folder / "manifest.json").is_file()
    assert read.folder(MODEL, "2") is None


def test_all_versions_are_listed_as_mlflow_lists_them(registry: Path) -> None:
    """Read from the file or asked of MLflow: the same versions, aliases, figures and tags, newest first."""
    import mlflow

    uri = f"sqlite:///{registry}"
    client = mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)
    run = client.get_model_version(MODEL, "1").run_id
    client.log_metric(run, "auc", 0.75)
    client.log_metric(run, "cost", float("nan"))
    client.set_model_version_tag(MODEL, "1", "digest", "d1")
    client.create_model_version(MODEL, f"runs:/{run}/model")
    client.set_registered_model_alias(MODEL, "challenger", "2")
    read = SqliteRegistry(registry).registered(MODEL)
    assert read is not None
    assert [one.version for one in read] == ["2", "1"]
    assert (read[0].aliases, read[0].figures, read[0].tags) == (("challenger",), {}, {})
    assert (read[1].aliases, read[1].figures, read[1].tags) == (("champion",), {"auc": 0.75}, {"digest": "d1"})
    source = MlflowSource(uri, MODEL, "champion")
    assert source.registered() == read
    source._file = None  # as with any registry that is no file
    asked = source.registered()
    assert [(one.version, one.created_ms, one.aliases, one.tags) for one in asked] == [
        (one.version, one.created_ms, one.aliases, one.tags) for one in read
    ]
    assert asked[1].figures["auc"] == 0.75
    assert MlflowSource(uri, "another", "champion").registered() == []


def test_a_source_on_it_leaves_mlflow_alone(registry: Path) -> None:
    """In a process of its own: version and folder are found, and MLflow is not imported."""
    code = (
        "import sys; from serve_app.models.sources import MlflowSource;"
        f"s = MlflowSource('sqlite:///{registry}', '{MODEL}', 'champion');"
        "print((s.folder(s.current()) / 'manifest.json').is_file(), 'mlflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_an_alias_that_is_not_set_is_no_version(registry: Path) -> None:
    """The error says what to run, as it does where MLflow was asked."""
    with pytest.raises(ModelNotFound, match="loanstream train"):
        MlflowSource(f"sqlite:///{registry}", MODEL, "challenger").current()


@pytest.mark.parametrize("content", ["nothing", "other tables", "no file"])
def test_what_is_not_as_expected_is_left_to_mlflow(tmp_path: Path, content: str) -> None:
    """No file, no tables, or other ones: None, and nothing is made or written."""
    file = tmp_path / "mlflow.db"
    if content != "no file":
        file.touch()
    if content == "other tables":
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE registered_model_aliases (something TEXT)")
    read = SqliteRegistry(file)
    assert read.versions(MODEL, "champion") is None
    assert read.folder(MODEL, "1") is None
    assert read.registered(MODEL) is None
    assert file.exists() == (content != "no file")


def test_a_name_in_two_workspaces_is_left_to_mlflow(registry: Path) -> None:
    """Which of them is meant, MLflow knows."""
    with sqlite3.connect(registry) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(
            "INSERT INTO registered_model_aliases (alias, version, name, workspace) VALUES ('champion', 9, ?, 'other')",
            (MODEL,),
        )
    assert SqliteRegistry(registry).versions(MODEL, "champion") is None


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("/a/b", Path("/a/b")),
        ("file:///a/b%20c", Path("/a/b c")),
        ("s3://bucket/a", None),
        ("file://elsewhere/a", None),
        ("relative/a", None),
    ],
)
def test_only_paths_of_this_machine_are_local(uri: str, path: Path | None) -> None:
    """What is elsewhere, or relative to a folder that is not known, is not read directly."""
    assert local_path(uri) == path


@pytest.mark.parametrize("uri", ["http://mlflow:5000", "postgresql://mlflow@db/mlflow", "sqlite://", "sqlite:///"])
def test_other_registries_are_left_to_mlflow(uri: str) -> None:
    """Only a file is read directly."""
    assert SqliteRegistry.of(uri) is None
