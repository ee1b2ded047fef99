"""A partition's state in a file."""

from __future__ import annotations

from pathlib import Path

from monitoring.windows.panes import PartitionState
from monitoring.windows.snapshots import SnapshotFolder, decode_state


def test_a_torn_or_foreign_snapshot_reads_as_none(tmp_path: Path) -> None:
    """Bytes that are not a whole snapshot are refused, so that the partition is counted from its start."""
    folder = SnapshotFolder(tmp_path, "t")
    state = PartitionState(offset=5)
    assert folder.save(0, state)
    content = (tmp_path / "t-0.snapshot").read_bytes()
    assert decode_state(content) == state
    for torn in (b"", content[:-3], b"XXXX" + content[4:], content[:20] + b"\0" + content[21:]):
        (tmp_path / "t-0.snapshot").write_bytes(torn)
        assert folder.load(0) is None
    assert folder.load(7) is None


def test_an_older_snapshot_never_replaces_a_newer_one(tmp_path: Path) -> None:
    """Whoever lost a partition without being told cannot put it back to what he had."""
    folder = SnapshotFolder(tmp_path, "t")
    assert folder.save(0, PartitionState(offset=5))
    assert not folder.save(0, PartitionState(offset=4))
    assert folder.load(0) == PartitionState(offset=5)
