"""Where a page ended, as a word that a caller hands back for the next."""

from __future__ import annotations

import base64
import binascii
import struct
from typing import NamedTuple

from ledger.errors import InvalidRequest

_KEY = struct.Struct(">QQ")
_MOST = 2**63 - 1  # that a database holds


class Cursor(NamedTuple):
    """The last decision looked at: pages go from the newest to the oldest."""

    decided_ms: int
    seq: int

    @property
    def word(self) -> str:
        """The cursor as it stands in an address."""
        return base64.urlsafe_b64encode(_KEY.pack(*self)).decode().rstrip("=")

    @classmethod
    def read(cls, word: str) -> Cursor:
        """Read a cursor; raises InvalidRequest where it is none of ours."""
        try:
            found = cls(*_KEY.unpack(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))))
        except (ValueError, binascii.Error, struct.error):
            found = None
        if found is None or max(found) > _MOST:
            raise InvalidRequest("after", "this is no cursor; hand back `next` of an answer as it is")
        return found
