"""What the report says of kinds of model compared on the same folds."""

from __future__ import annotations

from collections.abc import Sequence

from training.documents.document import Table, markdown_table
from training.evaluation.compare import Compared


def kinds_blocks(compared: Sequence[Compared]) -> list[str]:
    """Return the section's blocks in Markdown: the table, the best kind, and what SMOTE does."""
    best = max((c for c in compared if c.balance == "nothing"), key=lambda c: c.mean.auc)
    return [
        markdown_table(_compared_table(compared)),
        f"Best without balancing: {best.model}. {smote_verdict(compared)}",
    ]


def smote_verdict(compared: Sequence[Compared]) -> str:
    """Say for which kinds SMOTE helps beyond the interval of the fit with nothing, and what it does to calibration."""
    plain = {c.model: c for c in compared if c.balance == "nothing"}
    smote = [c for c in compared if c.balance == "SMOTE"]
    cheaper = [c.model for c in smote if c.mean.cost < plain[c.model].mean.cost - plain[c.model].half_width.cost]
    sharper = [c.model for c in smote if c.mean.auc > plain[c.model].mean.auc + plain[c.model].half_width.auc]
    off = [c.model for c in smote if c.mean.calibration_error > plain[c.model].mean.calibration_error]
    return (
        f"SMOTE lowers the cost beyond the interval for {', '.join(cheaper) or 'no kind of model'}, raises the AUC "
        f"beyond it for {', '.join(sharper) or 'none'}, and worsens the calibration of {', '.join(off) or 'none'}."
    )


def _compared_table(compared: Sequence[Compared]) -> Table:
    def pair(row: Compared, name: str) -> str:
        return f"{getattr(row.mean, name):.4f} ± {getattr(row.half_width, name):.4f}"

    names = ("auc", "gini", "ks", "average_precision", "brier", "calibration_error", "cost")
    return Table(
        ["model", "balancing", "s", "AUC", "Gini", "KS", "average precision", "Brier", "calibration error", "cost"],
        [[row.model, row.balance, f"{row.seconds:.1f}", *(pair(row, name) for name in names)] for row in compared],
    )
