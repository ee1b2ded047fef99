"""protoc, as `make generate` calls it."""

from __future__ import annotations

from pathlib import Path

import pytest

from loanstream.generate.protobuf import ProtoRefused, generated_code

PROTO = 'syntax = "proto3"; package one; message Empty {} service Two { rpc Three(Empty) returns (Empty); }'


def test_messages_types_and_services_are_made_and_nothing_is_written(tmp_path: Path) -> None:
    """Three files, by their paths below the root; the same again from the same file."""
    (tmp_path / "room").mkdir()
    (tmp_path / "room/one.proto").write_text(PROTO)
    made = generated_code(tmp_path, ["room/one.proto"])
    assert set(made) == {"room/one_pb2.py", "room/one_pb2.pyi", "room/one_pb2_grpc.py"}
    assert "class TwoStub" in made["room/one_pb2_grpc.py"]
    assert [path.name for path in (tmp_path / "room").iterdir()] == ["one.proto"]
    assert generated_code(tmp_path, ["room/one.proto"]) == made


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    """No half of the code is made."""
    (tmp_path / "one.proto").write_text("message {")
    with pytest.raises(ProtoRefused):
        generated_code(tmp_path, ["one.proto"])
