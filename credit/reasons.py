"""From exact contributions to at most four principal reasons that an applicant can use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray

MAX_REASONS = 4


@dataclass(frozen=True, slots=True)
class Reasons:
    """Principal reasons of n decisions, strongest first; unused places hold subject -1.

    subject, feature: int16[n, 4], places in the model's subjects and features; share: float64[n, 4], the part of all push
    in that direction; value, typical: float64[n, 4], the feature's value and a typical one.
    """

    subject: npt.NDArray[np.int16]
    feature: npt.NDArray[np.int16]
    share: FloatArray
    value: FloatArray
    typical: FloatArray
