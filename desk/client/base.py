"""One connection to the API: sends a person's credentials, reads problem documents, gives typed answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from desk.client.errors import FAULT_OF_STATUS, ApiAway, ApiFault, UnexpectedAnswer

Answered = TypeVar("Answered")
Query = Mapping[str, str | int | float | bool | None]


class AnswerModel(BaseModel):
    """An answer's body; fields that a later version adds are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=())


class DeskApi:
    """Asks the API as one person; raises ApiFault.

    http: shared by all sessions, knows the address. credentials: headers that say who asks.
    """

    def __init__(self, http: httpx.Client, credentials: Mapping[str, str]) -> None:
        self._http, self._credentials = http, dict(credentials)

    def get(self, path: str, into: type[Answered], query: Query | None = None) -> Answered:
        """Return an answer as the type `into` (a model, or list[model])."""
        return read_answer(self.send("GET", path, query=query), into)

    def post(self, path: str, into: type[Answered], body: Any = None, query: Query | None = None) -> Answered:
        """Send a body as JSON and return the answer as `into`."""
        return read_answer(self.send("POST", path, query=query, body=body), into)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Any = None,
        content: bytes | None = None,
        media_type: str | None = None,
    ) -> httpx.Response:
        """Send one request and return a successful answer.

        body: sent as JSON; content: sent as it is, with its media_type.
        """
        headers = self._credentials | ({"Content-Type": media_type} if media_type else {})
        given = {name: _word(value) for name, value in (query or {}).items() if value is not None}
        try:
            answer = self._http.request(method, path, params=given, json=body, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise ApiAway(f"{self._http.base_url} does not answer ({type(error).__name__})") from None
        if not answer.is_success:
            raise fault_of(answer)
        return answer


def read_answer(answer: httpx.Response, into: type[Answered]) -> Answered:
    """Return an answer's body as a type; raises UnexpectedAnswer."""
    try:
        return TypeAdapter(into).validate_json(answer.content)
    except ValidationError as error:
        first = error.errors()[0]
        raise UnexpectedAnswer(
            f"{answer.request.url.path}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        ) from None


def fault_of(answer: httpx.Response) -> ApiFault:
    """Return the fault that an answer's problem document tells of."""
    try:
        problem = answer.json()
        detail = str(problem.get("detail") or problem.get("title") or answer.reason_phrase)
        fields = [(str(e.get("field", "")), str(e.get("message", ""))) for e in problem.get("errors") or ()]
    except (ValueError, AttributeError):
        detail, fields = f"{answer.status_code} {answer.reason_phrase}", []
    kind = FAULT_OF_STATUS.get(answer.status_code, ApiAway if answer.status_code >= 500 else UnexpectedAnswer)
    return kind(detail, fields=fields)


def _word(value: str | int | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
