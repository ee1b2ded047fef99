"""Features that a small booster of the model's own predicts from the rest of the row.

An external score that is missing is predicted, and one that is given is set against what the rest of the row suggests.
"""

from __future__ import annotations

from credit.features.catalog import Feature

DERIVED_TARGETS: dict[str, str] = {f"EXT_SOURCE_{i}_PREDICTED": f"EXT_SOURCE_{i}" for i in (1, 2, 3)}

DERIVED_FEATURES: tuple[Feature, ...] = tuple(
    Feature(
        name,
        "derived",
        "R01",
        f"{target} as predicted from the rest of the application",
        f"booster({target})",
    )
    for name, target in DERIVED_TARGETS.items()
)
