"""The one table from the ledger's errors to HTTP statuses, as problem documents (RFC 9457)."""

from __future__ import annotations

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from credit.errors import LoanstreamError, RetryableError
from ledger.errors import (
    Erased,
    InvalidRequest,
    NotAllowed,
    NotCounted,
    NoValidKey,
    ReviewConflict,
    UnknownDecision,
    UnknownIdentity,
    UnknownReview,
    WrongMigration,
)
from ledger.transparency.merkle import ProofRefused

# First match wins; whatever is not named here is a fault of ours.
LEDGER_STATUS_OF: tuple[tuple[type[LoanstreamError], int, str], ...] = (
    (NoValidKey, 401, "No valid API key"),
    (UnknownDecision, 404, "Unknown decision"),
    (UnknownReview, 404, "Unknown review"),
    (UnknownIdentity, 404, "No identity"),
    (NotCounted, 404, "Not counted"),
    (InvalidRequest, 422, "Invalid request"),
    (ReviewConflict, 409, "The review is in another state"),
    (NotAllowed, 403, "Not allowed"),
    (ProofRefused, 409, "The log cannot prove this"),
    (Erased, 410, "Erased"),
    (WrongMigration, 503, "Not ready"),
    (RetryableError, 503, "A dependency is away"),
)


class LedgerProblem(BaseModel):
    """An RFC 9457 problem document; `errors` names the fields of an invalid request."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None


def problem(status: int, title: str, detail: str, errors: list[dict[str, str]] | None = None) -> JSONResponse:
    """Return a problem document as an answer."""
    body = LedgerProblem(title=title, status=status, detail=detail, errors=errors).model_dump(exclude_none=True)
    headers = {"Retry-After": "2"} if status == 503 else None
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def of_error(error: LoanstreamError) -> JSONResponse:
    """Return the problem document of one of our errors."""
    errors = [{"field": error.field, "message": str(error)}] if isinstance(error, InvalidRequest) else None
    for kind, status, title in LEDGER_STATUS_OF:
        if isinstance(error, kind):
            return problem(status, title, str(error), errors)
    return problem(500, "Internal error", str(error))
