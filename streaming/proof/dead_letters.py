"""Dead letters: what could not be decided and why, and sending it again once the cause is mended.

A retry goes through the same topic and the same code as any application. It carries the dead letter's position in a
header, which its decision repeats: so a success is linked to its dead letter, and a second failure is a dead letter of
its own that names the first. It also carries when the application first arrived: an application is not too old because
its retry took long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic_core import from_json

from credit.errors import DependencyUnavailable, SettingsError
from credit.wire.dead_letter import (
    ERROR_CODE,
    ERROR_DETAIL,
    HEADER_PREFIX,
    RETRY_ARRIVED,
    RETRY_OF,
    SOURCE_OFFSET,
    SOURCE_PARTITION,
    SOURCE_TIMESTAMP,
    SOURCE_TOPIC,
    TRUNCATED_FROM,
    retry_link,
)
from streaming.kafka.reading import read_topics
from streaming.kafka.records import Record
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.sender import Sender
from streaming.settings import StreamingSettings

_SEND_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where a dead letter stands in its topic; written `partition:offset`."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """Read `partition:offset`; raises SettingsError for anything else."""
        try:
            partition, offset = text.split(":")
            return cls(int(partition), int(offset))
        except ValueError:
            raise SettingsError(
                f"{text!r} is no dead letter; name one as partition:offset, as `dlq list` does"
            ) from None


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter: its position, why it died, where it came from, its original bytes, key and headers.

    retry_of: the dead letter that this was a retry of; retried_as: what became of its own retry: a decision id,
    `dead letter P:O`, or `waiting`; arrived_ms: of a retry, when its first arrived.
    """

    position: Position
    code: str
    detail: str
    source_topic: str
    source_partition: int
    source_offset: int
    arrived_ms: int
    died_ms: int
    value: bytes
    key: bytes | None
    headers: list[tuple[str, bytes]]
    truncated_from: int | None = None
    retry_of: Position | None = None
    retried_as: str | None = None


def list_letters(
    settings: StreamingSettings,
    security: KafkaSecurity | None = None,
    *,
    code: str | None = None,
    since_ms: int = 0,
) -> list[Letter]:
    """Return the dead letters by position, with what became of those that were retried.

    code: only those that died of this; since_ms: only those that died at or after it, milliseconds since the epoch.
    """
    letters = [letter_of(record) for record in _read(settings, settings.dead_letters_topic, security)]
    fates = _fates(settings, security, letters)
    chosen = [letter for letter in letters if code in (None, letter.code) and letter.died_ms >= since_ms]
    return sorted((_with_fate(letter, fates) for letter in chosen), key=lambda letter: letter.position)


def show_letter(settings: StreamingSettings, position: Position, security: KafkaSecurity | None = None) -> Letter:
    """Return one dead letter with its original bytes; raises SettingsError where there is none at the position."""
    for letter in list_letters(settings, security):
        if letter.position == position:
            return letter
    raise SettingsError(f"there is no dead letter at {position}; `dlq list` shows those there are")


def retry_letters(
    settings: StreamingSettings,
    positions: Sequence[Position],
    security: KafkaSecurity | None = None,
) -> int:
    """Send dead letters to the applications topic again, byte for byte, and return how many were sent.

    Each can be retried once: a retry that fails leaves a dead letter of its own, and that one is retried next. Raises
    SettingsError, before anything is sent, where one is unknown, was retried before, or was cut and is not whole, and
    DependencyUnavailable where not every one was acknowledged.
    """
    known = {letter.position: letter for letter in list_letters(settings, security)}
    chosen = []
    for position in dict.fromkeys(positions):
        letter = known.get(position)
        if letter is None:
            raise SettingsError(f"there is no dead letter at {position}; `dlq list` shows those there are")
        if letter.retried_as is not None:
            raise SettingsError(
                f"dead letter {position} was retried before ({letter.retried_as}); retry that one instead"
            )
        if letter.truncated_from is not None:
            at = f"{letter.source_topic} {letter.source_partition}:{letter.source_offset}"
            raise SettingsError(f"dead letter {position} was too large to keep whole; the whole of it is at {at}")
        chosen.append(letter)
    with Sender(settings.bootstrap_servers, security, max_request_size=settings.max_output_bytes) as sender:
        for letter in chosen:
            retry = [(RETRY_OF, str(letter.position).encode()), (RETRY_ARRIVED, str(letter.arrived_ms).encode())]
            sender.send(settings.applications_topic, letter.value, letter.key, [*letter.headers, *retry])
        sender.flush(_SEND_TIMEOUT_S)
    if sender.failure is not None:
        raise DependencyUnavailable(
            f"not every dead letter was sent again ({sender.failure}); list them and retry the rest"
        )
    return len(chosen)


def letter_of(record: Record) -> Letter:
    """Return the dead letter that a record of the dead letters topic is; KeyError or ValueError for what is none."""
    headers = dict(record.headers)
    retry_of, cut = retry_link(record.headers), headers.get(TRUNCATED_FROM)
    return Letter(
        position=Position(record.partition, record.offset),
        code=headers[ERROR_CODE].decode(),
        detail=headers[ERROR_DETAIL].decode(errors="replace"),
        source_topic=headers[SOURCE_TOPIC].decode(),
        source_partition=int(headers[SOURCE_PARTITION]),
        source_offset=int(headers[SOURCE_OFFSET]),
        arrived_ms=int(headers.get(RETRY_ARRIVED) or headers[SOURCE_TIMESTAMP]),
        died_ms=record.timestamp,
        value=bytes(record.value or b""),
        key=record.key,
        headers=[(name, value) for name, value in record.headers if not name.startswith(HEADER_PREFIX)],
        truncated_from=int(cut) if cut else None,
        retry_of=Position.parse(retry_of.decode()) if retry_of else None,
    )


def _read(settings: StreamingSettings, topic: str, security: KafkaSecurity | None) -> Iterator[Record]:
    return read_topics(settings.bootstrap_servers, [topic], None, security)


def _fates(
    settings: StreamingSettings, security: KafkaSecurity | None, letters: Sequence[Letter]
) -> dict[Position, str]:
    """Return what became of retried letters: waiting, then a dead letter or a decision, whatever is known last."""
    if not letters:
        return {}
    fates: dict[Position, str] = {}
    for record in _read(settings, settings.applications_topic, security):
        if (link := retry_link(record.headers)) is not None:
            fates[Position.parse(link.decode())] = "waiting"
    if not fates:
        return fates
    fates |= {letter.retry_of: f"dead letter {letter.position}" for letter in letters if letter.retry_of is not None}
    for record in _read(settings, settings.decisions_topic, security):
        if (link := retry_link(record.headers)) is not None:
            fates[Position.parse(link.decode())] = f"decision {from_json(record.value or b'')['decision_id']}"
    return fates


def _with_fate(letter: Letter, fates: dict[Position, str]) -> Letter:
    fate = fates.get(letter.position)
    return letter if fate is None else replace(letter, retried_as=fate)
