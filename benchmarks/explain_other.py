"""fasttreeshap in an environment of its own: it needs an older numpy than the project has.

This file is run by that environment's Python, so that it imports nothing of the project. The parent writes a line
`FIRST COUNT COLD` for each call and reads the seconds of CPU that it took.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


class Elsewhere:
    """A contender in another process; called like the others, but it measures itself.

    python: of an environment with fasttreeshap; model: LightGBM text; X: float64[n, f], whose slices are asked for.
    """

    def __init__(self, python: Path, model: Path, X: Any) -> None:
        import numpy as np

        self._keys = {row.tobytes(): i for i, row in reversed(list(enumerate(X)))}
        with tempfile.TemporaryDirectory() as folder:
            rows = Path(folder) / "rows.npy"
            np.save(rows, X)
            self._child = subprocess.Popen(
                [str(python), __file__, str(model), str(rows)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            if self._answer() != "ready":
                raise RuntimeError(f"{python} cannot explain this model by fasttreeshap: see {__file__}")

    def __call__(self, x: Any) -> float:
        return self.seconds(x)

    def seconds(self, x: Any, *, cold: bool = False) -> float:
        """Explain the rows of `x` there and return the thread's CPU seconds."""
        assert self._child.stdin is not None
        self._child.stdin.write(f"{self._keys[x[0].tobytes()]} {len(x)} {int(cold)}\n")
        self._child.stdin.flush()
        return float(self._answer())

    def _answer(self) -> str:
        assert self._child.stdout is not None
        line = self._child.stdout.readline().strip()
        if not line:
            raise RuntimeError("fasttreeshap's process ended")
        return line


def serve(model: str, rows: str) -> None:
    """Answer the parent's lines until it closes them."""
    # LightGBM writes its warnings to standard output, which is the parent's.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    import fasttreeshap  # type: ignore[import-not-found]
    import lightgbm
    import numpy as np

    booster = lightgbm.Booster(model_file=model)
    booster.params["objective"] = "binary"  # it looks there, and a model from a file has none
    X, buffer = np.load(rows), np.zeros(1 << 24)
    explainer = fasttreeshap.TreeExplainer(booster, algorithm="v1", n_jobs=1)
    explainer.shap_values(X[:8], check_additivity=False)
    print("ready", file=answers)
    for line in sys.stdin:
        first, count, cold = map(int, line.split())
        x = X[first : first + count].copy()
        if cold:
            buffer += 1.0
        began = time.thread_time()
        explainer.shap_values(x, check_additivity=False)
        print(time.thread_time() - began, file=answers)


if __name__ == "__main__":
    serve(*sys.argv[1:])
