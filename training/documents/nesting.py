"""What the report says of how far its out-of-fold figures flatter themselves."""

from __future__ import annotations

from collections.abc import Sequence

from training.documents.document import Table, markdown_table
from training.evaluation.nesting import NestedScore


def nesting_blocks(scores: Sequence[NestedScore]) -> list[str]:
    """Return the section's blocks in Markdown."""
    first, last = scores[0], scores[-1]
    return [
        "The same rows and folds, from the least care to the most: each row of the table makes one choice more without "
        "the rows that it is measured on. Calibrations are fitted on the other folds throughout. What the first row "
        "has before the last is flattery; what is left between the last and rows held apart is that the rows differ.",
        markdown_table(
            Table(
                ["made without the held rows", "AUC", "with history", "cost"],
                [[s.name, s.auc, s.auc_history, s.cost] for s in scores],
            )
        ),
        f"From the first row to the last the AUC changes by {last.auc - first.auc:+.4f} and the cost by "
        f"{last.cost - first.cost:+.4f}.",
    ]
