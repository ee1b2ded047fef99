"""The package's own page: its example runs, and the folder needs nothing of the project around it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import treeshap
from tests.unit.treeshap.models import train

FOLDER = Path(treeshap.__file__).parent
README = (FOLDER / "README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example_runs_as_it_stands(example: str) -> None:
    """Whoever copies the example gets what it asserts."""
    assert "assert" in example
    exec(compile(example, "README.md", "exec"), {"__name__": "example"})


def test_there_is_an_example() -> None:
    """The page shows how to begin."""
    assert len(EXAMPLES) == 1


def test_every_file_is_listed() -> None:
    """A newcomer finds each file's purpose on the page."""
    told = set(re.findall(r"`(\w+\.py)`", README))
    assert told >= {path.name for path in FOLDER.glob("*.py")} - {"__init__.py", "errors.py"}


def test_the_folder_alone_reads_a_model(tmp_path: Path) -> None:
    """A copy of the folder, away from this project, reads a model without any module of ours."""
    shutil.copytree(FOLDER, tmp_path / "treeshap", ignore=shutil.ignore_patterns("__pycache__"))
    X = np.random.default_rng(0).normal(size=(100, 3))
    train(X, X[:, 0] * X[:, 1], 5, num_leaves=7).save_model(tmp_path / "model.txt")
    code = """
import pathlib, sys
from treeshap import TreeShap
print(TreeShap(pathlib.Path("model.txt").read_text()).n_trees, pathlib.Path(sys.modules["treeshap"].__file__).parent)
print(sorted({"credit", "serve_app", "training", "streaming", "monitoring", "loanstream"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert done.stdout.split("\n")[:2] == [f"5 {tmp_path / 'treeshap'}", "[]"]
