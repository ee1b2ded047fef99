"""What the report says of reject inference."""

from __future__ import annotations

from collections.abc import Sequence

from training.documents.document import Table, markdown_table
from training.evaluation.rejects import RejectsMeasured


def rejects_blocks(measured: Sequence[RejectsMeasured], uplift: float) -> list[str]:
    """Return the section's blocks in Markdown; uplift: what parcelling supposed."""
    if not measured:
        return ["There are no unlabelled rows to learn from."]
    better = [m.method for m in measured if m.auc_change - m.auc_change_half_width > 0]
    worse = [m.method for m in measured if m.auc_change + m.auc_change_half_width < 0]
    return [
        "The unlabelled applications stand for rows of unknown outcome. They are not rejects: nobody declined them, "
        "and their outcomes are only not published. Labelled rows alone are scored, so that what a method does for "
        f"true rejects cannot be seen here. Parcelling supposed {uplift:g} times the default rate of equal scores.",
        markdown_table(
            Table(
                ["method", "AUC", "change", "±", "Brier", "cost", "mean probability", "of the unlabelled"],
                [
                    [
                        m.method,
                        m.auc,
                        m.auc_change,
                        m.auc_change_half_width,
                        m.brier,
                        m.cost,
                        m.probability,
                        m.probability_unlabelled,
                    ]
                    for m in measured
                ],
            )
        ),
        f"The AUC rises beyond the interval by {', '.join(better) or 'neither'}, and falls beyond it by "
        f"{', '.join(worse) or 'neither'}.",
    ]
