"""The list of all messages, and their JSON Schema: what the files in docs/schemas are made from.

Each kind's shape stands in a file of its own beside this one. Applications are validated by theirs; the others are
written and read as they stand (headers of a record, the header of an Arrow stream), and their shape describes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from credit.schema import SCHEMA_VERSION
from credit.wire.application import ApplicationMessage
from credit.wire.audit import AUDIT_VERSION, COLUMN_TYPES, AuditHeader
from credit.wire.dead_letter import DEAD_LETTER_VERSION, DeadLetterHeaders
from credit.wire.decision import DecisionMessage
from credit.wire.outcome import OUTCOME_VERSION, OutcomeMessage
from credit.wire.review import REVIEW_VERSION, ReviewMessage
from credit.wire.shadow import SHADOW_COLUMNS, SHADOW_VERSION, ShadowHeader
from credit.wire.topics import (
    APPLICATIONS_TOPIC,
    AUDIT_TOPIC,
    DEAD_LETTERS_TOPIC,
    DECISIONS_TOPIC,
    OUTCOMES_TOPIC,
    REVIEWS_TOPIC,
    SHADOW_TOPIC,
    TREE_HEADS_TOPIC,
)
from credit.wire.tree_head import TREE_HEAD_VERSION, TreeHeadMessage


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
        Message("review", REVIEWS_TOPIC, REVIEW_VERSION, ReviewMessage, False, True, {}),
        Message("tree-head", TREE_HEADS_TOPIC, TREE_HEAD_VERSION, TreeHeadMessage, False, True, {}),
    )


def _text(columns: dict[str, Any]) -> dict[str, str]:
    # A list of fixed length 0 stands for one as long as the header's list of features.
    return {name: str(kind).replace("[0]", "[features]") for name, kind in columns.items()}
