"""What would have changed a stored decision: the search is the deciding API's, over the decision's own inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import httpx

from credit.errors import DependencyUnavailable
from credit.schema import CLIENT_ID, COLUMN_INDEX
from ledger.errors import Erased, InvalidRequest
from ledger.query.receipt import Receipt, readable

_TIMEOUT: Final = httpx.Timeout(30.0, connect=2.0)
# Receipts keep probabilities as the booster gave them; a difference beyond rounding is another application or model.
_SAME: Final = 1e-9


class SearchesChanges(Protocol):
    """Says what would change a decision's outcome; raises Erased, InvalidRequest or DependencyUnavailable."""

    def would_change(self, receipt: Receipt) -> dict[str, Any]: ...


class DecidingApi:
    """Asks the deciding API, as the ledger itself: `url` is its HTTP door, `key` has the scopes read and decide."""

    def __init__(self, url: str, key: str, client: httpx.Client | None = None) -> None:
        self._client = client or httpx.Client(timeout=_TIMEOUT)
        self._url, self._headers = url.rstrip("/"), {"X-API-Key": key}

    def would_change(self, receipt: Receipt) -> dict[str, Any]:
        """Return the answer of `POST /v1/counterfactuals` on the decision's application, and whether it is that one.

        A decision of before applications were kept has what the model read; the other columns are those on file today.
        `reproduced` says whether the application, decided as it stands, has the receipt's probability: it has not where
        another version decides today, where the client's history has changed since, or such an old one's file has.
        """
        if receipt.personal is None:
            raise Erased("the client's data were erased: what would have changed the outcome cannot be searched")
        client_id = receipt.personal.client_id
        kept = receipt.application()
        columns = self._on_file(client_id) | _columns_of(receipt) if kept is None else kept
        columns = columns | {CLIENT_ID: client_id}
        answer = self._ask("POST", "/v1/counterfactuals", {"application": {"application": columns}})
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            raise InvalidRequest("application", "it can be put together no more: the client is not on file")
        found: dict[str, Any] = _told(answer)
        same = abs(found["probability_of_default"] - receipt.row.probability) < _SAME
        return found | {"decision_id": receipt.row.decision_id, "reproduced": same}

    def _on_file(self, client_id: int) -> dict[str, Any]:
        answer = self._ask("GET", f"/clients/{client_id}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return {}
        application: dict[str, Any] = _told(answer)["application"]
        return {name: cell for name, cell in application.items() if name in COLUMN_INDEX}

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        try:
            return self._client.request(method, self._url + path, json=body, headers=self._headers)
        except httpx.HTTPError as error:
            raise DependencyUnavailable(
                f"the deciding API at {self._url} does not answer ({type(error).__name__}); try again when it is back"
            ) from None


def _columns_of(receipt: Receipt) -> dict[str, Any]:
    """Return the application's columns among what the model read, categories as words, None where missing."""
    return {name: readable(name, value) for name, value in receipt.values().items() if name in COLUMN_INDEX}


def _told(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise DependencyUnavailable(f"the deciding API answers {answer.status_code}: {answer.text[:200]}")
    document: dict[str, Any] = answer.json()
    return document
