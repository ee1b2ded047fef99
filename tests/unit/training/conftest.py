"""Small tables for the tests of training."""

from pathlib import Path

import pytest

from training.data.generation.generate import generate


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all seven tables of 700 clients."""
    folder = tmp_path_factory.mktemp("tables")
    generate(folder, 600, 100, seed=3)
    return folder
