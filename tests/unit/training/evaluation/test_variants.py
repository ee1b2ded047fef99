"""One thing changed at a time."""

import numpy as np
import pytest

from tests.unit.training.quick import QUICK
from training.data.dataset import Dataset
from training.evaluation.variants import Variant, measure_variants
from training.fit.fitted import FittedModel
from training.progress import no_progress


@pytest.fixture(scope="module")
def variants(dataset: Dataset, fitted: FittedModel) -> dict[str, Variant]:
    found = measure_variants(dataset, fitted, QUICK.model_copy(update={"trees": 3}), 1, no_progress)
    return {variant.name: variant for variant in found}


def test_each_reads_the_columns_it_says(variants: dict[str, Variant], fitted: FittedModel) -> None:
    """All candidates, the fold's own selection, and that with or without some."""
    own = float(np.mean([len(names) for names in fitted.fold_features]))
    assert variants["as registered"].features == own
    assert variants["without monotone constraints"].features == own
    assert variants["all candidates, no selection"].features == len(fitted.verdicts)
    assert variants["one booster instead of several"].features == own
    assert variants["without predicted term and interest"].features <= own
    assert variants["application alone"].features < own
    assert variants["gender and family status read too"].features > own
    assert variants["age left out as well"].features <= own


def test_each_is_measured_out_of_fold(variants: dict[str, Variant]) -> None:
    """Better than chance, with an interval, on clients with history too."""
    for variant in variants.values():
        assert 0.5 < variant.auc < 0.9, variant
        assert variant.auc_half_width > 0
        assert 0 < variant.auc_history < 1
        assert variant.cost > 0
