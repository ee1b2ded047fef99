"""One application, one decision: by stream, by HTTP, from a file and decided again, the same to the last bit."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pydantic_core import from_json

from credit.reasons import MAX_REASONS
from credit.schema import CLIENT_ID
from tests.fixtures.stack import RunningStack
from tests.integration.serve_app.doors import decided_by_http, decided_by_kafka, records, without_times

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
COUNT = 200


def test_stream_http_file_and_replay_agree(stack: RunningStack, tmp_path: Path) -> None:
    """With a trained model and its policy, over the history that was materialised and the tables that it came from."""
    began = datetime.now(UTC).isoformat()
    prefix = f"bits-{uuid.uuid4().hex[:8]}-"
    by_stream = decided_by_kafka(stack, COUNT, prefix)
    assert decided_by_http(stack, COUNT, prefix) == by_stream
    assert replayed(stack, began, prefix) == by_stream
    scored = scored_file(stack, tmp_path / "answers.parquet")
    for decision in by_stream.values():
        row = scored[decision["sk_id_curr"]]
        assert row["probability"] == decision["probability_of_default"]
        assert row["outcome"] == decision["outcome"]
        assert row["points"] == decision["score_points"]
        codes = [row[f"reason_{place + 1}"] for place in range(MAX_REASONS)]
        assert [code for code in codes if code] == [reason["code"] for reason in decision["reasons"]]


def replayed(stack: RunningStack, began: str, prefix: str) -> dict[str, dict[str, Any]]:
    """Decide again what was streamed since a moment, and return the decisions by application id."""
    topic = f"replayed-{uuid.uuid4().hex[:8]}"
    done = stack.command("replay", "--into", topic, "--from", began)
    assert done.returncode == 0, done.stdout + done.stderr
    found = {
        record.key.decode(): without_times(from_json(record.value)) for record in records(stack, topic, COUNT, prefix)
    }
    assert len(found) == COUNT
    return found


def scored_file(stack: RunningStack, out: Path) -> dict[int, dict[str, Any]]:
    """Score the table that the stream's applications come from, and return the answers by client."""
    done = stack.command("score", str(stack.applications), "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    return {row[CLIENT_ID]: row for row in pq.read_table(out).to_pylist()}
