"""What fairness by age costs."""

import numpy as np
import pytest

from credit.schema import COLUMN_INDEX
from tests.unit.training.quick import QUICK
from training.data.dataset import Dataset
from training.documents.frontier import frontier_table
from training.evaluation.fairness import audit_groups
from training.evaluation.frontier import age_weights, measure_frontier
from training.fit.fitted import FittedModel


def test_reweighted_rows_default_alike_in_every_age_band(dataset: Dataset) -> None:
    """Weighted, each band has the default rate of all rows, and as much weight as it has rows."""
    weight = age_weights(dataset)
    for member in audit_groups(dataset.values)["age"].values():
        if 0 < dataset.y[member].sum() < member.sum():
            assert np.average(dataset.y[member], weights=weight[member]) == pytest.approx(dataset.y.mean())
            assert weight[member].sum() == pytest.approx(member.sum())


def test_each_model_reads_less_of_the_age_than_the_one_before(dataset: Dataset, fitted: FittedModel) -> None:
    """Without age fewer features are read, without what follows it fewer still; reweighting reads the same."""
    found = {v.name: v for v in measure_frontier(dataset, fitted, QUICK.model_copy(update={"trees": 3}), 1)}
    own = found["as registered"]
    assert found["without age and what follows it"].features < own.features
    assert found["without age and what follows it"].features <= found["without age"].features <= own.features
    assert found["rows reweighted by age band"].features == own.features
    assert found["rows reweighted by age band"].auc != own.auc
    assert all(0 <= v.adverse_impact["age"] <= 1 for v in found.values())
    table = frontier_table(list(found.values()))
    assert [row[0] for row in table.rows] == list(found)
    assert all(len(row) == len(table.heads) for row in table.rows)


def test_the_age_is_what_the_application_says(dataset: Dataset) -> None:
    """Bands are of the applicant's own age, each row in one."""
    age = dataset.values[:, COLUMN_INDEX["DAYS_BIRTH"]] / -365.25
    bands = audit_groups(dataset.values)["age"]
    assert np.sum(list(bands.values()), axis=0).tolist() == [1] * len(age)
