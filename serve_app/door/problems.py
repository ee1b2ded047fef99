"""The one table from our errors to HTTP statuses, and the problem documents (RFC 9457) that carry them."""

from __future__ import annotations

from typing import Any

import orjson

from access.caller import CallerUnknown, ScopeMissing
from credit.errors import (
    DependencyUnavailable,
    LoanstreamError,
    ModelNotFound,
    ModelRefused,
    NotReady,
    Overloaded,
    UnknownClient,
    UnknownFeature,
)
from serve_app.door.answer import Answer

# First match wins; whatever is not named here is a fault of ours.
STATUS_OF: tuple[tuple[type[LoanstreamError], int, str], ...] = (
    (CallerUnknown, 401, "No valid key or token"),
    (ScopeMissing, 403, "Not allowed"),
    (UnknownClient, 404, "Unknown client"),
    (UnknownFeature, 404, "Unknown feature"),
    (Overloaded, 429, "Overloaded"),
    (NotReady, 503, "Not ready"),
    (ModelNotFound, 503, "Not ready"),
    (ModelRefused, 503, "Not ready"),
    (DependencyUnavailable, 503, "A dependency is away"),
)


def problem(status: int, title: str, detail: str, retry_after_s: int | None = None, **more: Any) -> Answer:
    """Return a problem document; `more` adds members such as `errors`."""
    headers: tuple[tuple[bytes, bytes], ...] = ((b"content-type", b"application/problem+json"),)
    if retry_after_s is not None:
        headers += ((b"retry-after", b"%d" % retry_after_s),)
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return Answer(status, orjson.dumps(body), headers)


def invalid(errors: list[tuple[str, str]], title: str = "Invalid application") -> Answer:
    """Return 422 naming each field that is wrong."""
    named = [{"field": field, "message": message} for field, message in errors]
    return problem(422, title, "correct the fields named in errors and send it again", errors=named)


def from_error(error: LoanstreamError) -> Answer:
    """Return the problem document of one of our errors."""
    for kind, status, title in STATUS_OF:
        if isinstance(error, kind):
            retry_after_s = 2 if status == 503 else None
            if isinstance(error, Overloaded):
                retry_after_s = max(1, round(error.retry_after_s))
            return problem(status, title, _message(error), retry_after_s)
    return problem(500, "Internal error", _message(error))


def _message(error: LoanstreamError) -> str:
    # An error that crossed a Serve handle carries the remote traceback; its last line is the message.
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1].split("Error: ", 1)[-1] if lines else type(error).__name__
