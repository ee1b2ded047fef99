"""Who may pass."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from access.caller import AccessScope
from access.check import AccessCheck
from access.keyring import Keyring
from access.keys import KeyFile
from access.routes import OPEN_PATHS
from serve_app.door.answer import Answer
from serve_app.door.gate import Gate

Headers = tuple[tuple[bytes, bytes], ...]


def refusal(gate: Gate, method: str, path: str, *headers: tuple[bytes, bytes]) -> Answer | None:
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    return asyncio.run(gate.refusal(scope))


@pytest.fixture
def gate() -> Gate:
    return Gate(AccessCheck(Keyring(None, "a key")))


def test_the_key_opens_every_path(gate: Gate) -> None:
    """Header names come in small letters from every server."""
    assert refusal(gate, "GET", "/model", (b"accept", b"*/*"), (b"x-api-key", b"a key")) is None


@pytest.mark.parametrize(
    "headers", [(), ((b"x-api-key", b""),), ((b"x-api-key", b"a kex"),), ((b"authorization", b"a key"),)]
)
def test_no_key_or_another_opens_what_is_open_and_nothing_else(gate: Gate, headers: Headers) -> None:
    """Health and documentation answer, everything else is 401."""
    assert all(refusal(gate, "GET", path, *headers) is None for path in OPEN_PATHS)
    refused = refusal(gate, "GET", "/model", *headers)
    assert refused is not None
    assert refused.status == 401


def test_a_key_without_the_route_s_scope_is_refused(tmp_path: Path) -> None:
    """Who may read may not decide: known, and not allowed."""
    path = tmp_path / "keys.json"
    secret = KeyFile(path).add("desk", frozenset({AccessScope.READ}))
    gate = Gate(AccessCheck(Keyring(path)))
    header = (b"x-api-key", secret.encode())
    assert refusal(gate, "GET", "/model", header) is None
    refused = refusal(gate, "POST", "/predict", header)
    assert refused is not None
    assert refused.status == 403
