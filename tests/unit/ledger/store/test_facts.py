"""The packed facts of a row."""

from __future__ import annotations

import numpy as np
import pytest

from ledger.store.facts import FACT, latency_ms, pack_facts, unpack_facts
from tests.fixtures.portfolio import facts


def test_facts_come_back_as_they_were_and_take_32_bytes() -> None:
    """The docstring's layout: 32 bytes a decision, and a version before them."""
    held = facts(3, probability=[0.1, 0.2, 0.3], amount=[1, 2, 3])
    assert FACT.itemsize == 32
    assert len(pack_facts(held)) == 1 + 3 * 32
    assert unpack_facts(pack_facts(held)).tobytes() == held.tobytes()


def test_a_version_that_is_not_known_is_refused() -> None:
    """Rather than read as something else."""
    with pytest.raises(ValueError, match="version 9"):
        unpack_facts(b"\x09" + pack_facts(facts(1))[1:])


def test_a_latency_is_never_negative_and_always_fits() -> None:
    """A sender's clock that runs ahead, and an application that waited for half a year."""
    submitted, decided = np.array([2_000, 0, 5]), np.array([1_000, 2**40, 9])
    assert latency_ms(submitted, decided).tolist() == [0, 2**31 - 1, 4]
