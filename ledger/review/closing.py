"""What becomes of a review that closes: a message for the outbox, and its place in the statistics.

Both are written in the transaction that closes it. The message waits in the outbox until the relay has it on the topic;
the statistics are counts alone, so that they stay right when a client is erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.dialects import postgresql, sqlite

from credit.wire.review import ReviewMessage
from ledger.review.groups import groups_of
from ledger.store import tables
from ledger.store.bulk import highest, insert_all
from ledger.store.codes import OUTCOME_WORDS


def put_into_outbox(connection: Connection, review: Row[Any]) -> None:
    """Number a closed review's message and let it wait; the transaction must be one that writes alone."""
    event_no = highest(connection, tables.outbox.c.event_no, 0) + 1
    message = ReviewMessage(
        event_no=event_no,
        review_id=review.review_id,
        decision_id=review.decision_id,
        cause=review.cause,
        outcome=OUTCOME_WORDS[review.outcome],
        verdict=review.verdict,
        final_outcome=OUTCOME_WORDS[review.final_outcome],
        reason=review.reason,
        reviewed_by=review.closed_by,
        proposed_by=review.proposed_by,
        reviewed_at=review.closed_ms,
    )
    value = message.model_dump_json().encode()
    insert_all(connection, tables.outbox, [(event_no, review.decision_id, value, review.closed_ms, None)])


def count_closed(connection: Connection, review: Row[Any], values: Mapping[str, float]) -> None:
    """Count a closed review by its reason, its reviewer, and the groups of its applicant.

    values: what is known of the applicant, by column and feature.
    """
    kinds = [("all", ""), ("reason", review.reason), ("reviewer", review.closed_by)]
    kinds += [("group", group) for group in groups_of(values)]
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(tables.review_counts)
    c = tables.review_counts.c
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["cause", "verdict", "kind", "value"], set_={"count": c.count + insert.excluded["count"]}
        ),
        [
            {"cause": review.cause, "verdict": review.verdict, "kind": kind, "value": value, "count": 1}
            for kind, value in kinds
        ],
    )
