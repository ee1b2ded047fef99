"""A partition's state and its offset in one file, written whole or not at all.

One file a partition, because each partition's state is a function of that partition alone: whoever takes it over after
a crash or a rebalance reads its file and goes on at its offset. The folder must be one that the next owner sees.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from pathlib import Path

import numpy as np

from monitoring.watches.completeness import Completeness
from monitoring.windows.panes import PartitionState, VersionPanes

FORMAT = 1
_MAGIC = b"LSMS"
_HEAD = struct.Struct("<4sIq")


def encode_state(state: PartitionState) -> bytes:
    """Return a state as bytes; equal states give equal bytes."""
    vectors = []
    versions = {}
    for version in sorted(state.versions):
        held = state.versions[version]
        rings = [(pane_ms, sorted(ring)) for pane_ms, ring in sorted(held.rings.items()) if ring]
        vectors += [held.rings[pane_ms][pane] for pane_ms, panes in rings for pane in panes]
        versions[version] = {"reference": held.reference, "cells": held.cells, "rings": rings}
    header = {
        "format": FORMAT,
        "offset": state.offset,
        "newest_ms": state.newest_ms,
        "late": state.late,
        "unreadable": state.unreadable,
        "rejected": state.rejected,
        "decisions": state.decisions,
        "books": versions,
    }
    head = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    body = b"".join(np.ascontiguousarray(vector, dtype="<i4").tobytes() for vector in vectors)
    packed = zlib.compress(len(head).to_bytes(4, "little") + head + body, level=1)
    # The offset stands in front, so that comparing two snapshots reads a few bytes.
    return _HEAD.pack(_MAGIC, zlib.crc32(packed), state.offset) + packed


def decode_state(content: bytes) -> PartitionState:
    """Read a state back; raises ValueError where the bytes are torn or of another format."""
    packed = content[_HEAD.size :]
    if len(content) < _HEAD.size or _HEAD.unpack_from(content)[:2] != (_MAGIC, zlib.crc32(packed)):
        raise ValueError("not a snapshot, or torn")
    plain = zlib.decompress(packed)
    size = int.from_bytes(plain[:4], "little")
    header = json.loads(plain[4 : 4 + size])
    if header["format"] != FORMAT:
        raise ValueError(f"snapshot format {header['format']} is not known, this version reads {FORMAT}")
    numbers = np.frombuffer(plain, dtype="<i4", offset=4 + size)
    at = 0
    versions = {}
    for version, written in header["books"].items():
        held = VersionPanes(written["reference"], written["cells"])
        for pane_ms, panes in written["rings"]:
            for pane in panes:
                held.rings.setdefault(pane_ms, {})[pane] = numbers[at : at + held.cells].astype(np.int32)
                at += held.cells
        versions[version] = held
    return PartitionState(
        header["offset"],
        header["newest_ms"],
        header["late"],
        header["unreadable"],
        header["rejected"],
        header["decisions"],
        versions,
    )


class SnapshotFolder:
    """The snapshots of a topic's partitions in one folder."""

    def __init__(self, folder: Path, topic: str) -> None:
        self._folder = folder
        self._topic = topic
        self._completeness = b""

    def _path(self, partition: int) -> Path:
        return self._folder / f"{self._topic}-{partition}.snapshot"

    def save(self, partition: int, state: PartitionState) -> bool:
        """Write a partition's state; False where a newer one is there, left by whoever owns the partition now."""
        if self._held_offset(partition) > state.offset:
            return False
        self._write(self._path(partition), encode_state(state))
        return True

    def _write(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def save_completeness(self, completeness: Completeness) -> None:
        """Write what is known of completeness, where that has changed since it was written here last.

        The last writer wins, as each state holds its own audit offsets.
        """
        content = completeness.encode()
        if content != self._completeness:
            self._write(self._folder / f"{self._topic}.completeness", content)
            self._completeness = content

    def load_completeness(self, completeness: Completeness) -> bool:
        """Restore what is known of completeness; False where there is no readable file: all is then read again."""
        try:
            completeness.restore((self._folder / f"{self._topic}.completeness").read_bytes())
        except (FileNotFoundError, ValueError, KeyError, TypeError, OSError):
            return False
        return True

    def _held_offset(self, partition: int) -> int:
        try:
            with self._path(partition).open("rb") as file:
                magic, _, offset = _HEAD.unpack(file.read(_HEAD.size))
        except (OSError, struct.error):
            return -1
        return int(offset) if magic == _MAGIC else -1

    def load(self, partition: int) -> PartitionState | None:
        """Read a partition's state, None where there is no readable one: it is then counted from its beginning."""
        try:
            return decode_state(self._path(partition).read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, OSError, zlib.error):
            return None
