"""Counting what is in the topics, from the topics alone: the proof that in = decided + dead letters.

Reads committed records only, shares nothing with the gateway but the message formats, and remembers every id it saw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from pydantic_core import from_json

from credit.wire.dead_letter import SOURCE_OFFSET, SOURCE_PARTITION
from streaming.kafka.reading import Positions, read_topics
from streaming.kafka.records import Record
from streaming.kafka.security import KafkaSecurity


@dataclass(frozen=True, slots=True)
class Proof:
    """What went in, what came out, and what does not add up; `lost` and `doubled` are application ids or positions."""

    applications_in: int
    decisions: int
    dead_letters: int
    outcomes: dict[str, int]
    lost: list[str]
    doubled: list[str]
    unexpected: list[str]

    @property
    def holds(self) -> bool:
        """Whether each application in has exactly one decision or dead letter, and nothing else came out."""
        return not (self.lost or self.doubled or self.unexpected)

    def line(self) -> str:
        """Return the proof as one line for people."""
        return (
            f"{self.applications_in} in = {self.decisions} decisions + {self.dead_letters} dead letters; "
            f"lost {len(self.lost)}, doubled {len(self.doubled)}, unexpected {len(self.unexpected)}"
        )


def prove(
    bootstrap: str,
    applications_topic: str,
    decisions_topic: str,
    dead_letters_topic: str,
    since: Positions | None = None,
    security: KafkaSecurity | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Proof:
    """Read the three topics back and match every application to its decision or its dead letter.

    since: `streaming.kafka.reading.end_positions` of these topics from before, so that only what came later counts. An
    application that was sent twice is owed two answers. Dead letters are matched by the source position in their
    headers.
    """
    owed: Counter[str] = Counter()
    positions: dict[tuple[int, int], str] = {}
    for record in read_topics(bootstrap, [applications_topic], since, security):
        name = _application_id(record)
        owed[name] += 1
        positions[record.partition, record.offset] = name
    progress(f"{sum(owed.values())} applications read back")
    answered: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for record in read_topics(bootstrap, [decisions_topic], since, security):
        document = from_json(record.value or b"")
        answered[document["application_id"]] += 1
        outcomes[document["outcome"]] += 1
    decisions = sum(answered.values())
    progress(f"{decisions} decisions read back")
    letters = 0
    unexpected: list[str] = []
    for record in read_topics(bootstrap, [dead_letters_topic], since, security):
        letters += 1
        headers = dict(record.headers)
        at = (int(headers[SOURCE_PARTITION]), int(headers[SOURCE_OFFSET]))
        if at in positions:
            answered[positions[at]] += 1
        else:
            unexpected.append(f"dead letter of {at[0]}:{at[1]}")
    unexpected += [name for name in answered if name not in owed]
    lost = sorted((owed - answered).elements())
    doubled = sorted((answered - owed).elements())
    doubled = [name for name in doubled if name in owed]
    return Proof(sum(owed.values()), decisions, letters, dict(outcomes), lost, doubled, unexpected)


def _application_id(record: Record) -> str:
    # As the contract has it: the envelope's id, or the client's, and for what is neither the record's own position.
    try:
        document = from_json(record.value or b"")
        return str(document.get("application_id") or document["application"]["SK_ID_CURR"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"record {record.partition}:{record.offset}"
