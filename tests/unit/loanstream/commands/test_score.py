"""`loanstream score`: a folder as output goes part by part, and Ray is asked only where it is named."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from loanstream.cli import app
from loanstream.scoring import ray_data
from loanstream.scoring.part_scorer import PartRunner, score_here
from tests.fixtures.score_input import make_score_input


def test_a_folder_goes_part_by_part_and_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run says what was there; with RAY_ADDRESS the cluster's workers are taken, as many as are set."""
    from training.registry.registry import Registry

    given = make_score_input(tmp_path)
    asked = []

    def on_ray(address: str, workers: int) -> PartRunner:
        asked.append((address, workers))
        return score_here

    monkeypatch.setattr(ray_data, "on_ray", on_ray)
    monkeypatch.setattr(Registry, "download", lambda *_: given.model)
    monkeypatch.setenv("LOANSTREAM_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    command = ["score", str(given.file), "--out", str(tmp_path / "out")]
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 0, first.output
    assert "400 clients" in first.output
    assert asked == []
    monkeypatch.setenv("RAY_ADDRESS", "head:6379")
    monkeypatch.setenv("LOANSTREAM_BATCH_WORKERS", "3")
    second = CliRunner().invoke(app, command)
    assert "1 of its 1 parts were there already" in second.output
    assert asked == [("head:6379", 3)]
    third = CliRunner().invoke(app, ["score", str(given.file), "--out", str(tmp_path / "out.parquet")])
    assert third.exit_code == 0, third.output
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 400
    assert not (tmp_path / ".out.parquet.parts").exists()
