"""Where artifacts go; the registry itself is tested with real MLflow."""

from pathlib import Path

import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import TEMPORARILY_UNAVAILABLE

from training.registry.registry import Registry, artifacts_beside


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("sqlite:////var/lib/loanstream/mlflow.db", Path("/var/lib/loanstream/artifacts")),
        ("sqlite:///mlflow.db", Path("artifacts")),
        ("sqlite://", None),
        ("http://mlflow:5000", None),
        ("postgresql://user@host/mlflow", None),
    ],
)
def test_artifacts_lie_beside_a_file_and_where_a_server_says_else(uri: str, folder: Path | None) -> None:
    """A home that is moved takes its models with it."""
    assert artifacts_beside(uri) == folder


def test_a_registry_touches_nothing_until_it_is_asked(tmp_path: Path) -> None:
    """Neither a file nor MLflow's import, which takes seconds."""
    Registry(f"sqlite:///{tmp_path}/mlflow.db")
    assert list(tmp_path.iterdir()) == []


class AwayMlflow:
    """An MLflow client whose store fails."""

    def get_model_version_by_alias(self, name: str, alias: str) -> object:
        raise MlflowException("database is locked", error_code=TEMPORARILY_UNAVAILABLE)


def test_a_store_that_fails_is_not_taken_for_one_without_a_champion() -> None:
    """It would make a champion of a version that nobody promoted."""
    registry = Registry("sqlite://")
    registry._client = AwayMlflow()  # type: ignore[assignment]
    with pytest.raises(MlflowException, match="locked"):
        registry.get("loanstream", "champion")
