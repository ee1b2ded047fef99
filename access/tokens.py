"""Bearer tokens of people, from the bank's own identity provider: JWTs checked by its published keys (OIDC)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt

from access.caller import Caller
from access.claims import name_in, person, roles_in
from credit.errors import DependencyUnavailable, SettingsError

logger = logging.getLogger(__name__)

# Asymmetric ones only: with a symmetric one whoever can check a token can make one, and a public key passed off as a
# symmetric secret is the oldest forgery there is.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_LEEWAY_S = 30
_TIMEOUT_S = 5.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

FetchKeys = Callable[[str], Mapping[str, Any]]


class Tokens:
    """Reads bearer tokens of one issuer for one audience.

    jwks_url: where the issuer publishes its keys, https or loopback; roles_claim: the claim with the roles, dots for
    claims within claims (`realm_access.roles`); limits: largest amount of a review by role.

    The keys are fetched at the first token, again when `max_age_s` old, and again for a token that names a key we have
    not seen, but never twice within `min_age_s`: or anybody could have us ask without end.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        jwks_url: str,
        roles_claim: str = "roles",
        limits: Mapping[str, float] | None = None,
        max_age_s: float = 600.0,
        min_age_s: float = 10.0,
        fetch: FetchKeys | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        address = urlsplit(jwks_url)
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname in _LOOPBACK):
            raise SettingsError(f"{jwks_url} would let anybody on the way name the keys; use https")
        self.issuer, self._audience, self._url = issuer, audience, jwks_url
        self._roles_claim, self._limits = roles_claim, dict(limits or {})
        self._max_age_s, self._min_age_s = max_age_s, min_age_s
        self._fetch, self._monotonic = fetch or fetch_keys, monotonic
        self._lock = threading.Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at: float | None = None
        self._fetched_at: float | None = None

    def ready_for(self, token: str) -> bool:
        """Say whether `caller` would answer this token without asking the issuer: if not, call it on a thread."""
        key_id = _key_id(token)
        return key_id is None or not self._must_ask(key_id)

    def caller(self, token: str) -> Caller | None:
        """Return who a token belongs to, None where it is no valid one for us.

        May ask the issuer, which takes up to five seconds. Raises DependencyUnavailable where it has to and cannot.
        """
        key_id = _key_id(token)
        key = None if key_id is None else self._key(key_id)
        if key is None:
            return None
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                # The key itself: a published key need not say its algorithm, and PyJWT would take RS256 for granted.
                key.key,
                algorithms=_ALGORITHMS,
                issuer=self.issuer,
                audience=self._audience,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            return None
        return person(str(claims["sub"]), roles_in(claims, self._roles_claim), self._limits, name_in(claims))

    def _key(self, key_id: str) -> jwt.PyJWK | None:
        if self._must_ask(key_id):
            with self._lock:
                if self._must_ask(key_id):  # nobody else has asked while we waited
                    self._refresh()
        if not self._keys:
            raise DependencyUnavailable(f"the issuer's keys at {self._url} cannot be had; tokens cannot be checked")
        return self._keys.get(key_id)

    def _must_ask(self, key_id: str) -> bool:
        now = self._monotonic()
        lately = self._asked_at is not None and now - self._asked_at <= self._min_age_s
        old = self._fetched_at is None or now - self._fetched_at > self._max_age_s
        return (old or key_id not in self._keys) and not lately

    def _refresh(self) -> None:
        """Ask for the keys; where that fails, those of before stay, as far as anybody knows they are the issuer's."""
        self._asked_at = self._monotonic()
        try:
            found = jwt.PyJWKSet.from_dict(dict(self._fetch(self._url)))
        except (DependencyUnavailable, jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
            logger.warning("the keys at %s cannot be read: %s", self._url, error)
            return
        self._keys = {key.key_id: key for key in found.keys if key.key_id}
        self._fetched_at = self._asked_at


def fetch_keys(url: str) -> Mapping[str, Any]:
    """Return the key set at an address; raises DependencyUnavailable where there is none to be had."""
    import httpx

    try:
        answer = httpx.get(url, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        found: Mapping[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise DependencyUnavailable(f"the issuer's keys at {url} cannot be had ({type(error).__name__})") from None
    return found


def _key_id(token: str) -> str | None:
    try:
        key_id = jwt.get_unverified_header(token).get("kid")
    except (jwt.PyJWTError, ValueError):
        return None
    return key_id if isinstance(key_id, str) else None
