"""Scoring in parts: the answers of a whole file, restarted without a repeat, and never half a part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from credit.errors import SettingsError
from credit.schema import CLIENT_ID
from loanstream.score_file import score_file
from loanstream.scoring import kept_history
from loanstream.scoring.answers import PartDone
from loanstream.scoring.part_scorer import ScoringJob, score_here
from loanstream.scoring.plan import FilePart
from loanstream.scoring.run import score_parts
from tests.fixtures.score_input import ScoreInput


class KilledAfter:
    """Scores here, and is killed after so many parts, in the middle of the next one's file."""

    def __init__(self, parts: int) -> None:
        self.parts, self.scored = parts, list[int]()

    def __call__(self, job: ScoringJob, model: Path, parts: Sequence[FilePart]) -> Iterator[PartDone]:
        for done in score_here(job, model, parts[: self.parts]):
            self.scored.append(done.number)
            yield done
        if len(parts) > self.parts:
            (job.out / ".part-000099.dead").write_bytes(b"PAR1 half a part")
            raise KeyboardInterrupt


def everything(folder: Path) -> dict[str, bytes]:
    """All files of a folder, hidden ones among them."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_parts_and_a_whole_file_answer_alike_to_the_byte(given: ScoreInput, tmp_path: Path) -> None:
    """The file written at once is the file joined from parts; parts hold the same rows in the input's order."""
    at_once = score_file(given.file, tmp_path / "at-once.parquet", given.model)
    joined = score_file(given.file, tmp_path / "joined.parquet", given.model, run=score_here)
    assert joined == at_once
    assert (tmp_path / "joined.parquet").read_bytes() == (tmp_path / "at-once.parquet").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"joined.parquet", "at-once.parquet"}
    score_parts(given.file, tmp_path / "parts", given.model, part_rows=64)
    parts = pq.read_table(tmp_path / "parts").replace_schema_metadata(None)
    assert parts.column(CLIENT_ID).to_pylist() == pq.read_table(given.file).column(CLIENT_ID).to_pylist()
    assert parts.sort_by(CLIENT_ID).combine_chunks() == pq.read_table(tmp_path / "at-once.parquet")


def test_a_killed_run_goes_on_where_it_was(given: ScoreInput, tmp_path: Path) -> None:
    """Parts that are finished stay untouched, what was half written is gone, and the bytes are those of one run."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    score_parts(given.file, whole, given.model, part_rows=64)
    killed = KilledAfter(3)
    with pytest.raises(KeyboardInterrupt):
        score_parts(given.file, out, given.model, part_rows=64, run=killed)
    written = {path.name: path.stat().st_mtime_ns for path in out.glob("part-*")}
    assert len(written) == 3
    (out / ".history.dead").mkdir()
    again = KilledAfter(100)
    done = score_parts(given.file, out, given.model, part_rows=64, run=again)
    assert again.scored == [3, 4, 5, 6]
    assert (done.rows, done.made, done.kept) == (400, 4, 3)
    assert {name: (out / name).stat().st_mtime_ns for name in written} == written
    assert everything(out) == everything(whole)
    assert sum(done.outcomes.values()) == 400
    assert all(done.outcomes.values())


def test_a_part_of_which_the_file_is_damaged_is_made_again(given: ScoreInput, tmp_path: Path) -> None:
    """A file that ends too early, by whatever hand, counts as no part."""
    score_parts(given.file, tmp_path / "out", given.model, part_rows=64)
    before = everything(tmp_path / "out")
    (tmp_path / "out" / "part-000002.parquet").write_bytes(b"PAR1")
    assert score_parts(given.file, tmp_path / "out", given.model, part_rows=64).made == 1
    assert everything(tmp_path / "out") == before


def test_answers_to_something_else_are_not_mixed_in(given: ScoreInput, tmp_path: Path) -> None:
    """A folder with other answers, or with anything, is refused and left as it is."""
    score_parts(given.file, tmp_path / "out", given.model)
    with pytest.raises(SettingsError, match="other columns"):
        score_parts(given.file, tmp_path / "out", given.model, reasons=False)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all of it")
    with pytest.raises(SettingsError, match="not an empty folder"):
        score_parts(given.file, tmp_path / "mine", given.model)
    with pytest.raises(SettingsError, match="is a file"):
        score_parts(given.file, tmp_path / "mine" / "thesis.txt", given.model)
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / ".plan.json.part").write_text("killed while it was wri")
    assert score_parts(given.file, tmp_path / "begun", given.model).rows == 400


def test_history_is_the_same_in_chunks(given: ScoreInput, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many clients are aggregated at a time changes no byte; and history changes answers."""
    score_parts(given.file, tmp_path / "one", given.model)
    monkeypatch.setattr(kept_history, "CHUNK_CLIENTS", 150)
    score_parts(given.file, tmp_path / "many", given.model)
    assert everything(tmp_path / "one") == everything(tmp_path / "many")
    (tmp_path / "alone").mkdir()
    alone = tmp_path / "alone" / given.file.name
    alone.write_bytes(given.file.read_bytes())
    without = score_parts(alone, tmp_path / "without", given.model)
    assert len(without.missing_tables) == 6
    probability = [pq.read_table(tmp_path / name).column("probability") for name in ("one", "without")]
    assert probability[0] != probability[1]


def test_text_columns_may_be_dictionaries_or_all_missing(given: ScoreInput, tmp_path: Path) -> None:
    """How a writer encoded a column is not what it says."""
    score_parts(given.file, tmp_path / "plain", given.model)
    rows = pq.read_table(given.file)
    for name in ("NAME_CONTRACT_TYPE", "OCCUPATION_TYPE"):
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, name, rows.column(name).dictionary_encode())
    for history in given.file.parent.glob("*.parquet"):
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / history.name).write_bytes(history.read_bytes())
    file = tmp_path / "data" / given.file.name
    pq.write_table(rows, file, row_group_size=64)
    score_parts(file, tmp_path / "dictionaries", given.model)
    a, b = (pq.read_table(tmp_path / name).replace_schema_metadata(None) for name in ("plain", "dictionaries"))
    assert a == b
    at = rows.schema.get_field_index("OCCUPATION_TYPE")
    pq.write_table(rows.set_column(at, "OCCUPATION_TYPE", pa.nulls(400)), file, row_group_size=64)
    score_parts(file, tmp_path / "missing", given.model)
    assert pq.read_table(tmp_path / "missing").num_rows == 400
