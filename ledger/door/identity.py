"""The routes of a client's identity: name and photo, for those who may see them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from ledger.door.asking import MOST, Administrator, Parts, SeesIdentity
from ledger.door.models import PLAIN
from ledger.identity.identities import MAX_NAME, MAX_PHOTO, Identities, Identity

ClientNumber = Annotated[int, Path(ge=1, le=MOST)]
# Not SVG: what is drawn here has no script in it, what others send may.
_PHOTO = r"^data:image/(?:png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$"


class IdentityAnswer(BaseModel):
    """A client's name and photo."""

    name: str
    photo: str | None = Field(description="A data URL.")
    made_up: bool = Field(description="Whether it was drawn here for a demo, and is nobody's.")


class IdentityRequest(BaseModel):
    """Gives a client a name and a photo."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=MAX_NAME, pattern=PLAIN)
    photo: str | None = Field(
        default=None, max_length=MAX_PHOTO, pattern=_PHOTO, description="PNG, JPEG or WebP as a data URL."
    )


def identity_routes(identities: Identities) -> APIRouter:
    """Return the routes under /v1/clients/{id}/identity."""
    routes = APIRouter(tags=["identity"])

    @routes.get("/v1/clients/{sk_id_curr}/identity", response_model=IdentityAnswer)
    def seen(parts: Parts, actor: SeesIdentity, sk_id_curr: ClientNumber) -> IdentityAnswer:
        """Return a client's name and photo; the access is logged."""
        found = identities.find(sk_id_curr)
        parts.access.note(actor, "identity", parts.vault.lookup("client", str(sk_id_curr)), None)
        return IdentityAnswer(name=found.name, photo=found.photo, made_up=found.made_up)

    @routes.put("/v1/clients/{sk_id_curr}/identity", response_model=IdentityAnswer)
    def given(parts: Parts, actor: Administrator, sk_id_curr: ClientNumber, body: IdentityRequest) -> IdentityAnswer:
        """Keep a client's name and photo, sealed with the client's key; the change is logged."""
        identities.keep(actor, sk_id_curr, Identity(body.name, body.photo))
        parts.access.note(actor, "identity given", parts.vault.lookup("client", str(sk_id_curr)), None)
        return IdentityAnswer(name=body.name, photo=body.photo, made_up=False)

    return routes
