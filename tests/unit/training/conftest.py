"""Small tables for the tests of training, and a model fitted on them; no test changes either."""

import shutil
from pathlib import Path

import pytest

from tests.unit.training.quick import QUICK
from training.data.dataset import Dataset, load_dataset
from training.data.generation.generate import generate
from training.fit.fitted import FittedModel, fit_model


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all seven tables of 700 clients."""
    folder = tmp_path_factory.mktemp("tables")
    generate(folder, 600, 100, seed=3)
    return folder


@pytest.fixture(scope="session")
def dataset(tables: Path) -> Dataset:
    """The 600 labelled rows."""
    return load_dataset(tables, QUICK)


@pytest.fixture(scope="session")
def fitted(dataset: Dataset) -> FittedModel:
    """A small model of them."""
    return fit_model(dataset, QUICK, seed=1)


@pytest.fixture
def folder(tables: Path, tmp_path: Path) -> Path:
    """A copy of the tables that a test may damage."""
    return Path(shutil.copytree(tables, tmp_path / "data"))
