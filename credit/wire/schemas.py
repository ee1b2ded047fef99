"""The shapes of all messages, and which versions of them are read: what JSON Schema files are made from.

Applications are in `credit.wire.application` and decisions in `credit.wire.decision`, as they are validated by their
models. The other messages are written and read as they stand (headers of a record, the header of an Arrow stream), and
described here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from credit.policy import Policy
from credit.schema import SCHEMA_VERSION
from credit.wire.application import ApplicationMessage, RejectionCode
from credit.wire.audit import AUDIT_VERSION, COLUMN_TYPES, Door
from credit.wire.decision import DecisionMessage
from credit.wire.shadow import SHADOW_COLUMNS, SHADOW_VERSION
from credit.wire.topics import (
    APPLICATIONS_TOPIC,
    AUDIT_TOPIC,
    DEAD_LETTERS_TOPIC,
    DECISIONS_TOPIC,
    OUTCOMES_TOPIC,
    SHADOW_TOPIC,
)

OUTCOME_VERSION: Final = 1
DEAD_LETTER_VERSION: Final = 1

_DIGITS = r"^-?[0-9]+$"


class OutcomeMessage(BaseModel):
    """What became of an application: one observation, repeated whenever it is known better."""

    schema_version: Literal[1] = OUTCOME_VERSION
    application_id: str
    decision_id: str | None = Field(default=None, description="The decision that is judged; any of them if absent.")
    defaulted: Literal[0, 1]
    observed_at: AwareDatetime | int = Field(
        default=0, description="RFC 3339 with an offset, or milliseconds since the epoch."
    )


class DeadLetterHeaders(BaseModel):
    """The headers of a dead letter that are ours; its key, its bytes and all other headers are as they came."""

    model_config = ConfigDict(populate_by_name=True)

    code: RejectionCode | Literal["unreadable", "undecidable", "oversize_output"] = Field(
        alias="loanstream.error.code", description="Why it died, for machines."
    )
    detail: str = Field(alias="loanstream.error.detail", description="What is wrong with each field, for people.")
    topic: str = Field(alias="loanstream.source.topic")
    partition: str = Field(alias="loanstream.source.partition", pattern=_DIGITS)
    offset: str = Field(alias="loanstream.source.offset", pattern=_DIGITS)
    timestamp: str = Field(alias="loanstream.source.timestamp", pattern=_DIGITS)
    truncated_from: str = Field(
        default="",
        alias="loanstream.truncated.from",
        pattern=r"^[0-9]*$",
        description="Bytes of the whole, only where the brokers would have refused it.",
    )
    retry_of: str = Field(
        default="",
        alias="loanstream.retry.of",
        pattern=r"^([0-9]+:[0-9]+)?$",
        description="The dead letter that this was a retry of, as partition:offset.",
    )
    retry_arrived: str = Field(
        default="",
        alias="loanstream.retry.arrived",
        pattern=r"^(-?[0-9]+)?$",
        description="When what is retried arrived first, milliseconds since the epoch.",
    )


class AuditModel(BaseModel):
    """The model that decided a micro-batch."""

    name: str
    version: str
    digest: str
    catalog_hash: str
    features: list[str] = Field(description="In the order of the columns `features` and `contributions`.")


class AuditHeader(BaseModel):
    """Metadata `loanstream` of an audit record's Arrow schema; model and policy null where nothing was decided."""

    audit_version: Literal[1]
    door: Door
    model: AuditModel | None
    policy: Policy | None
    policy_digest: str | None
    expected_value: float | None = Field(description="Log-odds to which contributions add up to `raw`.")
    sources: list[tuple[str, int, int, int]] = Field(
        description="Topic, partition, first and last offset that this record answers; empty for HTTP."
    )
    rejected: int = Field(ge=0, description="How many of those became dead letters.")


class ShadowModel(BaseModel):
    """The challenger that would have decided."""

    name: str
    version: str
    digest: str


class ShadowHeader(BaseModel):
    """Metadata `loanstream` of a shadow record's Arrow schema."""

    shadow_version: Literal[1]
    model: ShadowModel
    policy: Policy


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of message: its topic, the version that is written today, and what it looks like.

    read, written: whether others write it for us, or we for them; columns: name -> type of an Arrow stream's columns.
    """

    name: str
    topic: str
    version: int
    shape: type[BaseModel]
    read: bool
    written: bool
    columns: dict[str, str]

    def schema(self) -> dict[str, Any]:
        """Return the message's JSON Schema (draft 2020-12); the same code gives the same schema."""
        # What we write always has every field that has no default; what we read may leave out those that have one.
        made = self.shape.model_json_schema(by_alias=True, mode="validation")
        head = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:loanstream:{self.name}:v{self.version}",
            "x-topic": self.topic,
            "x-version": self.version,
        }
        return head | made | ({"x-arrow-columns": self.columns} if self.columns else {})


def messages() -> tuple[Message, ...]:
    """Return every kind of message that crosses the wire."""
    return (
        Message("application", APPLICATIONS_TOPIC, SCHEMA_VERSION, ApplicationMessage, True, False, {}),
        Message("decision", DECISIONS_TOPIC, SCHEMA_VERSION, DecisionMessage, False, True, {}),
        Message("dead-letter", DEAD_LETTERS_TOPIC, DEAD_LETTER_VERSION, DeadLetterHeaders, True, True, {}),
        Message("outcome", OUTCOMES_TOPIC, OUTCOME_VERSION, OutcomeMessage, True, False, {}),
        Message("audit", AUDIT_TOPIC, AUDIT_VERSION, AuditHeader, True, True, _text(COLUMN_TYPES)),
        Message("shadow", SHADOW_TOPIC, SHADOW_VERSION, ShadowHeader, True, True, _text(SHADOW_COLUMNS)),
    )


def _text(columns: dict[str, Any]) -> dict[str, str]:
    # A list of fixed length 0 stands for one as long as the header's list of features.
    return {name: str(kind).replace("[0]", "[features]") for name, kind in columns.items()}
