"""The one table from problems to gRPC statuses: whatever HTTP would answer, a gRPC caller gets in gRPC's own terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import orjson
from grpc import StatusCode

from serve_app.door.answer import Answer

CODE_OF: Mapping[int, StatusCode] = {
    400: StatusCode.INVALID_ARGUMENT,
    401: StatusCode.UNAUTHENTICATED,
    403: StatusCode.PERMISSION_DENIED,
    404: StatusCode.NOT_FOUND,
    422: StatusCode.INVALID_ARGUMENT,
    429: StatusCode.RESOURCE_EXHAUSTED,
    500: StatusCode.INTERNAL,
    503: StatusCode.UNAVAILABLE,
}
# The problem document as HTTP would send it. gRPC lets metadata have 8 KiB in all, so of a long one the first errors.
PROBLEM_KEY, RETRY_KEY = "problem-bin", "retry-after"
_MOST_PROBLEM_BYTES = 4096
_MOST_ERRORS = 16


class StatusSetter(Protocol):
    """What is used of a call's context to end it with a status."""

    def set_code(self, code: StatusCode) -> None: ...

    def set_details(self, details: str) -> None: ...

    def set_trailing_metadata(self, trailing_metadata: list[tuple[str, str | bytes]]) -> None: ...


def refuse(call: StatusSetter, problem: Answer) -> None:
    """End a call with a problem: its status, its detail, and the document itself in the trailing metadata."""
    document = orjson.loads(problem.body)
    call.set_code(CODE_OF.get(problem.status, StatusCode.INTERNAL))
    call.set_details(f"{document['title']}: {document['detail']}")
    body = problem.body
    if len(body) > _MOST_PROBLEM_BYTES and "errors" in document:
        body = orjson.dumps(document | {"errors": document["errors"][:_MOST_ERRORS]})
    metadata: list[tuple[str, str | bytes]] = []
    if len(body) <= _MOST_PROBLEM_BYTES:
        metadata.append((PROBLEM_KEY, body))
    metadata += [(name.decode(), value.decode()) for name, value in problem.headers if name == RETRY_KEY.encode()]
    call.set_trailing_metadata(metadata)
