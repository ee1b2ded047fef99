"""Who calls the ledger's door: named keys and bearer tokens, as the room `access` knows them."""

from __future__ import annotations

from fastapi import Request

from access.caller import CallerUnknown
from access.check import AccessCheck
from ledger.errors import NoValidKey
from ledger.review.actor import Actor


class KnownCallers:
    """An `ActorOf` over keys and tokens; what each may do is asked by the routes themselves."""

    def __init__(self, check: AccessCheck) -> None:
        self._check = check

    async def __call__(self, request: Request) -> Actor:
        try:
            caller = await self._check.caller(request.headers)
        except CallerUnknown as error:
            raise NoValidKey(str(error)) from None
        return Actor(caller.name, frozenset(map(str, caller.scopes)), caller.roles, caller.limit, caller.display_name)
