"""What a model answers by."""

from __future__ import annotations

import numpy as np

from credit.manifest import Calibration, ModelManifest
from credit.policy import Policy


def test_the_digest_is_of_behaviour_not_of_dates() -> None:
    """The same model trained at another time is the same model; another calibration is not."""
    manifest = ModelManifest(
        name="loanstream",
        catalog_hash="c" * 64,
        features=("A",),
        booster="booster.txt",
        files_sha256={"booster.txt": "0" * 64},
        calibration=Calibration(),
        policy=Policy(threshold=0.1, refer_from=0.1, decline_from=0.1),
        typical=(1.0,),
        trained_at="2026-01-01T00:00:00Z",
        data_digest="x",
        seed=1,
    )
    assert manifest.digest == manifest.model_copy(update={"trained_at": "later"}).digest
    assert manifest.digest != manifest.model_copy(update={"calibration": Calibration(method="platt", slope=2)}).digest


def test_calibrations_are_monotone_and_bounded() -> None:
    """Every method gives probabilities that rise with the raw score."""
    raw = np.linspace(-8, 8, 200)
    for calibration in (
        Calibration(),
        Calibration(method="platt", slope=0.8, intercept=-0.2),
        Calibration(method="isotonic", x=(-3.0, 0.0, 2.0), y=(0.01, 0.2, 0.7)),
    ):
        p = calibration.probability(raw)
        assert ((p >= 0) & (p <= 1)).all()
        assert (np.diff(p) >= 0).all()
