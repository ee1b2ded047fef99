"""Kinds of model in the training report."""

from dataclasses import replace

from training.documents.kinds import smote_verdict
from training.evaluation.compare import Compared
from training.fit.measures import Measures

PLAIN = Measures(0.75, 0.5, 0.4, 0.25, 0.07, 0.01, 0.55)
HALF = Measures(0.01, 0.02, 0.01, 0.01, 0.001, 0.001, 0.02)


def rows(smote: Measures) -> list[Compared]:
    return [Compared("trees", "nothing", PLAIN, HALF, 1.0), Compared("trees", "SMOTE", smote, HALF, 1.0)]


def test_smote_helps_only_beyond_the_interval() -> None:
    """A gain within the half width of the fit with nothing is none."""
    within = smote_verdict(rows(replace(PLAIN, auc=0.759, cost=0.531)))
    assert "the cost beyond the interval for no kind of model, raises the AUC beyond it for none" in within
    assert "the calibration of none." in within
    beyond = smote_verdict(rows(replace(PLAIN, auc=0.761, cost=0.529, calibration_error=0.02)))
    assert beyond.count("trees") == 3
