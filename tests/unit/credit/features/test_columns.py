"""The application's own columns as features."""

from __future__ import annotations

from credit.features.columns import column_features
from credit.schema import APPLICATION_COLUMNS


def test_every_column_is_a_feature_with_its_categories() -> None:
    """The columns in their order, each with the codes that encode it: training and serving read one table."""
    features = column_features()
    assert [f.name for f in features] == [column.name for column in APPLICATION_COLUMNS]
    assert [f.codes for f in features] == [column.codes for column in APPLICATION_COLUMNS]
    assert all(f.description and f.subject for f in features)
