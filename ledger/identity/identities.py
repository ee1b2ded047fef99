"""Clients' names and photos: sealed with the client's key, so that they end with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Engine, delete, select

from ledger.errors import Erased, InvalidRequest, UnknownIdentity
from ledger.identity.made_up import made_up_identity
from ledger.review.actor import Actor
from ledger.store.engine import now_ms, reading, writing
from ledger.store.sealing import Vault
from ledger.store.tables import identities

MAX_NAME = 200
MAX_PHOTO = 700_000  # characters of a data URL: a photo of half a megabyte


class IdentityVault(Vault, Protocol):
    """The vault, as identities need it."""

    def is_erased(self, client_id: str) -> bool:
        """Say whether a client was erased and has been given no new key since."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a client is to the eye. photo: a data URL, None where there is none; made_up: drawn here, and nobody's."""

    name: str
    photo: str | None
    made_up: bool = False


class Identities:
    """Identities by client id. making_up: whether a client without one gets a made-up one."""

    def __init__(self, engine: Engine, vault: IdentityVault, making_up: bool = False) -> None:
        self._engine, self._vault, self._making_up = engine, vault, making_up

    def find(self, client_id: int) -> Identity:
        """Return a client's identity; raises Erased where the client was erased, UnknownIdentity for none."""
        if self._vault.is_erased(str(client_id)):
            raise Erased("the client was erased: no name and no photo are kept, and none is made up")
        name = self._vault.lookup("client", str(client_id))
        with reading(self._engine) as connection:
            sealed = connection.scalar(select(identities.c.sealed).where(identities.c.client == name))
        if sealed is not None:
            document = json.loads(self._vault.open(name, sealed, _context(name)))
            return Identity(document["name"], document["photo"])
        if self._making_up:
            return Identity(*made_up_identity(client_id), made_up=True)
        raise UnknownIdentity(f"no name is kept of client {client_id}; PUT /v1/clients/{client_id}/identity gives one")

    def keep(self, actor: Actor, client_id: int, identity: Identity) -> None:
        """Keep a client's identity in place of the one before; raises InvalidRequest for what cannot be kept."""
        if len(identity.name) > MAX_NAME or not identity.name.strip():
            raise InvalidRequest("name", f"a name has 1 to {MAX_NAME} characters")
        if identity.photo is not None and len(identity.photo) > MAX_PHOTO:
            raise InvalidRequest(
                "photo", f"a photo has at most {MAX_PHOTO:,} characters as a data URL: make it smaller"
            )
        (name,) = self._vault.names([str(client_id)])
        plain = json.dumps({"name": identity.name, "photo": identity.photo}).encode()
        (sealed,) = self._vault.seal([name], [plain], [_context(name)])
        with writing(self._engine, alone=False) as connection:
            connection.execute(delete(identities).where(identities.c.client == name))
            connection.execute(identities.insert().values(client=name, at_ms=now_ms(), actor=actor.name, sealed=sealed))


def _context(name: bytes) -> bytes:
    return b"identity|" + name
