"""The one table from the ledger's errors to HTTP statuses, as problem documents (RFC 9457)."""

from __future__ import annotations

import math

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from access.guesses import TooManyTries
from access.passwords import PasswordRefused
from access.sessions import SignInRefused
from credit.errors import LoanstreamError, RetryableError
from ledger.errors import (
    Erased,
    InvalidRequest,
    NoLocalUsers,
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
    (SignInRefused, 401, "Sign-in refused"),
    (TooManyTries, 429, "Too many tries"),
    (PasswordRefused, 422, "Password refused"),
    (NoLocalUsers, 404, "No local users"),
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


def problem(
    status: int,
    title: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    retry_after_s: float | None = None,
) -> JSONResponse:
    """Return a problem document as an answer."""
    body = LedgerProblem(title=title, status=status, detail=detail, errors=errors).model_dump(exclude_none=True)
    wait_s = 2.0 if status == 503 and retry_after_s is None else retry_after_s
    headers = None if wait_s is None else {"Retry-After": f"{math.ceil(wait_s)}"}
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def of_error(error: LoanstreamError) -> JSONResponse:
    """Return the problem document of one of our errors."""
    errors = None
    if isinstance(error, InvalidRequest):
        errors = [{"field": error.field, "message": str(error)}]
    elif isinstance(error, PasswordRefused):
        errors = [{"field": "new_password", "message": str(error)}]
    wait_s = error.retry_after_s if isinstance(error, TooManyTries) else None
    for kind, status, title in LEDGER_STATUS_OF:
        if isinstance(error, kind):
            return problem(status, title, str(error), errors, wait_s)
    return problem(500, "Internal error", str(error))
