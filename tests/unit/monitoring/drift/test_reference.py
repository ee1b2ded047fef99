"""The training reference of a model version."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from credit.errors import ModelRefused
from monitoring.drift.reference import bare_reference, load_reference
from registered_model.reference_sample import column_matrix, read_reference_table
from tests.fixtures import audited
from tests.fixtures.monitor_process import write_model


def test_a_models_folder_gives_its_reference(tmp_path: Path) -> None:
    """Rows, policy and protected features come from the folder's two files."""
    write_model(tmp_path / "model")
    held = load_reference(tmp_path / "model", "7")
    assert (held.version, held.rows, held.policy) == ("7", 3000, audited.POLICY)
    assert [held.bins.names[column] for column in held.groups] == ["CODE_GENDER"]
    assert held.counts.sum(axis=1).min() >= 3000


def test_identity_follows_the_counts() -> None:
    """The same rows give the same identity, other rows another: counts on other bins are never added up."""
    assert audited.reference("1").identity == audited.reference("2").identity
    assert audited.reference("1").identity != audited.reference("1", seed=5).identity


def test_a_folder_without_its_columns_or_its_file_is_refused(tmp_path: Path) -> None:
    """A feature that the manifest names and the table lacks is named, and so is a missing file."""
    write_model(tmp_path / "model")
    table = read_reference_table(tmp_path / "model").drop_columns(["EXT_SOURCE_2"])
    # Beside and then over it: the table is read from the very file.
    with pa.ipc.new_file(str(tmp_path / "less.arrow"), table.schema) as writer:
        writer.write_table(table)
    (tmp_path / "less.arrow").replace(tmp_path / "model" / "reference.arrow")
    with pytest.raises(ModelRefused, match=r"lacks EXT_SOURCE_2"):
        load_reference(tmp_path / "model", "1")
    (tmp_path / "model" / "reference.arrow").unlink()
    with pytest.raises(ModelRefused, match=r"reference\.arrow cannot be read"):
        load_reference(tmp_path / "model", "1")


def test_a_bare_reference_counts_without_bins() -> None:
    """What has no folder is bare: one bin a feature and nothing to compare with."""
    bare = bare_reference("1", audited.NAMES)
    assert bare.bare
    assert bare.rows == 0
    assert bare.bins.count(audited.rows(50))[0, 0] == 50
    assert bare.identity != bare_reference("1", audited.NAMES[:2]).identity


def test_a_null_is_a_missing_value() -> None:
    """Arrow's nulls become NaN."""
    matrix = column_matrix(pa.table({"a": pa.array([1.0, None])}), ["a"])
    assert np.isnan(matrix[1, 0])
