"""The summary of a run, as a file and as a person sees it."""

from __future__ import annotations

import json
from pathlib import Path

from loanstream.demo.summary import Summary, write_summary

SUMMARY = Summary(1000, 997, 2, 800, 150, 47, 512.34, 80, 410)


def test_the_summary_has_the_promised_keys(tmp_path: Path) -> None:
    """The JSON has exactly the keys that issue and README promise, and leaves no partial file."""
    path = tmp_path / "summary.json"
    write_summary(path, SUMMARY)
    keys = "applications_in decisions dead_letters approve refer decline decisions_per_s p50_ms p99_ms"
    assert list(json.loads(path.read_text())) == keys.split()
    assert [entry.name for entry in tmp_path.iterdir()] == ["summary.json"]


def test_undecided_applications_are_counted() -> None:
    """What is neither decided nor dead is undecided."""
    assert SUMMARY.undecided == 1
