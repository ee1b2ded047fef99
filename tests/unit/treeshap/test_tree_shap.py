"""TreeShap as its callers meet it: what it takes, threads, and that it leaves what it is given alone."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from tests.unit.treeshap.models import Floats, reference
from treeshap import TreeShap


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
