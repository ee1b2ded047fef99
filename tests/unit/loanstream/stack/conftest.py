"""A home that is gone with its test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loanstream.stack.home import Home
from loanstream.stack.process import Processes


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Yield a prepared home; what runs in it is ended."""
    home = Home.at(tmp_path / "home")
    home.prepare()
    yield home
    Processes(home).stop_all()
    home.short_dir.rmdir()
