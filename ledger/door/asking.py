"""What the routes share: who asks, what they may, and how parameters become a filter."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy import Engine

from ledger.door.access_log import AccessLog
from ledger.door.models import PLAIN, DoorWord, ModeWord, OutcomeWord
from ledger.errors import InvalidRequest, NotAllowed
from ledger.query.search import DecisionFilter
from ledger.review.actor import Actor
from ledger.review.queue import ReviewQueue
from ledger.store.codes import DOOR_OF, MODE_OF, OUTCOME_OF
from ledger.store.sealing import Vault

ActorOf = Callable[[Request], Awaitable[Actor]]
_REASON = re.compile(r"R[0-9]{2}")
# The most that a column of a database holds.
MOST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class LedgerParts:
    """What the routes work with."""

    engine: Engine
    vault: Vault
    queue: ReviewQueue
    access: AccessLog
    actor_of: ActorOf


def parts_of(request: Request) -> LedgerParts:
    """Return the parts that the application holds."""
    parts: LedgerParts = request.app.state.parts
    return parts


async def _parts(request: Request) -> LedgerParts:
    return parts_of(request)


Parts = Annotated[LedgerParts, Depends(_parts)]


def acting(scope: str) -> Any:
    """Return the dependency that gives the caller, and refuses one whose key has not the scope."""

    async def caller(request: Request) -> Actor:
        actor = await parts_of(request).actor_of(request)
        if not actor.may(scope):
            raise NotAllowed(f"the key {actor.name} has not the scope {scope}")
        return actor

    return Depends(caller)


Reader = Annotated[Actor, acting("read")]
Reviewer = Annotated[Actor, acting("review")]
Auditor = Annotated[Actor, acting("audit")]
SeesIdentity = Annotated[Actor, acting("identity")]
SeesPortfolio = Annotated[Actor, acting("portfolio")]
Administrator = Annotated[Actor, acting("admin")]


async def only_known_parameters(request: Request) -> None:
    """Refuse a parameter that the route does not have: a filter misspelt would give everything instead of a part."""
    described = request.app.openapi()["paths"][request.scope["route"].path_format][request.method.lower()]
    known = [one["name"] for one in described.get("parameters", ()) if one["in"] == "query"]
    for name in request.query_params:
        if name not in known:
            raise InvalidRequest(name[:60], f"there is no such parameter; there are {', '.join(known) or 'none'}")


def identifier(text: str) -> str:
    """Return an id in its usual form; raises InvalidRequest where it is none."""
    try:
        return str(UUID(text))
    except ValueError:
        raise InvalidRequest("id", f"{text[:60]!r} is no id, which has 32 hexadecimal digits") from None


async def asked_filter(
    parts: Parts,
    client: Annotated[int | None, Query(description="SK_ID_CURR of a client.", ge=1, le=MOST)] = None,
    outcome: Annotated[OutcomeWord | None, Query(description="What the model decided.")] = None,
    decided_from: Annotated[
        int | None, Query(alias="from", description="Decided at or after, ms.", ge=0, le=MOST)
    ] = None,
    decided_to: Annotated[int | None, Query(alias="to", description="Decided before, ms.", ge=0, le=MOST)] = None,
    points_from: Annotated[int | None, Query(description="Lowest score points.", ge=-(2**31), lt=2**31)] = None,
    points_to: Annotated[int | None, Query(description="Highest score points.", ge=-(2**31), lt=2**31)] = None,
    model_version: Annotated[
        str | None, Query(description="Version that decided.", max_length=100, pattern=PLAIN)
    ] = None,
    door: Annotated[DoorWord | None, Query(description="Door by which the application came.")] = None,
    mode: Annotated[ModeWord | None, Query(description="How complete the deciding was.")] = None,
    reason: Annotated[str | None, Query(description="Code among the reasons, such as R07.")] = None,
    reviewed: Annotated[bool | None, Query(description="Whether a review of it is closed.")] = None,
) -> DecisionFilter:
    """Read the filters that lists and exports take."""
    if reason is not None and not _REASON.fullmatch(reason):
        raise InvalidRequest("reason", f"{reason[:20]!r} is no reason's code, such as R07")
    return DecisionFilter(
        client=None if client is None else parts.vault.lookup("client", str(client)),
        outcome=None if outcome is None else OUTCOME_OF[outcome],
        mode=None if mode is None else MODE_OF[mode],
        door=None if door is None else DOOR_OF[door],
        from_ms=decided_from,
        to_ms=decided_to,
        points_from=points_from,
        points_to=points_to,
        model_version=model_version,
        reason=reason,
        reviewed=reviewed,
    )


Asked = Annotated[DecisionFilter, Depends(asked_filter)]
