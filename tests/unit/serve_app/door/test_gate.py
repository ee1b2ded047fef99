"""Who may pass."""

from __future__ import annotations

from typing import Any

import pytest

from serve_app.door.gate import OPEN_PATHS, OneKeyGate


def scope(path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "path": path, "headers": list(headers)}


def test_the_key_opens_every_path() -> None:
    """Header names come in small letters from every server."""
    assert OneKeyGate("a key").refusal(scope("/model", (b"accept", b"*/*"), (b"x-api-key", b"a key"))) is None


@pytest.mark.parametrize(
    "headers", [(), ((b"x-api-key", b""),), ((b"x-api-key", b"a kex"),), ((b"authorization", b"a key"),)]
)
def test_no_key_or_another_opens_what_is_open_and_nothing_else(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    """Health and documentation answer, everything else is 401."""
    gate = OneKeyGate("a key")
    assert all(gate.refusal(scope(path, *headers)) is None for path in OPEN_PATHS)
    refused = gate.refusal(scope("/model", *headers))
    assert refused is not None
    assert refused.status == 401
