"""The page docs/features.md: every feature with its meaning, straight from the catalog."""

from __future__ import annotations

from collections import Counter

from credit.features import CATALOG
from credit.features.actionable import ACTIONABLE, ActionableColumn
from training.documents.document import Table, markdown_table

_TITLES = {
    "application": "From the application alone",
    "combined": "From the application and history together",
    "history": "From history",
    "derived": "Predicted by boosters of the model's own",
}
_INTRODUCTION = """# Features

Written from the catalog by `make generate`; `make lint` fails where it is old.

A feature is declared once, in `credit/features/`. Features of the application are expressions over its columns,
compiled to a few numpy calls that a micro-batch and the training table share. History features are declared as data
(relation, subset, value, aggregate), compiled to DuckDB's SQL in `training/data/history/` and packed into one float32
vector a client. Sums are taken in whole multiples of a unit, so that no order of rows or threads changes a bit. A
feature that cannot be computed is missing, never 0: a client without rows in a table misses all its features, one with
rows but none in a subset has a count of 0 there. 365243 days, Home Credit's "never", count as missing.

Direction is the side to which a monotone constraint holds the risk: + where more may never lower it, − where more may
never raise it. Protected features are audit attributes: no model reads them unless a setting says so.
"""


def features_document() -> str:
    """Return the whole document as Markdown."""
    blocks = [_INTRODUCTION.rstrip(), "## Subjects", "One subject is one reason, however many of its features pushed."]
    used = Counter(feature.subject for feature in CATALOG.features)
    blocks.append(
        markdown_table(
            Table(
                ["code", "subject", "features", "if it speaks against", "if it speaks for"],
                [[s.code, s.title, str(used[s.code]), s.adverse, s.favourable] for s in CATALOG.subjects.values()],
            )
        )
    )
    blocks += _actionable()
    direction = {1: "+", 0: "", -1: "−"}
    for source, title in _TITLES.items():
        chosen = [f for f in CATALOG.features if f.source == source]
        blocks.append(f"## {title}: {len(chosen)}")
        blocks.append(
            markdown_table(
                Table(
                    ["feature", "subject", "direction", "meaning"],
                    [
                        [
                            f"`{f.name}`",
                            f.subject,
                            direction[f.monotone],
                            f.description + (" (protected)" * f.protected),
                        ]
                        for f in chosen
                    ],
                )
            )
        )
    return "\n\n".join(blocks) + "\n"


def _actionable() -> list[str]:
    """Return what an applicant can act on, with its constraints."""
    way = {1: "up", 0: "either", -1: "down"}
    table = Table(
        ["column", "way", "range", "what the applicant does"],
        [[f"`{c.name}`", way[c.direction], _range(c), c.description] for c in ACTIONABLE.values()],
    )
    return [
        "## What an applicant can act on",
        "Nothing else ever moves in an answer to what would have changed an outcome; [counterfactuals.md]"
        "(counterfactuals.md) says which of these move together, and what a change costs.",
        markdown_table(table),
    ]


def _range(column: ActionableColumn) -> str:
    if column.relative:
        return f"{column.lowest:g} to {column.highest:g} times what was applied with"
    return f"{column.lowest:g}" if column.lowest == column.highest else f"{column.lowest:g} to {column.highest:g}"
