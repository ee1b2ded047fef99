"""The reference sample of the model that decides, by columns; anonymous rows of training with out-of-fold scores."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from credit.errors import ModelRefused, UnknownFeature
from credit.features import CATALOG
from credit.schema import TARGET
from registered_model.reference_sample import PROBABILITY, column_matrix, read_applications_table, read_reference_table
from serve_app.models.loaded_model import LoadedModel

log = logging.getLogger(__name__)

_UNKNOWN_WORD = "unknown category"


class ReferenceSample:
    """n applicants: the model's features, and the other columns of their applications where the folder has them.

    Columns stay in the mapped files until they are asked for. Raises ModelRefused where the folder has no sample.
    """

    def __init__(self, model: LoadedModel) -> None:
        self._table = read_reference_table(model.folder)
        missing = [name for name in (*model.manifest.features, PROBABILITY) if name not in self._table.column_names]
        if missing:
            raise ModelRefused(f"the reference sample in {model.folder} lacks {', '.join(missing[:5])}; train again")
        self._features = model.manifest.features
        self._applications: Any = None
        try:
            self._applications = read_applications_table(model.folder, model.manifest)
        except ModelRefused as error:  # then what the model reads is shown, and nothing else
            log.warning("the sample's applications are left out: %s", error)
        if self._applications is not None and self._applications.num_rows != len(self):
            log.warning("the sample's applications in %s are of other rows and left out", model.folder)
            self._applications = None

    def __len__(self) -> int:
        rows: int = self._table.num_rows
        return rows

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns that can be asked for."""
        others = () if self._applications is None else self._applications.column_names
        return (*self._features, *(name for name in others if name not in set(self._features)))

    @cached_property
    def probability(self) -> FloatArray:
        """float64[n], out-of-fold probabilities of default."""
        return column_matrix(self._table, [PROBABILITY])[:, 0]

    @cached_property
    def defaulted(self) -> npt.NDArray[np.float64] | None:
        """float64[n], 1 where the loan was not repaid; None where the sample does not say."""
        return column_matrix(self._table, [TARGET])[:, 0] if TARGET in self._table.column_names else None

    @cached_property
    def shuffled(self) -> IntArray:
        """All rows in an order by chance that never changes: its first k are a fair sample of k."""
        return np.random.default_rng(0).permutation(len(self))

    def column(self, name: str) -> FloatArray:
        """Return a column, float64[n], categories as their codes; raises UnknownFeature."""
        if name in self._features:
            return column_matrix(self._table, [name])[:, 0]
        if self._applications is None or name not in self._applications.column_names:
            raise UnknownFeature(f"the model's reference sample has no feature {name}: GET /v1/catalog lists them")
        return column_matrix(self._applications, [name])[:, 0]

    def features(self, start: int, stop: int) -> FloatArray:
        """Return rows of the model's own features: float64[stop - start, f], C-contiguous."""
        return np.ascontiguousarray(column_matrix(self._table.slice(start, stop - start), self._features))


def told(name: str, values: FloatArray) -> list[float | str | None]:
    """Return values as people read them: numbers, words for categories, None for what is missing."""
    if name in CATALOG.index and (codes := CATALOG[name].codes):
        words = dict(enumerate(codes))
        return [None if np.isnan(value) else words.get(int(value), _UNKNOWN_WORD) for value in values]
    return [None if np.isnan(value) else value for value in values.tolist()]
