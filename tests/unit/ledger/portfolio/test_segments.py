"""Segments: whole, in order, growing together, and never taken from under a reader."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ledger.portfolio.segments import SegmentFolder

SCHEMA = pa.schema([("seq", pa.int64()), ("decided_ms", pa.int64())])


def rows(first: int, end: int) -> pa.Table:
    return pa.table({"seq": list(range(first, end)), "decided_ms": list(range(first, end))})


@pytest.fixture
def folder(tmp_path: Path) -> SegmentFolder:
    made = SegmentFolder(tmp_path, SCHEMA, most_rows=1000)
    made.open()
    return made


def fill(folder: SegmentFolder, count: int, each: int = 10) -> None:
    for number in range(count):
        folder.append(rows(folder.end, folder.end + each), number * each, (number + 1) * each)


def held(paths: list[str]) -> list[int]:
    return [seq for path in paths for seq in pq.read_table(path)["seq"].to_pylist()]


def test_many_small_additions_lie_in_few_files_in_their_order(folder: SegmentFolder, tmp_path: Path) -> None:
    """A thousand rows in hundred parts: a handful of files, with each row once."""
    fill(folder, 100)
    with folder.lease() as paths:
        assert held(paths) == list(range(1000))
        assert len(paths) <= 8
    assert sorted(str(path) for path in tmp_path.glob("*.parquet")) == sorted(paths)


def test_a_file_that_is_large_enough_is_left_alone(folder: SegmentFolder) -> None:
    """Else the whole past would be written again and again."""
    fill(folder, 250)
    assert [segment.rows for segment in folder.segments][:2] == [pytest.approx(640, abs=360)] * 2
    assert max(segment.rows for segment in folder.segments) <= 1000


def test_what_a_reader_holds_stays_until_it_is_done(folder: SegmentFolder) -> None:
    """Files that grew together meanwhile are removed when the lease ends."""
    fill(folder, 1)
    with folder.lease() as paths:
        folder.append(rows(10, 20), 10, 20)
        assert held(paths) == list(range(10))
    assert not Path(paths[0]).exists()


def test_a_folder_is_taken_up_where_it_was_left(folder: SegmentFolder, tmp_path: Path) -> None:
    """After the end of a process, in the middle of putting two files together too."""
    fill(folder, 7)
    pq.write_table(rows(0, 10), tmp_path / f"{0:015d}-{10:015d}.parquet")
    (tmp_path / "half.part").write_bytes(b"half")
    again = SegmentFolder(tmp_path, SCHEMA)
    again.open()
    with again.lease() as paths:
        assert held(paths) == list(range(70))
    assert again.end == 70
    assert again.last() == {"seq": 69, "decided_ms": 69}
    assert len(list(tmp_path.iterdir())) == len(paths)


def test_a_file_that_cannot_be_read_goes_with_those_after_it(tmp_path: Path) -> None:
    """They are made again from the database, in order."""
    folder = SegmentFolder(tmp_path, SCHEMA, most_rows=10)
    folder.open()
    fill(folder, 3)
    folder.segments[1].path.write_bytes(b"PAR1 torn")
    again = SegmentFolder(tmp_path, SCHEMA, most_rows=10)
    again.open()
    assert again.end == 10
    assert len(list(tmp_path.iterdir())) == 1


def test_a_segment_knows_when_its_youngest_row_was_decided(folder: SegmentFolder) -> None:
    """By which its time ends."""
    fill(folder, 1, each=5)
    assert folder.segments[0].newest_ms == 4
    folder.drop(folder.segments)
    assert (folder.end, folder.segments) == (0, ())
