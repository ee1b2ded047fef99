"""Tables that a test may damage."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def folder(tables: Path, tmp_path: Path) -> Path:
    """A copy of the tables that a test may damage."""
    return Path(shutil.copytree(tables, tmp_path / "data"))
