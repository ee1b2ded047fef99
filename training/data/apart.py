"""Labelled rows held apart: chosen once by the client's id, before anything is chosen by labels, and looked at last."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from credit.application import IntArray

APART_SHARE = 0.15
_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def held_apart(client_ids: IntArray, share: float = APART_SHARE) -> npt.NDArray[np.bool_]:
    """Return bool[n], True for about `share` of the clients: by id alone, so that no run and no other rows change it.

    The id is mixed by SplitMix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, 2014).
    """
    with np.errstate(over="ignore"):
        mixed = client_ids.astype(np.uint64) + np.uint64(_STEP)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_FIRST)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_SECOND)
        mixed ^= mixed >> np.uint64(31)
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) / 2.0**53 < share)
