"""Compiling once, keeping the code, and what importing costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from treeshap import compiled


def run(code: str, **environment: str) -> str:
    """Run code in a fresh interpreter and return what it prints."""
    root = Path(__file__).parents[3]
    environment = {"PATH": "", "PYTHONPATH": str(root), **environment}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_importing_costs_nothing_and_writes_nothing(tmp_path: Path) -> None:
    """Importing TreeShap and loading a model imports no Numba, compiles nothing and makes no folder."""
    code = "import sys, treeshap; print('numba' in sys.modules, 'lightgbm' in sys.modules)"
    assert run(code, HOME=str(tmp_path), NUMBA_CACHE_DIR=str(tmp_path / "cache")) == "False False"
    assert list(tmp_path.iterdir()) == []


def test_a_cache_folder_is_used_again(booster: Any, tmp_path: Path) -> None:
    """Kernels compiled once are read from the given folder by the next process, and Numba's setting is left alone."""
    model = tmp_path / "model.txt"
    booster.save_model(model)
    code = f"""
import pathlib, numba
from treeshap import TreeShap, UnsupportedModel, compiled
before = numba.config.CACHE_DIR
shap = TreeShap(pathlib.Path({str(model)!r}).read_text(), cache_dir=pathlib.Path({str(tmp_path / "cache")!r}))
shap.warm()
stats = compiled.kernels().contributions.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()), numba.config.CACHE_DIR == before)
"""
    assert run(code, HOME=str(tmp_path)) == "0 1 True"
    assert run(code, HOME=str(tmp_path)) == "1 0 True"


def test_where_nothing_can_be_written_kernels_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where no folder can be written, Numba's cache stays off, which would raise, and the log says what it costs."""
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder should be")
    monkeypatch.setattr(compiled, "__file__", str(blocked / "compiled.py"))
    monkeypatch.setenv("HOME", str(blocked))
    assert compiled.cache_folder(blocked) is None
    assert "no folder can be written" in caplog.text
    assert compiled.cache_folder(tmp_path / "new") is not None
