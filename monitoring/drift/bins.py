"""Reference bins: what a feature matrix is counted on, the same for the training reference and for every window.

A number falls between the reference's deciles, a category into its own bin (rare codes share one). What is missing, an
unknown category and a value outside the reference's range are counted apart, so that a feature that goes missing reads
as that and not as a shift of its values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.measures import number_edges
from monitoring.drift.cells import MAX_BINS, Counts

if TYPE_CHECKING:
    from monitoring.drift.bin_counter import BinCounter

RARE_SHARE = 0.02


@dataclass(frozen=True)
class ReferenceBins:
    """The bins of f features, in the model's order.

    edges: float64[f, MAX_BINS - 1], upper ends (included) of a number's bins, +inf where there are fewer; low, high:
    float64[f], the reference's range; code_bin: for each category, by its column, the bin of each code.
    """

    names: tuple[str, ...]
    edges: FloatArray
    low: FloatArray
    high: FloatArray
    code_bin: dict[int, npt.NDArray[np.int64]]

    @cached_property
    def numeric(self) -> npt.NDArray[np.intp]:
        return np.array([j for j in range(len(self.names)) if j not in self.code_bin], dtype=np.intp)

    @cached_property
    def _counter(self) -> BinCounter:
        from monitoring.drift.bin_counter import BinCounter

        return BinCounter(self.edges, self.low, self.high, self.code_bin)

    def count(self, features: FloatArray) -> Counts:
        """Count float64[n, f] features on these bins: int64[f, CELLS]; the last cell is counted besides the others.

        A code that the catalog lacks is UNKNOWN, NaN is MISSING, and a number is OUT_OF_RANGE besides being in a bin.
        """
        return self._counter.count(features)


def code_bins(values: FloatArray, codes: int) -> npt.NDArray[np.int64]:
    """Return the bin of each of a category's codes; codes rarer than RARE_SHARE in the reference share the last bin.

    A bin that holds next to nothing would make the PSI of a small window large by chance alone.
    """
    present = values[np.isfinite(values) & (values >= 0) & (values < codes)].astype(np.int64)
    share = np.bincount(present, minlength=codes) / max(present.size, 1)
    common = np.flatnonzero(share >= RARE_SHARE)
    common = np.sort(common[np.argsort(-share[common], kind="stable")][: MAX_BINS - 1])
    bin_of = np.full(codes, len(common), dtype=np.int64)
    bin_of[common] = np.arange(len(common))
    return bin_of


def build_bins(names: Sequence[str], reference: FloatArray, categories: Mapping[str, int]) -> ReferenceBins:
    """Build the bins from float64[n, f] reference rows; `categories` gives the number of codes of each category."""
    f = len(names)
    edges = np.full((f, MAX_BINS - 1), np.inf)
    low, high = np.full(f, -np.inf), np.full(f, np.inf)
    code_bin: dict[int, npt.NDArray[np.int64]] = {}
    for column, name in enumerate(names):
        values = reference[:, column]
        if name in categories:
            code_bin[column] = code_bins(values, categories[name])
            continue
        inner = number_edges(values)
        edges[column, : len(inner)] = inner
        present = values[np.isfinite(values)]
        if present.size:
            low[column], high[column] = present.min(), present.max()
    return ReferenceBins(tuple(names), edges, low, high, code_bin)
