"""The headers that we write: of dead letters, which keep key, bytes and other headers as they came, and of retries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from credit.wire.application import RejectionCode

DEAD_LETTER_VERSION: Final = 1

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
_DIGITS = r"^-?[0-9]+$"
_LINK = re.compile(rb"[0-9]{1,10}:[0-9]{1,19}")


class DeadLetterHeaders(BaseModel):
    """The headers of a dead letter that are ours; its key, its bytes and all other headers are as they came."""

    model_config = ConfigDict(populate_by_name=True)

    code: RejectionCode | Literal["unreadable", "undecidable", "oversize_output"] = Field(
        alias=ERROR_CODE, description="Why it died, for machines."
    )
    detail: str = Field(alias=ERROR_DETAIL, description="What is wrong with each field, for people.")
    topic: str = Field(alias=SOURCE_TOPIC)
    partition: str = Field(alias=SOURCE_PARTITION, pattern=_DIGITS)
    offset: str = Field(alias=SOURCE_OFFSET, pattern=_DIGITS)
    timestamp: str = Field(alias=SOURCE_TIMESTAMP, pattern=_DIGITS)
    truncated_from: str = Field(
        default="",
        alias=TRUNCATED_FROM,
        pattern=r"^[0-9]*$",
        description="Bytes of the whole, only where the brokers would have refused it.",
    )
    retry_of: str = Field(
        default="",
        alias=RETRY_OF,
        pattern=r"^([0-9]+:[0-9]+)?$",
        description="The dead letter that this was a retry of, as partition:offset.",
    )
    retry_arrived: str = Field(
        default="",
        alias=RETRY_ARRIVED,
        pattern=r"^(-?[0-9]+)?$",
        description="When what is retried arrived first, milliseconds since the epoch.",
    )


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
