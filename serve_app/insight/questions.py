"""What can be asked about the model that decides; a question crosses to wherever the model is, its answer comes back.

Every bound on a question is the door's: here a question is one that may be asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray


@dataclass(frozen=True, slots=True)
class CatalogQuestion:
    """Which columns an application has, and which features the model reads."""


@dataclass(frozen=True, slots=True)
class ModelQuestion:
    """All that is told of the model itself."""


@dataclass(frozen=True, slots=True)
class VersionsQuestion:
    """Which versions are registered, and what became of them."""


@dataclass(frozen=True, slots=True)
class ImportanceQuestion:
    """The `top` features by mean absolute contribution, each with `points` applicants of the sample."""

    top: int
    points: int


@dataclass(frozen=True, slots=True)
class DependenceQuestion:
    """How a feature's contribution depends on its value, by `points` applicants of the sample."""

    feature: str
    points: int


@dataclass(frozen=True, slots=True)
class SampleQuestion:
    """The values of `limit` applicants of the sample."""

    features: tuple[str, ...]
    limit: int


@dataclass(frozen=True, slots=True, eq=False)
class SimilarQuestion:
    """The `count` applicants of the sample who are nearest to one by the features `by`; `show` is told beside them.

    values: float64[columns], an encoded application, with history float32[h]; or given: values by feature, numbers as
    features are encoded. One of the two.
    """

    by: tuple[str, ...]
    show: tuple[str, ...]
    count: int
    values: FloatArray | None = None
    history: npt.NDArray[np.float32] | None = None
    given: dict[str, float] | None = None


InsightQuestion = (
    CatalogQuestion
    | ModelQuestion
    | VersionsQuestion
    | ImportanceQuestion
    | DependenceQuestion
    | SampleQuestion
    | SimilarQuestion
)
