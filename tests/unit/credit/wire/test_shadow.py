"""Shadow records on the wire."""

from __future__ import annotations

import numpy as np
import pytest

from credit.wire.shadow import ShadowRecord, decode_shadow, encode_shadow
from tests.fixtures import audited


def test_shadow_records_come_back_as_they_were() -> None:
    """A shadow record survives the wire; anything else is a ValueError."""
    p = np.array([0.1, 0.2])
    record = ShadowRecord(
        "loanstream", "2", "d", audited.POLICY, ["a", "b"], np.array([1, 2]), p, audited.POLICY.outcomes(p)
    )
    held = decode_shadow(encode_shadow(record))
    assert (held.version, held.decision_ids, held.policy) == ("2", ["a", "b"], audited.POLICY)
    assert held.probability.tolist() == [0.1, 0.2]
    for wrong in (b"", b"junk", audited.audit(audited.rows(2), 1)):
        with pytest.raises(ValueError, match=r"shadow"):
            decode_shadow(wrong)
