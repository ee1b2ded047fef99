"""What crosses the wire as JSON, in and out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX
from credit.wire.application import MAX_APPLICATION_BYTES, TimeLimits, parse_applications

NOW_MS = 1_750_000_000_000
ROW: dict[str, Any] = {
    "SK_ID_CURR": 100001,
    "NAME_CONTRACT_TYPE": "Cash loans",
    "AMT_INCOME_TOTAL": 135000.0,
    "AMT_CREDIT": 568800,
    "DAYS_BIRTH": -19241,
    "EXT_SOURCE_2": 0.789,
    "OCCUPATION_TYPE": None,
}


def message(**changes: Any) -> bytes:
    return json.dumps({"application": {**ROW, **changes}}).encode()


def test_an_application_becomes_numbers_in_the_published_order() -> None:
    """Numbers stay, categories become their place among the codes, what is absent or null is NaN."""
    parsed = parse_applications([message()], [NOW_MS])
    values = parsed.batch.values[0]
    assert parsed.rejected == []
    assert values[COLUMN_INDEX["AMT_CREDIT"]] == 568800
    codes = APPLICATION_COLUMNS[COLUMN_INDEX["NAME_CONTRACT_TYPE"]].codes
    assert codes[int(values[COLUMN_INDEX["NAME_CONTRACT_TYPE"]])] == "Cash loans"
    assert np.isnan(values[COLUMN_INDEX["OCCUPATION_TYPE"]])
    assert np.isnan(values[COLUMN_INDEX["EXT_SOURCE_1"]])


def test_a_category_that_is_not_known_is_not_missing() -> None:
    """An unknown category is -1, so that monitoring can tell it from a missing one."""
    parsed = parse_applications([message(OCCUPATION_TYPE="Astronaut")], [NOW_MS])
    assert parsed.batch.values[0, COLUMN_INDEX["OCCUPATION_TYPE"]] == -1


def test_ids_and_times_come_from_the_envelope_or_else_from_the_row_and_the_arrival() -> None:
    """The application's id falls back on the client's, its time on the arrival."""
    named = json.dumps(
        {"application_id": "A-7", "submitted_at": "2025-06-15T15:00:00+00:00", "application": ROW}
    ).encode()
    parsed = parse_applications([named, message()], [NOW_MS, NOW_MS])
    assert parsed.batch.application_ids == ["A-7", "100001"]
    assert parsed.batch.submitted_ms.tolist() == [1_749_999_600_000, NOW_MS]


@pytest.mark.parametrize(
    ("payload", "code", "named"),
    [
        (b"\xff\xfe", "not_json", ""),
        (b"", "not_json", ""),
        (b"[1, 2]", "invalid_fields", ""),
        (b'{"application": {}}', "invalid_fields", "application.SK_ID_CURR"),
        (message(AMT_CREDIT="much"), "invalid_fields", "application.AMT_CREDIT"),
        (message(AMT_CREDIT=True), "invalid_fields", "application.AMT_CREDIT"),
        (message(AMT_CREDIT=1e13), "invalid_fields", "application.AMT_CREDIT"),
        (message(AMT_CREDIT=None), "invalid_fields", "application.AMT_CREDIT"),
        (message(EXT_SOURCE2=0.5), "invalid_fields", "application.EXT_SOURCE2"),
        (message(SK_ID_CURR="100001"), "invalid_fields", "application.SK_ID_CURR"),
        (message(ORGANIZATION_TYPE="x" * 101), "invalid_fields", "application.ORGANIZATION_TYPE"),
        (b'{"schema_version": 2, "loan": 1}', "unsupported_version", "schema_version"),
        (b" " * (MAX_APPLICATION_BYTES + 1), "oversize", ""),
        (
            b'{"application_id": "a b", "application": ' + json.dumps(ROW).encode() + b"}",
            "invalid_fields",
            "application_id",
        ),
    ],
)
def test_what_cannot_be_decided_says_why(payload: bytes, code: str, named: str) -> None:
    """Every payload that is no application is rejected with a code and the path of the fault."""
    parsed = parse_applications([payload], [NOW_MS])
    assert len(parsed.batch) == 0
    assert parsed.rejected[0].code == code
    assert named in [path for path, _ in parsed.rejected[0].problems]


def test_every_faulty_field_is_named() -> None:
    """Two faults give two problems, not the first alone."""
    (rejection,) = parse_applications([message(AMT_CREDIT="x", DAYS_BIRTH="y")], [NOW_MS]).rejected
    assert {path for path, _ in rejection.problems} == {"application.AMT_CREDIT", "application.DAYS_BIRTH"}


@pytest.mark.parametrize(
    ("submitted_at", "code"),
    [("2025-06-15T15:10:00Z", "submitted_in_future"), ("2025-06-01T00:00:00Z", "submitted_too_long_ago")],
)
def test_times_that_cannot_be_true_are_rejected(submitted_at: str, code: str) -> None:
    """An application from the future, or from too far in the past, is not decided."""
    payload = json.dumps({"submitted_at": submitted_at, "application": ROW}).encode()
    parsed = parse_applications([payload], [NOW_MS], TimeLimits(max_age_s=86400, max_future_s=60))
    assert parsed.rejected[0].code == code


@given(st.lists(st.one_of(st.binary(max_size=200), st.just(message()), st.just(b"null")), max_size=20))
def test_no_payload_is_lost_or_stops_the_batch(payloads: list[bytes]) -> None:
    """Whatever bytes come, each is either in the batch or rejected, exactly once."""
    parsed = parse_applications(payloads, [NOW_MS] * len(payloads))
    seen = sorted([*parsed.rows.tolist(), *(r.row for r in parsed.rejected)])
    assert seen == list(range(len(payloads)))
