"""Clients: found by their number, their application on file, their face and name."""

from __future__ import annotations

from desk.client.base import AnswerModel, DeskApi


class ClientNumbers(AnswerModel):
    """Numbers of clients on file."""

    clients: list[int]


class ClientFile(AnswerModel):
    """What is on file of a client."""

    sk_id_curr: int
    application: dict[str, float | int | str | None]
    history: dict[str, float | None]


class ClientIdentity(AnswerModel):
    """Name and photo; `made_up` where the demonstration invented both."""

    name: str | None
    photo: str | None
    made_up: bool


class ClientClient:
    """Asks for clients."""

    def __init__(self, api: DeskApi) -> None:
        self._api = api

    def suggested(self, digits: str, limit: int = 8) -> list[int]:
        """Return clients on file whose numbers begin with some digits."""
        return self._api.get("/v1/clients", ClientNumbers, {"prefix": digits, "limit": limit}).clients

    def file(self, client: int) -> ClientFile:
        """Return a client's application on file and history."""
        return self._api.get(f"/clients/{client}", ClientFile)

    def identity(self, client: int) -> ClientIdentity:
        """Return a client's name and photo, to roles that may see them; the access is logged."""
        return self._api.get(f"/v1/clients/{client}/identity", ClientIdentity)
