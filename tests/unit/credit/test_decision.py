"""What a decision is, and how it is named."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from credit.decision import decision_ids


@given(st.lists(st.text(max_size=64), max_size=5), st.text(max_size=64), st.text(max_size=64))
def test_a_decisions_id_is_the_uuid5_of_application_model_and_policy(ids: list[str], model: str, policy: str) -> None:
    """Anybody can compute it again with the standard library, and it never changes."""
    namespace = uuid.UUID("6f1c1f0e-3f43-5c1b-9d0c-6c6f616e7374")
    names = [one.encode(errors="replace").decode() for one in ids]
    model, policy = model.encode(errors="replace").decode(), policy.encode(errors="replace").decode()
    expected = [str(uuid.uuid5(namespace, f"{name}|{model}|{policy}")) for name in names]
    assert decision_ids(names, model, policy) == expected
