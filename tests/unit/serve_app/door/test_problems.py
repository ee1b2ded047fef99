"""One table from errors to statuses."""

from __future__ import annotations

import json

import pytest

from credit.errors import (
    DependencyUnavailable,
    LoanstreamError,
    NotReady,
    Overloaded,
    PermanentError,
    UnknownClient,
)
from serve_app.door.problems import from_error, problem


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (UnknownClient("client 5"), 404, None),
        (Overloaded("full", 3.4), 429, b"3"),
        (Overloaded("full", 0.1), 429, b"1"),
        (NotReady("wait"), 503, b"2"),
        (DependencyUnavailable("away"), 503, b"2"),
        (PermanentError("broken"), 500, None),
    ],
)
def test_each_error_has_its_status(error: LoanstreamError, status: int, retry_after: bytes | None) -> None:
    """What may pass says when to come back."""
    answer = from_error(error)
    assert answer.status == json.loads(answer.body)["status"] == status
    assert dict(answer.headers).get(b"retry-after") == retry_after


def test_a_remote_traceback_is_not_shown() -> None:
    """An error that crossed a handle says its last line alone."""
    error = DependencyUnavailable("ray::Scorer\n  File x.py, line 3\ncredit.errors.DependencyUnavailable: Error: gone")
    assert json.loads(from_error(error).body)["detail"] == "gone"


def test_members_can_be_added() -> None:
    """RFC 9457 allows further members."""
    assert json.loads(problem(409, "Taken", "by another", holder="x").body)["holder"] == "x"
