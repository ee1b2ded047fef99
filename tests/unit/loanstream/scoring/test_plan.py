"""Parts of an input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from credit.errors import TableError
from loanstream.scoring.plan import client_ids, plan_parts
from tests.fixtures.score_input import ScoreInput


def test_every_row_is_in_one_part_and_no_part_is_too_large(given: ScoreInput) -> None:
    """Whole row groups, in their order, as many as fit."""
    plan = plan_parts(given.file, "model", reasons=True, part_rows=129)
    assert [part.row_groups for part in plan.parts] == [(0, 1), (2, 3), (4, 5), (6,)]
    assert plan.rows == 400
    assert [part.name for part in plan.parts][:2] == ["part-000000.parquet", "part-000001.parquet"]


def test_a_row_group_larger_than_a_part_is_a_part(given: ScoreInput) -> None:
    """Row groups are never split: a reader would decode them twice."""
    assert len(plan_parts(given.file, "model", reasons=True, part_rows=10).parts) == 7


def test_a_folder_is_its_parquet_files_but_the_history(given: ScoreInput) -> None:
    """Files of applications lie beside their history tables; application_test of the folder is one of them."""
    files = {part.file for part in plan_parts(given.file.parent, "model", reasons=True).parts}
    assert files == {"application_test.parquet", "applications.parquet"}


@pytest.mark.parametrize("change", ["model", "reasons", "rows", "history"])
def test_the_digest_follows_what_decides_the_answers(given: ScoreInput, tmp_path: Path, change: str) -> None:
    """Another model, other columns, another row or another history is another plan; a copy elsewhere is not."""
    for file in given.file.parent.glob("*.parquet"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    copy = tmp_path / given.file.name
    before = plan_parts(given.file, "model", reasons=True).digest
    assert plan_parts(copy, "model", reasons=True).digest == before
    if change == "rows":
        rows = pq.read_table(copy)
        at = rows.schema.get_field_index("AMT_CREDIT")
        pq.write_table(rows.set_column(at, "AMT_CREDIT", pa.array(np.arange(400.0))), copy, row_group_size=64)
    if change == "history":
        history = tmp_path / "bureau.parquet"
        pq.write_table(pq.read_table(history).slice(1), history)
    model = "other" if change == "model" else "model"
    assert plan_parts(copy, model, reasons=change != "reasons").digest != before


def test_a_client_twice_is_refused(given: ScoreInput, tmp_path: Path) -> None:
    """As in a file that is scored at once: also where the two lie in different files."""
    for name in ("a.parquet", "b.parquet"):
        (tmp_path / name).write_bytes(given.file.read_bytes())
    assert len(client_ids(plan_parts(tmp_path / "a.parquet", "model", reasons=True))) == 400
    with pytest.raises(TableError, match="more than once"):
        client_ids(plan_parts(tmp_path, "model", reasons=True))


def test_what_is_no_application_is_refused(given: ScoreInput, tmp_path: Path) -> None:
    """A file that lacks a column, none at all, and CSV: each with one line."""
    pq.write_table(pq.read_table(given.file).drop_columns(["AMT_CREDIT"]), tmp_path / "short.parquet")
    with pytest.raises(TableError, match="AMT_CREDIT"):
        plan_parts(tmp_path / "short.parquet", "model", reasons=True)
    pq.write_table(pq.read_table(given.file).slice(0, 0), tmp_path / "short.parquet")
    with pytest.raises(TableError, match="no rows"):
        plan_parts(tmp_path, "model", reasons=True)
    with pytest.raises(TableError, match="Parquet"):
        plan_parts(tmp_path / "a.csv", "model", reasons=True)
