"""The table that sets what a model earns against how its decisions fall by age."""

from __future__ import annotations

from collections.abc import Sequence

from training.documents.document import Table
from training.evaluation.variants import Variant

FRONTIER_TEXT = (
    "Adverse impact ratios (the lowest approval rate over the highest) are at the threshold that costs least on each "
    "fold's other folds. A bank that needs a higher ratio by age sees what each way there costs."
)


def frontier_table(variants: Sequence[Variant]) -> Table:
    """Return one row a model: AUC, cost, and adverse impact by age, gender and family status."""
    attributes = ("age", "gender", "family")
    return Table(
        ["model", "features", "AUC", "±", "cost", *(f"adverse impact by {name}" for name in attributes)],
        [
            [v.name, v.features, v.auc, v.auc_half_width, v.cost, *(v.adverse_impact[name] for name in attributes)]
            for v in variants
        ],
    )
