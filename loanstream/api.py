"""A small client of the HTTP API, for commands that ask the running stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from credit.errors import (
    DependencyUnavailable,
    InvalidApplication,
    LoanstreamError,
    NotReady,
    Overloaded,
    UnknownClient,
)
from loanstream.stack.surroundings import Place

_TIMEOUT_S = 30.0


class RequestRefused(LoanstreamError):
    """The API refused the request: its answer says why."""


class Api:
    """Asks the HTTP API of a stack; every refusal becomes the error that the bank's language has for it."""

    def __init__(self, place: Place, api_key: str | None = None) -> None:
        self._place = place
        self._key = api_key or place.home.api_key()

    def application_of(self, client_id: int) -> dict[str, Any]:
        """Return the application on file of a client, as Home Credit's columns."""
        found: dict[str, Any] = self._ask("GET", f"/clients/{client_id}")["application"]
        return {name: cell for name, cell in found.items() if cell is not None} | {"SK_ID_CURR": client_id}

    def decide(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the full decision of one application message."""
        answer: dict[str, Any] = self._ask("POST", "/v1/decisions", message)
        decision: dict[str, Any] = answer["decisions"][0] if "decisions" in answer else answer
        return decision

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        import httpx

        url = self._place.http + path
        try:
            answer = httpx.request(method, url, json=body, headers={"X-API-Key": self._key}, timeout=_TIMEOUT_S)
        except httpx.HTTPError as error:
            raise DependencyUnavailable(
                f"the HTTP API at {self._place.http} does not answer ({error}); start it with `loanstream up`"
            ) from None
        try:
            document = answer.json()
        except ValueError:
            document = {"detail": answer.text[:200]}
        if answer.is_success and isinstance(document, dict):
            return document
        raise error_of(answer.status_code, document, self._place.home.api_key_file)


def error_of(status: int, document: dict[str, Any], key_file: Path) -> LoanstreamError:
    """Return the error that the API's refusal stands for; key_file: where the key of this home's stack is."""
    detail = str(document.get("detail", "no reason given"))
    if status == 422 and document.get("errors"):
        return InvalidApplication("invalid_fields", [(one["field"], one["message"]) for one in document["errors"]])
    kinds: dict[int, type[LoanstreamError]] = {404: UnknownClient, 429: Overloaded, 503: NotReady}
    if status in (401, 403):
        return RequestRefused(f"{detail}; is this the home of the stack that answers? its key is in {key_file}")
    return kinds.get(status, RequestRefused)(detail)
