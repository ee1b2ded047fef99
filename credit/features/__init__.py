"""The feature catalog and the one computation of application features, for training's table and a micro-batch alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.features.catalog import Catalog, Feature
from credit.features.columns import NEVER, column_features
from credit.features.combined import COMBINED_FEATURES
from credit.features.derived import DERIVED_FEATURES
from credit.features.expressions import Program, col, missing_if
from credit.features.history import HistoryFeature
from credit.features.history_bureau import BUREAU_FEATURES
from credit.features.history_payments import PAYMENT_FEATURES
from credit.features.history_previous import PREVIOUS_FEATURES
from credit.features.ratios import APPLICATION_FEATURES, Computed
from credit.features.subjects import SUBJECTS
from credit.schema import APPLICATION_COLUMNS

HISTORY_FEATURES: tuple[HistoryFeature, ...] = (*BUREAU_FEATURES, *PREVIOUS_FEATURES, *PAYMENT_FEATURES)


def _computed(features: tuple[Computed, ...], combined: bool) -> tuple[Feature, ...]:
    return tuple(
        Feature(
            f.name, "combined" if combined else "application", f.subject, f.description, str(f.expr), (), f.monotone
        )
        for f in features
    )


def _history() -> tuple[Feature, ...]:
    return tuple(
        Feature(
            f.name,
            "history",
            f.value.subject,
            f.description,
            f.definition,
            (),
            0 if f.aggregate in {"min", "first"} else f.value.monotone,
        )
        for f in HISTORY_FEATURES
    )


CATALOG = Catalog(
    (
        *column_features(),
        *_computed(APPLICATION_FEATURES, combined=False),
        *_computed(COMBINED_FEATURES, combined=True),
        *_history(),
        *DERIVED_FEATURES,
    ),
    SUBJECTS,
)

_COLUMNS = tuple(column.name for column in APPLICATION_COLUMNS)
_PROGRAM = Program(
    (*_COLUMNS, *CATALOG.history_names),
    (
        *(missing_if(col(name), NEVER) if name == "DAYS_EMPLOYED" else col(name) for name in _COLUMNS),
        *(feature.expr for feature in APPLICATION_FEATURES),
        *(feature.expr for feature in COMBINED_FEATURES),
        *(col(name) for name in CATALOG.history_names),
    ),
)


def assemble(values: FloatArray, history: npt.NDArray[np.float32]) -> FloatArray:
    """Return the features of n applications that need no model of their own.

    values: float64[n, 120], encoded as `credit.schema` says; history: float32[n, len(CATALOG.history_names)], all NaN
    for a client without history. Returns float64[n, len(CATALOG.assembled_names)], C-contiguous; a row's bits do not
    depend on its neighbours.
    """
    return _PROGRAM.run(values, history)


__all__ = ["CATALOG", "HISTORY_FEATURES", "assemble"]
