"""Ray's edge without Ray: what a worker tells of its failures."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit import errors
from loanstream.scoring.part_scorer import ScoringJob
from loanstream.scoring.ray_data import PartActor, error_of


@pytest.mark.parametrize("kind", [errors.TableError, errors.ModelRefused, errors.DependencyUnavailable])
def test_an_error_comes_back_as_what_it_was(kind: type[errors.LoanstreamError]) -> None:
    """Class and line are what the command line shows, and whether trying again helps."""
    found = error_of(f"{kind.__name__} a line of words")
    assert (type(found), str(found)) == (kind, "a line of words")


@pytest.mark.parametrize("told", ["InvalidApplication of two arguments", "NobodyKnows what this is", "sys what"])
def test_what_cannot_be_made_again_is_still_ours(told: str) -> None:
    """An error of more than a line, and a name that is no error's, end in one line too."""
    assert type(error_of(told)) is errors.LoanstreamError


def test_a_worker_that_sees_no_folder_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage that a node does not share is told by a line, not by an actor that dies."""
    import ray

    def get(_: object) -> dict[str, bytes]:
        return {}

    monkeypatch.setattr(ray, "get", get)
    job = ScoringJob(tmp_path, tmp_path / "not-here", tmp_path, "digest", reasons=True)
    row = PartActor(job, [None], [])({"part": [3]})
    assert "give folders that all nodes share" in row["error"][0]
    assert isinstance(error_of(row["error"][0]), errors.TableError)
