"""The fast reading of a message and the judging of it are one: nothing is accepted by the first alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from credit.application import CELL_ORDER
from credit.schema import APPLICATION_COLUMNS, CLIENT_ID
from credit.wire.application import ApplicationMessage, encode_application
from credit.wire.well_formed import read_well_formed
from streaming.feed import envelope

ROW = (
    '"SK_ID_CURR":100001,"NAME_CONTRACT_TYPE":"Cash loans","AMT_INCOME_TOTAL":135000.0,"AMT_CREDIT":568800,'
    '"DAYS_BIRTH":-19241'
)
NUMBERS = [
    *("1.0", "1e5", "1E+5", "-0", "-0.0", "01", "1.", "+1", ".5", "--1", "1e", "1_000", "0x10", "1 2", " 7 ", "\t7\n"),
    *("1e400", "-1e400", "NaN", "Infinity", "-Infinity", "1e12", "1000000000000.0001", "1e12001", "5e-324", "1e-400"),
    *(
        "2.2250738585072011e-308",
        "0.1234567890123456789012345",
        "123456789012345678901234567890e-18",
        "9007199254740993",
    ),
    *("true", "null", '"1"', "[1]", "{}", "9" * 400, "0." + "3" * 500, f"1{'0' * 4301}e-4301", "0." + "3" * 5000),
]
CLIENTS = [
    "100001.0",
    "1e5",
    "0",
    "-0",
    "-1",
    "00005",
    "9223372036854775807",
    "9223372036854775808",
    "1e30",
    "1.5",
    "true",
]
TEXTS = [
    *(
        '"a\\u0000b"',
        '"a\x00b"',
        '"a\nb"',
        '"a\tb"',
        '"\x1f"',
        '"\x7f"',
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '"\\q"',
        '"\\/"',
    ),
    *('""', f'"{"x" * 100}"', f'"{"x" * 101}"', f'"{"€" * 100}"', f'"{"😀" * 101}"', '"\\u004caborers"', "'a'", "5"),
]
BROKEN_TEXTS = [b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\\n\xff"]
VERSIONS = ["1", "1.0", "true", "2", '"1"', "null", "01", "1e0", "-1"]
IDS = ['"A-7"', '"a\\n"', '"a\n"', '""', '" a"', '"-a"', f'"{"a" * 64}"', f'"{"a" * 65}"', "5", "null", '"٣"', '"a٣"']
TIMES = [
    *("2025-06-15T15:00:00Z", "2025-06-15t15:00:00z", "2025-06-15 15:00:00Z", "2025-06-15T15:00:00+0000", "2025-06-15"),
    *("2025-06-15T15:00:00", "2025-06-15T15:00Z", "2025-06-15T15Z", "2025-06-15T15:00:00.123456789Z", "1750000000"),
    *(
        "2025-06-15T15:00:00.9999999Z",
        "2025-06-15T15:00:60Z",
        "2025-06-15T24:00:00Z",
        "2025-02-30T00:00:00Z",
        "nan",
        "",
    ),
    *(
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2025-06-15T15:00:00+24:00",
        "20250615T150000Z",
        "1e400",
    ),
]


def _row(more: str, row: str = ROW) -> bytes:
    return f'{{"application":{{{row}{more}}}}}'.encode()


def _envelope(part: str) -> bytes:
    return f'{{{part},"application":{{{ROW}}}}}'.encode()


MESSAGES = [
    *(_row(f',"EXT_SOURCE_2":{number}') for number in NUMBERS),
    *(_row("", ROW.replace("100001", client)) for client in CLIENTS),
    *(_row(f',"OCCUPATION_TYPE":{text}') for text in TEXTS),
    *(_row(',"OCCUPATION_TYPE":"##"').replace(b"##", broken) for broken in BROKEN_TEXTS),
    *(_envelope(f'"schema_version":{version}') for version in VERSIONS),
    *(_envelope(f'"application_id":{identity}') for identity in IDS),
    *(_envelope(f'"submitted_at":"{time}"') for time in TIMES),
    *(_envelope(f'"submitted_at":{time}') for time in ("1750000000", "1750000000.5", "true", "null", "[]")),
    *(_envelope('"extra":1'), _envelope('"extra":null'), b'{"application":null}', b'{"application":' * 2000),
    *(_row(',"AMT_CREDIT":5'), _row(',"EXT_SOURCE_2":"x","EXT_SOURCE_2":0.5'), _row(',"EXT\\u005fSOURCE_2":0.5')),
    *(_row(","), _row("") + b" x", b" \n\t\r" + _row("") + b"\r\n", b"\xef\xbb\xbf" + _row(""), b"\x0c" + _row("")),
    *(
        _row("") + b"\x00",
        b"[" + _row("") + b"]",
        _row("") + b"//x",
        _row("") * 2,
        _row("").decode().encode("utf-16"),
        b"",
    ),
]


def _judged(payload: bytes) -> tuple[Any, ...] | None:
    try:
        message = ApplicationMessage.model_validate_json(payload)
    except ValidationError:
        return None
    return message.application_id, message.submitted_at, tuple(message.application.__dict__.values())


def _holds(payload: bytes) -> bool:
    read = read_well_formed(payload)
    # By their representation: -0.0 is not 0.0 here, and a number read as 1 is not the 1.0 of the other.
    return read is None or repr(read) == repr(_judged(payload))


@pytest.mark.parametrize("payload", MESSAGES, ids=lambda payload: repr(payload[:70]))
def test_a_message_that_only_one_of_two_readers_might_take_is_not_taken_alone(payload: bytes) -> None:
    """Whatever the fast reading accepts, pydantic's models accept with the same id, time and cells."""
    assert _holds(payload)


WHOLE = json.dumps(
    {
        "schema_version": 1,
        "application_id": "A-7",
        "submitted_at": "2025-06-15T15:00:00+00:00",
        "application": {
            "SK_ID_CURR": 100001,
            "NAME_CONTRACT_TYPE": "Cash loans",
            "AMT_INCOME_TOTAL": 135000.5,
            "AMT_CREDIT": -1.5e-7,
            "DAYS_BIRTH": -19241,
            "OCCUPATION_TYPE": None,
            "ORGANIZATION_TYPE": "Schülerhilfe",
        },
    },
    ensure_ascii=False,
).encode()


@settings(max_examples=400)
@given(st.data())
def test_a_damaged_message_is_not_taken_alone(data: st.DataObject) -> None:
    """Bytes put in, taken out or changed anywhere in a good message never make the two readers differ."""
    payload = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(payload) - 1))
        until = data.draw(st.integers(at, min(len(payload), at + 3)))
        payload[at:until] = data.draw(
            st.one_of(
                st.binary(max_size=2), st.sampled_from([b'"', b"\\", b",", b"0", b"e", b"-", b".", b"}", b"null"])
            )
        )
    assert _holds(bytes(payload))


@given(st.one_of(st.none(), st.floats(), st.integers(), st.text(), st.booleans()), st.sampled_from(CELL_ORDER))
@example(float("nan"), "EXT_SOURCE_2")
def test_any_value_in_any_column_is_not_taken_alone(value: object, column: str) -> None:
    """Every column holds the same values for both readers."""
    row = {**json.loads(f"{{{ROW}}}"), column: value}
    assert _holds(json.dumps({"application": row}).encode())


def test_well_formed_messages_are_read_without_a_second_look() -> None:
    """The messages that intake sends, a cell in every column, take the fast way, and every cell arrives."""
    row = {
        CLIENT_ID: 100001,
        **{c.name: c.codes[-1] if c.is_category else i + 0.25 for i, c in enumerate(APPLICATION_COLUMNS)},
    }
    full = encode_application(envelope(row, "A-"))
    for payload, identity, cells in ((WHOLE, "A-7", 7), (full, "A-100001", 1 + len(APPLICATION_COLUMNS))):
        read = read_well_formed(payload)
        assert read is not None
        assert read[0] == identity
        assert sum(cell is not None for cell in read[2]) == cells - (payload is WHOLE)
        assert repr(read) == repr(_judged(payload))
