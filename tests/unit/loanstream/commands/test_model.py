"""What `loanstream models` shows."""

from __future__ import annotations

import io

from rich.console import Console

from loanstream.commands.model import models_table
from training.fit.measures import Measures
from training.registry.registry import ModelVersion


def version(number: str, metrics: dict[str, float]) -> ModelVersion:
    return ModelVersion("loanstream", number, (), "a" * 64, "run", 0, metrics, {})


def test_the_list_shows_the_measures_that_training_logs() -> None:
    """AUC, KS, Brier score and cost of each version are there; one that a version lacks is empty, not invented."""
    measures = Measures(0.7621, 0.5242, 0.4011, 0.25, 0.0671, 0.004, 0.5333)
    printed = io.StringIO()
    Console(file=printed, width=120).print(models_table([version("2", measures.as_dict()), version("1", {})]))
    head, newest, bare = printed.getvalue().splitlines()
    assert head.split() == ["version", "alias", "trained", "AUC", "KS", "Brier", "cost"]
    assert newest.split()[-4:] == ["0.7621", "0.4011", "0.0671", "0.5333"]
    assert bare.split() == ["1", "1970-01-01", "00:00"]
