"""What the report says of rows held apart from every choice, of seeds, and of how hard the rows are."""

from __future__ import annotations

from collections.abc import Sequence

from training.documents.document import Table, markdown_table
from training.evaluation.seeds import RowsDifficulty, Seeds

_HEADS = ["", "features", "trees", "AUC out of fold", "AUC apart", "with history", "cost apart", "lowest cost"]


def apart_blocks(seeds: Seeds, difficulty: Sequence[RowsDifficulty]) -> list[str]:
    """Return the report's blocks in Markdown: scores by seed with their spread, then the rows by a fixed score."""
    first = seeds.scores[0]
    return [
        f"{seeds.rows:,} labelled clients, {seeds.with_history:,} of them with history, were held apart by their id "
        "before anything was chosen, and are looked at here alone. The whole way (derived scores, selection, members, "
        "calibration, threshold) was gone by each seed on the other rows.",
        markdown_table(
            Table(
                _HEADS,
                [
                    [
                        s.name,
                        s.features,
                        s.trees,
                        s.auc_out_of_fold,
                        s.auc,
                        s.auc_history,
                        s.cost,
                        s.lowest_cost,
                    ]
                    for s in seeds.scores
                ],
            )
        ),
        f"Spread over seeds (standard deviation) of the AUC: {seeds.spread_out_of_fold:.4f} out of fold, "
        f"{seeds.spread:.4f} apart. The rows themselves leave more open: by resampling them, the first seed's AUC is "
        f"{first.auc:.4f} within {seeds.auc_interval[0]:.4f} to {seeds.auc_interval[1]:.4f}, its cost {first.cost:.4f} "
        f"within {seeds.cost_interval[0]:.4f} to {seeds.cost_interval[1]:.4f} (95 %).",
        "How hard the rows are, by a score that nothing was fitted for (the mean of the external scores, `EXT_MEAN`): "
        "where it differs between two groups of rows, so will any model's AUC.",
        markdown_table(
            Table(
                ["rows", "clients", "default rate", "AUC of EXT_MEAN", "standard error"],
                [[d.name, d.rows, d.default_rate, d.auc, d.standard_error] for d in difficulty],
            )
        ),
    ]
