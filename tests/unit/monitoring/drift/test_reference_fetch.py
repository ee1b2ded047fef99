"""Fetching a reference by a process of its own; the registry itself is met in an integration test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from credit.errors import ModelNotFound
from monitoring.drift.reference_fetch import subprocess_fetch


def test_a_registry_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    """A fetch longer than its time ends in one line with model and version."""
    fetch = subprocess_fetch("sqlite:///unused.db", "loanstream", timeout_s=0.01)
    with pytest.raises(ModelNotFound, match="reference of loanstream version 7: no answer"):
        fetch("7", tmp_path / "references" / "version-7")


def test_a_failing_fetch_says_its_last_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process says last is the reason: here that there is no mlflow to import."""
    (tmp_path / "mlflow.py").write_text("raise ImportError('mlflow is not here')\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]))
    with pytest.raises(ModelNotFound, match="mlflow is not here"):
        subprocess_fetch("sqlite:///unused.db", "loanstream")("7", tmp_path / "version-7")
