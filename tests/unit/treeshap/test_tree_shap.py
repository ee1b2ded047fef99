"""TreeShap as its callers meet it: what it takes and refuses, threads, caches, and what it costs to import."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from tests.unit.treeshap.models import QUIET, Floats, edited, reference, table, train
from treeshap import TreeShap, UnsupportedModel, compiled


@pytest.fixture(scope="module")
def rows() -> Floats:
    return table(np.random.default_rng(0), 300, 8, 2, 0.1, 0.1)


@pytest.fixture(scope="module")
def booster(rows: Floats) -> Any:
    return train(rows, np.nan_to_num(rows[:, 0] * rows[:, 3] + rows[:, 9]), 20, categories=(8, 9), num_leaves=15)


def test_a_booster_and_its_text_are_one_model(booster: Any, rows: Floats) -> None:
    """A Booster and its model text give the same answers and the same description."""
    ours, text = TreeShap(booster), TreeShap(booster.model_to_string())
    np.testing.assert_array_equal(ours.contributions(rows), text.contributions(rows))
    assert (ours.n_features, ours.n_trees, ours.feature_names) == (10, 20, tuple(booster.feature_name()))
    assert ours.expected_value == pytest.approx(reference(booster, rows[:1])[0, -1], abs=1e-12)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 8, 9, 16, 41])
def test_any_number_of_rows(booster: Any, rows: Floats, n: int) -> None:
    """Full blocks of lanes, what is left over, and no rows at all give the rows' own contributions."""
    shap = TreeShap(booster)
    shap.warm()
    assert shap.contributions(rows[:n]).shape == (n, 11)
    np.testing.assert_allclose(shap.contributions(rows[:n]), reference(booster, rows)[:n], rtol=0, atol=1e-10)
    np.testing.assert_allclose(shap.raw_scores(rows[:n]), booster.predict(rows, raw_score=True)[:n], rtol=0, atol=1e-9)


def test_a_row_is_explained_alike_alone_and_among_others(booster: Any, rows: Floats) -> None:
    """A row's contributions do not depend on its neighbours, to the last bits."""
    shap = TreeShap(booster)
    together = shap.contributions(rows[:20])
    np.testing.assert_array_equal(shap.contributions(rows[4:12]), together[4:12])
    np.testing.assert_allclose(shap.contributions(rows[5:6]), together[5:6], rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    "change", [np.asfortranarray, lambda X: X[:, ::-1][:, ::-1], lambda X: np.repeat(X, 2, 0)[::2]]
)
def test_any_memory_order(booster: Any, rows: Floats, change: Any) -> None:
    """Arrays that are not contiguous are read right."""
    shap = TreeShap(booster)
    np.testing.assert_array_equal(shap.contributions(change(rows[:20])), shap.contributions(rows[:20]))


def test_read_only_and_unaligned_rows(booster: Any, rows: Floats) -> None:
    """Rows straight from a message are read only and may start anywhere: they are read right, without a compilation."""
    shap, expected = TreeShap(booster), reference(booster, rows[:20])
    unaligned = np.frombuffer(b"x" + rows[:20].tobytes(), dtype=np.uint8)[1:].view(np.float64).reshape(20, 10)
    assert not unaligned.flags.writeable
    assert not unaligned.flags.aligned
    np.testing.assert_allclose(shap.contributions(unaligned), expected, rtol=0, atol=1e-10)
    np.testing.assert_allclose(shap.raw_scores(unaligned), expected.sum(axis=1), rtol=0, atol=1e-9)


def test_the_input_is_not_changed(booster: Any, rows: Floats) -> None:
    """Explaining leaves the rows as they were."""
    X = rows.copy()
    TreeShap(booster).contributions(X)
    np.testing.assert_array_equal(X, rows)


@pytest.mark.parametrize("method", ["contributions", "raw_scores"])
def test_wrong_input_is_named(booster: Any, rows: Floats, method: str) -> None:
    """float32, lists, vectors and wrong widths raise before a kernel reads memory that is not there."""
    call = getattr(TreeShap(booster), method)
    with pytest.raises(TypeError, match="float64"):
        call(rows.astype(np.float32))
    with pytest.raises(TypeError, match="list"):
        call(rows.tolist())
    for X in (rows[0], rows[:, :9], np.hstack([rows, rows[:, :1]]), rows[None]):
        with pytest.raises(ValueError, match=r"the model reads \(n, 10\)"):
            call(X)


def refused(make: Any, match: str) -> None:
    with pytest.raises(UnsupportedModel, match=match):
        TreeShap(make())


def test_what_is_not_covered_is_refused_by_name(rows: Floats) -> None:
    """Multiclass, averaged outputs, linear trees and texts that are no model are refused when loaded."""
    X, y = np.nan_to_num(rows), (np.nan_to_num(rows[:, 0]) > 0).astype(float)
    refused(lambda: train(X, y + (X[:, 1] > 0), objective="multiclass", num_class=3), "multiclass")
    refused(lambda: train(X, y, boosting="rf", bagging_freq=1, bagging_fraction=0.5), "averaged outputs")
    data = lgb.Dataset(X, y, params={**QUIET, "linear_tree": True})
    refused(lambda: lgb.train({**QUIET, "objective": "regression", "linear_tree": True}, data, 2), "linear trees")
    refused(lambda: "no model", "not LightGBM's model text")
    refused(lambda: {"trees": []}, "not a dict")


def test_a_damaged_text_is_refused_by_tree(booster: Any) -> None:
    """A text that was cut or edited into nonsense is refused with the tree's number, never read past its end."""
    text = booster.model_to_string()
    refused(lambda: text.replace("leaf_count=", "leaf_counts=", 1), "tree 0 .*leaf_count")
    refused(lambda: text.replace("threshold=", "threshold=1.5 ", 1), "tree 0 .*threshold has 15 entries for 14")
    refused(lambda: re.sub(r"left_child=-?\d+", "left_child=0", text, count=1), "tree 0 .*do not form a tree")
    refused(lambda: re.sub(r"split_feature=\d+", "split_feature=77", text, count=1), "tree 0 .*does not have")
    refused(lambda: text.replace("max_feature_idx=9", "max_feature_idx=3"), "names 10 features for 4")


def test_trees_without_counts_are_refused(booster: Any) -> None:
    """A model that was converted from elsewhere and has no counts has no path-dependent explanation."""
    none = edited(booster, lambda text: re.sub(r"(?<=_count=)[\d ]+", lambda m: re.sub(r"\d+", "0", m[0]), text))
    refused(lambda: none, "how many training rows")


def test_threads_share_one_model(booster: Any, rows: Floats) -> None:
    """Threads that explain different rows with one TreeShap at once each get their own rows' answers."""
    shap = TreeShap(booster)
    expected = reference(booster, rows)
    wrong: list[int] = []
    start = threading.Barrier(4)

    def explain(part: int) -> None:
        start.wait()
        for turn in range(60):
            n = 1 + (part * 7 + turn) % 11
            at = (part * 61 + turn * 3) % 280
            if not np.allclose(shap.contributions(rows[at : at + n]), expected[at : at + n], rtol=0, atol=1e-10):
                wrong.append(part)

    threads = [threading.Thread(target=explain, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_kernels_release_the_gil(booster: Any, rows: Floats) -> None:
    """While one thread explains a long batch, another one goes on."""
    shap = TreeShap(booster)
    shap.warm()
    X = np.tile(rows, (200, 1))
    done = threading.Event()

    def explain() -> None:
        shap.contributions(X)
        done.set()

    thread = threading.Thread(target=explain)
    thread.start()
    turns = 0
    while not done.is_set():
        turns += 1
    thread.join()
    assert turns > 100  # holding the GIL, the batch would be over before this thread's first turns


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
