"""Messages may grow, but whoever wrote or read them before must not notice; samples of every version are frozen here.

`samples/NAME.vN/` holds messages of version N of each kind, and `published.schema.json`, its schema as it was first
published. Nothing in it is ever edited: a new version gets a folder of its own.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
from pydantic_core import from_json

from credit.wire.application import parse_applications
from credit.wire.audit import decode_audit, encode_audit
from credit.wire.decision import DecisionMessage, encode_decisions
from credit.wire.evolution import breaks
from credit.wire.outcome import parse_outcome
from credit.wire.review import ReviewMessage
from credit.wire.schemas import Message, messages
from credit.wire.shadow import decode_shadow
from credit.wire.tree_head import TreeHeadMessage
from loanstream.generate.schemas import IncompatibleSchema, as_text, check, file_name, todays_files
from streaming.batch.publish import Publisher
from streaming.proof.dead_letters import letter_of
from tests.fixtures.decisions import decision_batch

ROOT = Path(__file__).parents[4]
SCHEMAS = ROOT / "docs" / "schemas"
SAMPLES = Path(__file__).parent / "samples"
KINDS = {message.name: message for message in messages()}
VERSIONS = sorted(path.name for path in SAMPLES.iterdir())
FILES = sorted(path for path in SAMPLES.glob("*/*") if path.name != "published.schema.json")


def read_application(value: bytes) -> object:
    parsed = parse_applications([value], [1_769_857_200_000])
    assert not parsed.rejected, parsed.rejected[0].detail
    return parsed.batch


def read_letter(value: bytes) -> object:
    headers = [(name, text.encode()) for name, text in json.loads(value).items()]
    letter = letter_of(SimpleNamespace(headers=headers, partition=0, offset=0, timestamp=0, key=None, value=b"x"))
    assert letter.code
    return letter


READERS: dict[str, Callable[[bytes], object]] = {
    "application": read_application,
    "decision": DecisionMessage.model_validate_json,
    "dead-letter": read_letter,
    "outcome": parse_outcome,
    "audit": decode_audit,
    "shadow": decode_shadow,
    "review": ReviewMessage.model_validate_json,
    "tree-head": TreeHeadMessage.model_validate_json,
}


def document(path: Path) -> Any:
    """Return what a sample's schema describes: the JSON itself, or the header of an Arrow stream."""
    if path.suffix == ".json":
        return json.loads(path.read_text())
    with pa.ipc.open_stream(path.read_bytes()) as reader:
        return json.loads(reader.schema.metadata[b"loanstream"])


def schema_of(version: str) -> dict[str, Any]:
    name, number = version.rsplit(".v", 1)
    schema: dict[str, Any] = json.loads((SCHEMAS / file_name(name, int(number))).read_text())
    return schema


@pytest.mark.parametrize("message", KINDS.values(), ids=lambda message: message.name)
def test_the_file_is_that_of_the_code(message: Message) -> None:
    """`docs/schemas` holds what `make generate` writes, as a valid JSON Schema."""
    path = SCHEMAS / file_name(message.name, message.version)
    assert path.read_text() == as_text(message.schema())
    jsonschema.Draft202012Validator.check_schema(message.schema())


def test_every_version_that_ever_was_has_its_file_and_its_samples() -> None:
    """Versions 1 to today's of each message: a schema, its schema as published, and at least one message."""
    wanted = {f"{m.name}.v{n}" for m in KINDS.values() for n in range(1, m.version + 1)}
    assert set(VERSIONS) == wanted
    assert {path.name.removesuffix(".schema.json") for path in SCHEMAS.glob("*.json")} == wanted
    assert {path.parent.name for path in FILES} == wanted


@pytest.mark.parametrize("version", VERSIONS)
def test_no_version_was_changed_under_its_users(version: str) -> None:
    """What stands in `docs/schemas` may take the place of what was first published under the same number."""
    published = json.loads((SAMPLES / version / "published.schema.json").read_text())
    message = KINDS[version.rsplit(".v", 1)[0]]
    assert breaks(published, schema_of(version), read=message.read, written=message.written) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_todays_reader_reads_every_version(path: Path) -> None:
    """Frozen messages of all versions are read, and are what the schema of their version says."""
    assert READERS[path.parent.name.rsplit(".v", 1)[0]](path.read_bytes()) is not None
    jsonschema.validate(document(path), schema_of(path.parent.name), format_checker=jsonschema.FormatChecker())


def test_what_is_written_today_is_what_the_schema_says() -> None:
    """Decisions, dead letters, audit headers and their columns, from the code that writes them."""
    for value in encode_decisions(decision_batch(3)):
        jsonschema.validate(from_json(value), KINDS["decision"].schema())
    from streaming.batch.intake import DeadLetter

    record = SimpleNamespace(
        topic="t",
        partition=0,
        offset=4,
        timestamp=5,
        key=None,
        value=b"x" * 90_000,
        headers=[("loanstream.retry.of", b"1:2")],
    )
    publisher = Publisher("decisions", "audit", "dlq", 65_536)
    audit, letter = publisher.outputs([], [DeadLetter(record, "oversize", "too large")]).records
    headers = {name: value.decode() for name, value in letter.headers or []}
    jsonschema.validate(headers, KINDS["dead-letter"].schema())
    with pa.ipc.open_stream(audit.value) as reader:
        empty = reader.schema
    with pa.ipc.open_stream(encode_audit(decision_batch(3), "http", [])) as reader:
        full = reader.schema
    with pa.ipc.open_stream((SAMPLES / "audit.v1" / "decided.arrow").read_bytes()) as reader:
        former = reader.schema
    columns = KINDS["audit"].schema()["x-arrow-columns"]

    def told(schema: pa.Schema) -> dict[str, str]:
        return {f.name: re.sub(r"\[(0|20)\]", "[features]", str(f.type)) for f in schema}

    assert told(empty) == told(full) == columns
    # The sample is of before applications were kept; a column more is no other version.
    assert told(former).items() <= columns.items()
    assert columns.keys() - told(former).keys() == {"application"}


def test_a_sample_of_each_kind_is_refused_once_its_version_is_unknown() -> None:
    """A reader of version 1 says so about version 99; it does not guess."""
    for name, field in (
        ("application", "schema_version"),
        ("outcome", "schema_version"),
        ("decision", "schema_version"),
    ):
        newer = document(SAMPLES / f"{name}.v1" / ("approved.json" if name == "decision" else "full.json"))
        with pytest.raises((ValueError, AssertionError), match=r"version|schema_version"):
            READERS[name](json.dumps(newer | {field: 99}).encode())


EDITS: dict[str, tuple[Callable[[dict[str, Any]], Any], bool, bool]] = {
    # name: (edit, breaks those whose messages we read, breaks those who read ours)
    "an optional field more": (lambda s: s["properties"].update(note={"type": "string"}), False, False),
    "a required field more": (
        lambda s: (s["properties"].update(note={"type": "string"}), s["required"].append("note")),
        True,
        False,
    ),
    "a field gone": (lambda s: (s["properties"].pop("outcome"), s["required"].remove("outcome")), False, True),
    "a field no longer sure to be there": (lambda s: s["required"].remove("threshold"), False, True),
    "another type": (lambda s: s["properties"]["threshold"].update(type="string"), True, True),
    "a whole number becomes any": (lambda s: s["properties"]["score_points"].update(type="number"), False, True),
    "an outcome more": (lambda s: s["properties"]["outcome"]["enum"].append("wait"), False, True),
    "an outcome less": (lambda s: s["properties"]["outcome"]["enum"].remove("refer"), True, False),
    "a bound where none was": (lambda s: s["properties"]["threshold"].update(maximum=1), True, False),
    "a pattern where none was": (lambda s: s["properties"]["decision_id"].update(pattern="^x"), True, False),
    "no other fields": (lambda s: s.update(additionalProperties=False), True, False),
    "null is allowed too": (
        lambda s: s["properties"].update(threshold={"anyOf": [{"type": "number"}, {"type": "null"}]}),
        False,
        True,
    ),
    "a change within a list's items": (
        lambda s: s["$defs"]["ReasonMessage"]["properties"]["share"].update(type="string"),
        True,
        True,
    ),
    "other words": (lambda s: s.update(description="Said better."), False, False),
}


@pytest.mark.parametrize("name", EDITS)
def test_each_kind_of_edit_breaks_whom_it_breaks(name: str) -> None:
    """The rules, on the decision's schema: whom an edit without a new version would harm."""
    edit, harms_writers, harms_readers = EDITS[name]
    old = KINDS["decision"].schema()
    new = copy.deepcopy(old)
    edit(new)
    assert bool(breaks(old, new, read=True, written=False)) == harms_writers
    assert bool(breaks(old, new, read=False, written=True)) == harms_readers


def write(folder: Path) -> None:
    for path, text in todays_files(folder).items():
        path.write_text(text)


def test_an_incompatible_edit_without_a_new_version_is_not_written(tmp_path: Path) -> None:
    """The generator refuses, names field and message, and leaves every file as it was; a harmless one it writes."""
    write(tmp_path)
    path = tmp_path / file_name("decision", 1)
    former = json.loads(path.read_text())
    former["properties"]["branch"] = {"type": "string"}
    former["required"].append("branch")
    path.write_text(as_text(former))
    with pytest.raises(IncompatibleSchema, match=r"decision v1: message\.branch: became required"):
        write(tmp_path)
    assert json.loads(path.read_text()) == former
    audit = KINDS["audit"].schema()
    audit["x-arrow-columns"] = audit["x-arrow-columns"] | {"raw": "float"}
    with pytest.raises(IncompatibleSchema, match="column raw"):
        check(KINDS["audit"], audit)
    former["required"].remove("branch")
    path.write_text(as_text(former))
    write(tmp_path)
    assert path.read_text() == as_text(KINDS["decision"].schema())
