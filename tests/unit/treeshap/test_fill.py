"""From rows to slots."""

from __future__ import annotations

import numpy as np

from treeshap.fill import transposed


def test_bits_are_transposed() -> None:
    """Bit j of byte i becomes bit i of byte j: what eight comparisons say of eight rows, by row."""
    square = np.random.default_rng(3).integers(0, 2, (8, 8)).astype(np.uint8)
    packed = int(np.packbits(square, axis=1, bitorder="little").ravel().view(np.int64)[0])
    turned = np.array([transposed(packed)], dtype=np.int64).view(np.uint8)
    assert np.unpackbits(turned[:, None], axis=1, bitorder="little").tolist() == square.T.tolist()
