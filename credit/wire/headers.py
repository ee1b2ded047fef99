"""The headers that we write: of dead letters, and of what is sent again."""

from __future__ import annotations

import re
from collections.abc import Iterable

Headers = Iterable[tuple[str, bytes]] | None

HEADER_PREFIX = "loanstream."
ERROR_CODE = "loanstream.error.code"
ERROR_DETAIL = "loanstream.error.detail"
SOURCE_TOPIC = "loanstream.source.topic"
SOURCE_PARTITION = "loanstream.source.partition"
SOURCE_OFFSET = "loanstream.source.offset"
SOURCE_TIMESTAMP = "loanstream.source.timestamp"
TRUNCATED_FROM = "loanstream.truncated.from"
RETRY_OF = "loanstream.retry.of"
RETRY_ARRIVED = "loanstream.retry.arrived"
_LINK = re.compile(rb"[0-9]{1,10}:[0-9]{1,19}")


def retry_link(headers: Headers) -> bytes | None:
    """Return the dead letter that a record is a retry of, as `partition:offset`; None for any other record.

    Anybody may send a header of this name: what is no position is not repeated, whatever its size.
    """
    for name, value in headers or ():
        if name == RETRY_OF and value is not None and _LINK.fullmatch(value):
            return value
    return None


def first_arrival(headers: Headers, timestamp: int) -> int:
    """Return when a record arrived, or for a retry what it retries: milliseconds since the epoch."""
    for name, value in headers or ():
        if name == RETRY_ARRIVED and value is not None and value.isdigit() and len(value) < 15:
            return int(value)
    return timestamp
