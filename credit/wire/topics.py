"""The topics: their names, and the one settings class by which every room learns what an operator calls them."""

from __future__ import annotations

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

APPLICATIONS_TOPIC = "loan-applications"
DECISIONS_TOPIC = "loan-decisions"
AUDIT_TOPIC = "loan-audit"
DEAD_LETTERS_TOPIC = "loan-applications-dlq"
OUTCOMES_TOPIC = "loan-outcomes"
SHADOW_TOPIC = "loan-shadow"
REVIEWS_TOPIC = "loan-reviews"
TREE_HEADS_TOPIC = "loan-tree-heads"


class Topics(BaseSettings):
    """Names of the topics, from LOANSTREAM_KAFKA_*_TOPIC; a room's settings class inherits them.

    Whoever writes a topic and whoever reads it then mean the same one. The spellings after the first are older.
    """

    model_config = SettingsConfigDict(env_prefix="LOANSTREAM_KAFKA_", extra="ignore", populate_by_name=True)

    applications_topic: str = Field(
        default=APPLICATIONS_TOPIC,
        validation_alias=AliasChoices("LOANSTREAM_KAFKA_APPLICATIONS_TOPIC", "LOANSTREAM_MONITOR_APPLICATIONS_TOPIC"),
        description="Where applications come in.",
    )
    decisions_topic: str = Field(
        default=DECISIONS_TOPIC,
        validation_alias=AliasChoices("LOANSTREAM_KAFKA_DECISIONS_TOPIC"),
        description="Where decisions go.",
    )
    audit_topic: str = Field(
        default=AUDIT_TOPIC,
        validation_alias=AliasChoices("LOANSTREAM_KAFKA_AUDIT_TOPIC", "LOANSTREAM_MONITOR_AUDIT_TOPIC"),
        description="Where both doors leave audit records.",
    )
    dead_letters_topic: str = Field(
        default=DEAD_LETTERS_TOPIC,
        validation_alias=AliasChoices("LOANSTREAM_KAFKA_DEAD_LETTERS_TOPIC"),
        description="Where undecidable messages go.",
    )
    outcomes_topic: str = Field(
        default=OUTCOMES_TOPIC,
        validation_alias=AliasChoices("LOANSTREAM_KAFKA_OUTCOMES_TOPIC", "LOANSTREAM_MONITOR_OUTCOMES_TOPIC"),
        description="Where it comes in late who repaid.",
    )
    shadow_topic: str = Field(
        default=SHADOW_TOPIC,
        validation_alias=AliasChoices(
            "LOANSTREAM_KAFKA_SHADOW_TOPIC", "LOANSTREAM_SHADOW_TOPIC", "LOANSTREAM_MONITOR_SHADOW_TOPIC"
        ),
        description="Where a challenger's answers go.",
    )
    reviews_topic: str = Field(
        default=REVIEWS_TOPIC,
        validation_alias=AliasChoices("LOANSTREAM_KAFKA_REVIEWS_TOPIC"),
        description="Where people's reviews of decisions go.",
    )
    tree_heads_topic: str = Field(
        default=TREE_HEADS_TOPIC,
        validation_alias=AliasChoices("LOANSTREAM_KAFKA_TREE_HEADS_TOPIC"),
        description="Where the signed heads of the log of decisions go; compacted.",
    )
