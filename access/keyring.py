"""From a key that a caller sends to who that is; the file of keys is looked at again whenever it has changed."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from access.caller import ALL_SCOPES, Caller
from access.keys import HOME_KEY, KeyList, secret_hash
from credit.errors import SettingsError

logger = logging.getLogger(__name__)

_Stamp = tuple[int, int, int] | None


class Keyring:
    """The keys of a file, and the single key of a home or of a cluster as one named `home` with all scopes.

    A file that cannot be read any more leaves the last good keys valid, with an error in the log: a slip of the pen
    must not close the office. Raises SettingsError where it cannot be read at the start.
    """

    def __init__(
        self, path: Path | None, home_key: str | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._path, self._clock = path, clock
        self._home = None if not home_key else secret_hash(home_key).encode()
        self._stamp = self._look()
        self._keys = KeyList.read(path) if path else KeyList()

    def caller(self, token: str) -> Caller | None:
        """Return who a key belongs to; None where it is unknown, expired or revoked.

        Microseconds: one look at the file's date, one hash, and a comparison with every key in constant time, so that
        how long it takes tells nothing about how close a guess came.
        """
        self._refresh()
        given = secret_hash(token).encode()
        found: Caller | None = None
        if self._home is not None and hmac.compare_digest(given, self._home):
            found = Caller(HOME_KEY, "key", ALL_SCOPES, frozenset({"lead"}))
        now = self._clock()
        for key in self._keys.keys:
            for secret in key.secrets:
                same = hmac.compare_digest(given, secret.sha256.encode())
                if same and key.revoked_at is None and (secret.until is None or now < secret.until):
                    limit = float("inf") if key.limit is None else key.limit
                    found = Caller(key.name, "key", key.scopes, key.roles, limit)
        return found

    @property
    def empty(self) -> bool:
        """Whether no key at all could be taken: a door should not open then."""
        self._refresh()
        return self._home is None and not self._keys.keys

    def _refresh(self) -> None:
        stamp = self._look()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        assert self._path is not None
        try:
            self._keys = KeyList.read(self._path)
        except SettingsError as error:
            logger.error("%s; the keys read before stay valid", error)  # noqa: TRY400 - one line says it

    def _look(self) -> _Stamp:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
