"""Drift between two tables of any columns."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from credit.errors import TableError
from monitoring.drift.table import drift_table, read_table
from tests.fixtures.tables import table


def test_identifiers_and_labels_are_not_features() -> None:
    """An id that only grows is no drift, and a column of one table alone is named."""
    then, now = table(1000, 0).assign(TARGET=0), table(1000, 1).assign(NEW=1)
    held = drift_table(then, now)
    assert {c.column for c in held.columns} == {"INCOME", "JOB", "FLAG"}
    assert held.only_current == ["NEW"]
    assert held.only_reference == []
    assert held.drifted == []


def test_strange_columns_do_not_end_the_comparison() -> None:
    """All-missing, constant, mixed and unseen values give a row each, with a note where nothing can be compared."""
    then, now = table(600, 0), table(600, 1)
    then["GONE"], now["GONE"] = np.nan, 1.0
    then["GOES"], now["GOES"] = 1.0, np.nan
    then["SAME"], now["SAME"] = 3, 3
    now.loc[:299, "JOB"] = "Astronaut"
    now["FLAG"] = now["FLAG"].astype(object).where(now["FLAG"] == 1, "oops")
    held = {c.column: c for c in drift_table(then, now).columns}
    assert held["GONE"].note == "all missing in the reference"
    assert held["GOES"].note == "all missing now"
    assert held["GOES"].missing_shift == 1.0
    assert held["SAME"].psi == 0.0
    assert held["JOB"].unknown == pytest.approx(0.5)
    assert held["JOB"].drifted
    assert held["FLAG"].missing is not None
    assert held["FLAG"].missing > 0.3
    json.loads(drift_table(then, now).to_json())
    empty = drift_table(then, now.head(0))
    assert all(c.psi is None for c in empty.columns)


@pytest.mark.parametrize(
    ("name", "content"), [("gone.csv", None), ("a.txt", b"x"), ("b.parquet", b"junk"), ("c.csv", b"")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes | None) -> None:
    """Each bad file ends in one line with its name."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError, match=name.replace(".", r"\.")):
        read_table(tmp_path / name)
