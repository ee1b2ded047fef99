"""The check that both doors make of every request: who calls, and may that caller do this."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

import jwt

from access.caller import Caller, CallerUnknown
from access.home_tokens import HOME_ISSUER, HomeTokens
from access.keyring import Keyring
from access.routes import KNOWN, scope_of
from access.settings import AccessSettings
from access.tokens import Tokens
from credit.errors import SettingsError

KEY_HEADER = "x-api-key"
_BEARER = "bearer "


class KnownKeys(Protocol):
    """Who a key belongs to."""

    def caller(self, token: str) -> Caller | None: ...


class KnownTokens(Protocol):
    """Who a bearer token of an issuer belongs to; `ready_for` says whether that is told without asking elsewhere."""

    @property
    def issuer(self) -> str: ...

    def ready_for(self, token: str) -> bool: ...

    def caller(self, token: str) -> Caller | None: ...


class AccessCheck:
    """Keys and tokens together; made once a process by `access_check`."""

    def __init__(self, keys: KnownKeys, *tokens: KnownTokens) -> None:
        self._keys, self._tokens = keys, {known.issuer: known for known in tokens}

    async def allow(self, method: str, path: str, headers: Mapping[str, str]) -> Caller | None:
        """Return who calls, None where the route is open and nobody says who calls.

        method, path: as in `access.routes.scope_of`, GRPC for gRPC's; headers: names in small letters (a gRPC call's
        metadata as it is). Raises CallerUnknown (401), ScopeMissing (403), or DependencyUnavailable (503) where the
        issuer of tokens is away. Microseconds, and nothing waits, but for the first token under a new key.
        """
        needed = scope_of(method, path)
        if needed is None:
            return None
        caller = await self.caller(headers)
        if needed != KNOWN:
            caller.require(needed)
        return caller

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """Return who calls; raises CallerUnknown where neither key nor token says so."""
        key = headers.get(KEY_HEADER, "")
        if key:
            found = self._keys.caller(key)
        else:
            found = await self._of_token(headers.get("authorization", ""))
        if found is None:
            raise CallerUnknown("no valid key or token; send X-API-Key, or Authorization: Bearer with a token")
        return found

    async def _of_token(self, header: str) -> Caller | None:
        if not self._tokens or not header.lower().startswith(_BEARER):
            return None
        token = header[len(_BEARER) :].strip()
        known = self._tokens.get(issuer_of(token))
        if known is None:
            return None
        if known.ready_for(token):
            return known.caller(token)
        return await asyncio.to_thread(known.caller, token)


def issuer_of(token: str) -> str:
    """Return whom a token says it is from, which is checked by that issuer's own key after; empty where it is none."""
    try:
        # Nothing is trusted here, and nothing else is asked of a token that has no signature yet.
        claims = jwt.decode(token, options={"verify_signature": False, "verify_exp": False, "verify_aud": False})
    except (jwt.PyJWTError, ValueError, TypeError):
        return ""
    return str(claims.get("iss", ""))


def access_check(settings: AccessSettings) -> AccessCheck:
    """Return the check that the settings describe; raises SettingsError where nobody could ever call."""
    home_key = settings.api_key.get_secret_value() if settings.api_key else None
    keyring = Keyring(settings.api_keys_file, home_key)
    tokens: list[KnownTokens] = []
    if settings.jwt_issuer is not None:
        if settings.jwt_jwks_url is None:
            raise SettingsError("LOANSTREAM_JWT_ISSUER is set without LOANSTREAM_JWT_JWKS_URL, where its keys are")
        if settings.jwt_issuer == HOME_ISSUER:
            raise SettingsError(f"{HOME_ISSUER} is the issuer of local users; LOANSTREAM_JWT_ISSUER is another's")
        tokens.append(
            Tokens(
                settings.jwt_issuer,
                settings.jwt_audience,
                settings.jwt_jwks_url,
                settings.jwt_roles_claim,
                settings.review_limits,
            )
        )
    if settings.users_folder is not None:
        tokens.append(HomeTokens(settings.users_folder, settings.review_limits))
    if keyring.empty and not tokens:
        raise SettingsError(
            "nobody could call: set LOANSTREAM_API_KEY or LOANSTREAM_API_KEYS_FILE, an issuer, or a folder of users"
        )
    return AccessCheck(keyring, *tokens)
