"""Where artifacts go; the registry itself is tested with real MLflow."""

from pathlib import Path

import pytest

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
