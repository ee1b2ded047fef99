"""The ledger's tables.

`register` names every decision ever stored, in the order of storing and without gaps: it is small, and stays when the
rows' time is over, so that an old topic read again brings nothing back. `decisions` holds what is searched, clustered
by time; `payloads` what is personal, sealed with the client's key; `facts` what a portfolio is counted from, in bands.
They, and `answers`, are partitioned by month in PostgreSQL. A client is named by a keyed hash; the id itself is inside
the sealed payload only.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    text,
)

METADATA = MetaData()
# A UUID's text in SQLite, with its dashes, so that a person finds it there.
ID = Uuid(as_uuid=False).with_variant(String(36), "sqlite")
# Only INTEGER is a row's own number in SQLite.
NUMBER = BigInteger().with_variant(Integer(), "sqlite")
HASH = LargeBinary(16)

BY_MONTH: dict[str, Any] = {"postgresql_partition_by": "RANGE (decided_ms)"}
CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}
PARTITIONED = ("decisions", "payloads", "answers", "facts")

register = Table(
    "register",
    METADATA,
    Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("decision_id", ID, nullable=False, unique=True),
    Column("decided_ms", BigInteger, nullable=False),
)

models = Table(
    "models",
    METADATA,
    Column("model_id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("catalog_hash", Text, nullable=False),
    Column("features", Text, nullable=False),
    Index("models_by_version", "name", "version", "digest", unique=True),
)

policies = Table(
    "policies",
    METADATA,
    Column("policy_id", Integer, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("document", Text, nullable=False),
)

batches = Table(
    "batches",
    METADATA,
    Column("batch_id", NUMBER, primary_key=True, autoincrement=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("record_offset", BigInteger, nullable=False),
    Column("sources", Text, nullable=False),
    Column("decided", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("expected_value", Double),
)

decisions = Table(
    "decisions",
    METADATA,
    Column("decided_ms", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("decision_id", ID, nullable=False),
    Column("client", HASH, nullable=False),
    Column("submitted_ms", BigInteger, nullable=False),
    Column("outcome", SmallInteger, nullable=False),
    Column("mode", SmallInteger, nullable=False),
    Column("door", SmallInteger, nullable=False),
    Column("history", Boolean, nullable=False),
    Column("raw", Double, nullable=False),
    Column("probability", Double, nullable=False),
    Column("points", Integer, nullable=False),
    Column("model_id", Integer, nullable=False),
    Column("policy_id", Integer, nullable=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("batch_row", Integer, nullable=False),
    Column("reasons", String(24), nullable=False),
    Index("decisions_by_client", "client", "decided_ms", "seq"),
    Index("decisions_by_outcome", "outcome", "decided_ms", "seq"),
    Index(
        "decisions_by_mode",
        "mode",
        "decided_ms",
        "seq",
        sqlite_where=text("mode <> 0"),
        postgresql_where=text("mode <> 0"),
    ),
    **BY_MONTH,
    **CLUSTERED,
)

payloads = Table(
    "payloads",
    METADATA,
    Column("decided_ms", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    **BY_MONTH,
)

answers = Table(
    "answers",
    METADATA,
    Column("decided_ms", BigInteger, primary_key=True),
    Column("decision_id", ID, primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("record_offset", BigInteger, nullable=False),
    **BY_MONTH,
    **CLUSTERED,
)

unmatched = Table(
    "unmatched_answers",
    METADATA,
    Column("decision_id", ID, primary_key=True),
    Column("seen_ms", BigInteger, nullable=False),
)

outcomes = Table(
    "outcomes",
    METADATA,
    Column("application", HASH, primary_key=True),
    Column("decision_id", ID),
    Column("defaulted", SmallInteger, nullable=False),
    Column("observed_ms", BigInteger, nullable=False),
)

positions = Table(
    "positions",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
)

quarantine = Table(
    "quarantine",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("record_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("problem", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
)

reviews = Table(
    "reviews",
    METADATA,
    Column("review_id", ID, primary_key=True),
    Column("decision_id", ID, nullable=False),
    Column("decided_ms", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("client", HASH, nullable=False),
    Column("cause", String(16), nullable=False),
    Column("outcome", SmallInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("assignee", Text),
    Column("opened_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("verdict", String(16)),
    Column("final_outcome", SmallInteger),
    Column("reason", String(32)),
    Column("proposed_by", Text),
    Column("closed_by", Text),
    Column("closed_ms", BigInteger),
    Column("edition", Integer, nullable=False),
    Index("reviews_by_decision", "decision_id"),
    Index("reviews_by_seq", "seq"),
    Index("reviews_by_state", "state", "due_ms", "review_id"),
    Index("reviews_by_closing", "closed_ms"),
)

review_events = Table(
    "review_events",
    METADATA,
    Column("event_id", NUMBER, primary_key=True, autoincrement=True),
    Column("review_id", ID, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("sealed", LargeBinary),
    Index("review_events_by_review", "review_id", "event_id"),
)

attachments = Table(
    "attachments",
    METADATA,
    Column("attachment_id", ID, primary_key=True),
    Column("review_id", ID, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("attachments_by_review", "review_id"),
)

review_counts = Table(
    "review_counts",
    METADATA,
    Column("cause", String(16), primary_key=True),
    Column("verdict", String(16), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("value", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

feedback = Table(
    "feedback",
    METADATA,
    Column("feedback_id", ID, primary_key=True),
    Column("decision_id", ID, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("sealed", LargeBinary),
    Index("feedback_by_decision", "decision_id", "at_ms"),
)

outbox = Table(
    "outbox",
    METADATA,
    Column("event_no", NUMBER, primary_key=True, autoincrement=True),
    Column("message_key", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("published_ms", BigInteger),
    Index(
        "outbox_waiting",
        "event_no",
        sqlite_where=text("published_ms IS NULL"),
        postgresql_where=text("published_ms IS NULL"),
    ),
)

access_log = Table(
    "access_log",
    METADATA,
    Column("access_id", NUMBER, primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("client", HASH),
    Column("decision_id", ID),
    Column("detail", Text, nullable=False),
    Index("access_log_by_client", "client", "at_ms"),
)

# What is counted of decisions (`ledger.store.facts`): a row holds those of one transaction, packed, in the order of the
# register from `seq` on; decided_ms is the latest of them, so that a row's time is over when that of all of them is.
facts = Table(
    "facts",
    METADATA,
    Column("decided_ms", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("length", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
    Index("facts_by_seq", "seq"),
    **BY_MONTH,
)

# What became of decisions, in the order in which it was learnt: of two changes of one decision the later one holds.
fact_outcomes = Table(
    "fact_outcomes",
    METADATA,
    Column("change_no", NUMBER, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("decided_ms", BigInteger, nullable=False),
    Column("defaulted", SmallInteger, nullable=False),
)

# Which policies decided with which models: an application's id leads to its decisions by them.
decided_by = Table(
    "decided_by",
    METADATA,
    Column("model_id", Integer, primary_key=True, autoincrement=False),
    Column("policy_id", Integer, primary_key=True, autoincrement=False),
)

# Name and photo of a client, sealed with the client's key.
identities = Table(
    "identities",
    METADATA,
    Column("client", HASH, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# The Merkle log of receipts (`ledger.transparency`): its tiles, its size in one row, and every head that was signed;
# an old head that the log no longer leads to shows that its past was rewritten.
log_tiles = Table(
    "log_tiles",
    METADATA,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("entries", LargeBinary, nullable=False),
)
log_state = Table(
    "log_state",
    METADATA,
    Column("log_id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
)
log_heads = Table(
    "log_heads",
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
)
