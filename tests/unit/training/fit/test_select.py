"""Selection of features, and that it is made within folds."""

import numpy as np

from training.fit.select import Selection, choose_features, draw_selection
from training.settings import TrainingSettings

FAST = TrainingSettings(l2=1.0, feature_fraction=0.8, monotone=False, learning_rate=0.1)


def rows(n: int = 4_000) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Five features: a strong one, its near copy, a weak one, noise, and a constant."""
    rng = np.random.default_rng(0)
    strong, weak, noise = rng.normal(size=(3, n))
    copy = strong + 0.02 * rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(2.5 - 1.2 * strong - 0.5 * weak))).astype(float)
    X = np.column_stack([strong, copy, weak, noise, np.ones(n)])
    return X, y, ("AMT_INCOME_TOTAL", "AMT_CREDIT", "AMT_ANNUITY", "OWN_CAR_AGE", "FLAG_MOBIL")


def selected(X: np.ndarray, y: np.ndarray, names: tuple[str, ...], settings: TrainingSettings, seed: int) -> Selection:
    """Choose by one draw."""
    return choose_features(X, names, [draw_selection(X, y, names, settings, seed, 0)], settings, seed)


def test_what_carries_signal_is_kept_once() -> None:
    """Of two near copies one stays; the constant goes, with its reason."""
    X, y, names = rows()
    found = selected(X, y, names, FAST, seed=0)
    assert len({"AMT_INCOME_TOTAL", "AMT_CREDIT"} & set(found.kept)) == 1
    assert "AMT_ANNUITY" in found.kept
    why = {verdict.name: verdict.why for verdict in found.verdicts}
    assert why["FLAG_MOBIL"] == "split on in fewer than two thirds of the folds"
    assert any(text.startswith("near copy of") for text in why.values())


def test_the_most_features_setting_is_held() -> None:
    """No more are kept than asked for, and the strongest first."""
    X, y, names = rows()
    found = selected(X, y, names, FAST.model_copy(update={"most_features": 1}), seed=0)
    assert len(found.kept) == 1
    assert found.kept[0] in ("AMT_INCOME_TOTAL", "AMT_CREDIT")


def test_selection_is_the_same_each_time() -> None:
    """The seed decides, nothing else."""
    X, y, names = rows(1_500)
    assert selected(X, y, names, FAST, seed=4) == selected(X, y, names, FAST, seed=4)


def test_noise_alone_still_gives_a_model() -> None:
    """Where nothing helps, the few of most gain stay rather than none."""
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(600, 3)), (rng.random(600) < 0.1).astype(float)
    assert selected(X, y, ("AMT_CREDIT", "AMT_ANNUITY", "AMT_INCOME_TOTAL"), FAST, seed=0).kept
