"""The cells that a feature's values are counted in: every feature has MAX_BINS bins, then three cells of their own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]

MAX_BINS = 12
UNKNOWN = MAX_BINS
MISSING = MAX_BINS + 1
OUT_OF_RANGE = MAX_BINS + 2
CELLS = MAX_BINS + 3
