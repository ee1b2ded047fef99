"""What is counted of a decision, packed: 32 bytes in which nothing names a client.

Layout of a decision, little-endian: decided i64 (milliseconds since the epoch), latency i32 (milliseconds from being
submitted), probability f32, model u16, policy u16, door, mode and outcome u8, then the band of each theme u8, in the
order of `credit.themes`. A row of `facts` begins with the layout's version, u8.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from credit.themes import THEMES

FACTS_VERSION: Final = 1
FACT: Final = np.dtype(
    [
        ("decided_ms", "<i8"),
        ("latency_ms", "<i4"),
        ("probability", "<f4"),
        ("model_id", "<u2"),
        ("policy_id", "<u2"),
        ("door", "u1"),
        ("mode", "u1"),
        ("outcome", "u1"),
        *((name, "u1") for name in THEMES),
    ]
)
Facts = npt.NDArray[np.void]
_LONGEST_MS: Final = 2**31 - 1


def pack_facts(facts: Facts) -> bytes:
    """Return the column `packed` of a row."""
    return bytes([FACTS_VERSION]) + facts.tobytes()


def unpack_facts(packed: bytes) -> Facts:
    """Read a row's facts; raises ValueError where they are of no known version."""
    if packed[0] != FACTS_VERSION:
        raise ValueError(f"facts of version {packed[0]} are not known, this version reads {FACTS_VERSION}")
    return np.frombuffer(packed, FACT, offset=1)


def latency_ms(submitted_ms: npt.NDArray[np.int64], decided_ms: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Return how long each decision took, int64[n]; a clock that ran ahead gives none, and no month is exceeded."""
    return np.clip(decided_ms - submitted_ms, 0, _LONGEST_MS)
