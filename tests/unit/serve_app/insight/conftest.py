"""Views of a small model; no test changes its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from serve_app.insight.model_view import ModelView
from serve_app.models.loaded_model import LoadedModel
from tests.fixtures.told_model import write_reference, write_told_model


@pytest.fixture(scope="session")
def told_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_told_model(tmp_path_factory.mktemp("told"))


@pytest.fixture(scope="session")
def old_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model's folder as an older version wrote it."""
    return write_reference(tmp_path_factory.mktemp("old"))


@pytest.fixture
def view(told_folder: Path) -> ModelView:
    return ModelView(LoadedModel.load(told_folder, "3"))


@pytest.fixture
def old_view(old_folder: Path) -> ModelView:
    return ModelView(LoadedModel.load(old_folder, "2"))
