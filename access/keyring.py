"""From a key that a caller sends to who that is; the file of keys is looked at again whenever it has changed."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from access.caller import ALL_SCOPES, Caller
from access.keys import HOME_KEY, ApiKey, key_file, secret_hash
from access.record_file import WatchedRecords


class Keyring:
    """The keys of a file, and the single key of a home or of a cluster as one named `home` with all scopes.

    A file that cannot be read any more leaves the last good keys valid; raises SettingsError where it cannot be read at
    the start.
    """

    def __init__(
        self, path: Path | None, home_key: str | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._clock = clock
        self._home = None if not home_key else secret_hash(home_key).encode()
        self._file = WatchedRecords(key_file(path)) if path else None

    def caller(self, token: str) -> Caller | None:
        """Return who a key belongs to; None where it is unknown, expired or revoked.

        Microseconds: one look at the file's date, one hash, and a comparison with every key in constant time, so that
        how long it takes tells nothing about how close a guess came.
        """
        given = secret_hash(token).encode()
        found: Caller | None = None
        if self._home is not None and hmac.compare_digest(given, self._home):
            found = Caller(HOME_KEY, "key", ALL_SCOPES, frozenset({"lead"}))
        now = self._clock()
        for key in self._keys():
            for secret in key.secrets:
                same = hmac.compare_digest(given, secret.sha256.encode())
                if same and key.revoked_at is None and (secret.until is None or now < secret.until):
                    limit = float("inf") if key.limit is None else key.limit
                    found = Caller(key.name, "key", key.scopes, key.roles, limit)
        return found

    @property
    def empty(self) -> bool:
        """Whether no key at all could be taken: a door should not open then."""
        return self._home is None and not self._keys()

    def _keys(self) -> tuple[ApiKey, ...]:
        return self._file.now().keys if self._file is not None else ()
