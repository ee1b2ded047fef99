"""Tables that the training tests share; none of them changes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.redis import redis_server, redis_url
from training.data.generation.generate import generate

__all__ = ["redis_server", "redis_url", "tables"]


@pytest.fixture(scope="package")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All seven tables, small."""
    folder = tmp_path_factory.mktemp("tables")
    generate(folder, 2_000, 300, seed=1)
    return folder
