"""What a consumer hands out, as everyone else sees it: a record, and the partition that it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Record(Protocol):
    """A consumed record; kafka-python's ConsumerRecord is one.

    timestamp: milliseconds since the epoch, -1 where it has none.
    """

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class Partition(Protocol):
    """One partition of a topic, hashable; kafka-python's TopicPartition is one."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
