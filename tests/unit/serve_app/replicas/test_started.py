"""What a replica says of its start, as the stack reads it from Serve's log."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loanstream.stack.laps import replica_starts
from serve_app.models.shelf import ModelShelf
from serve_app.replicas.started import StartClock


class OneVersion:
    """A registry with one version."""

    def current(self) -> str:
        return "1"

    def folder(self, version: str) -> Path:
        return Path(version)


def _model(folder: Path, version: str) -> Any:
    return SimpleNamespace(warm=lambda: None, ref=SimpleNamespace(version=version))


def test_the_line_of_a_start_is_the_one_that_the_stack_reads(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Parts of the start and of the model's loading, in seconds, under the whole since the process began."""
    shelf = ModelShelf(OneVersion(), _model)
    clock = StartClock()
    shelf.refresh()
    clock.lap("graph")
    with caplog.at_level(logging.INFO, "ray.serve"):
        clock.tell(shelf)
    (tmp_path / "replica_loanstream_http_abc.log").write_text(f"INFO {caplog.messages[-1]}\n")
    (part,) = replica_starts(tmp_path)
    assert part.title == "replica of http"
    assert part.seconds > 0
    titles = re.findall(r"([a-z ]+?) [\d.]+ s", part.detail)
    assert [title.strip() for title in titles] == [
        "process and imports",
        "graph",
        "model found",
        "read",
        "kernels warmed",
    ]


def test_a_shelf_without_a_model_has_no_times() -> None:
    """Before anything was loaded there is nothing to tell."""
    assert ModelShelf(OneVersion(), _model).load_s == {}
