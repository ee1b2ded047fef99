"""One input for all tests of scoring in parts."""

from __future__ import annotations

import pytest

from tests.fixtures.score_input import ScoreInput, make_score_input


@pytest.fixture(scope="session")
def given(tmp_path_factory: pytest.TempPathFactory) -> ScoreInput:
    """Applications, history and a model."""
    return make_score_input(tmp_path_factory.mktemp("score-input"))
