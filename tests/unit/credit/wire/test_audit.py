"""The audit record."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from credit.wire.audit import SourceRange, decode_audit, encode_audit, encode_rejections
from tests.fixtures.decisions import decision_batch


def test_a_decision_can_be_proved_from_its_record() -> None:
    """Ids, versions, features and outcome come back as they went in, to the bit."""
    batch = decision_batch(7)
    record = decode_audit(encode_audit(batch, "kafka", [SourceRange("loan-applications", 2, 10, 16)]))
    assert record.decision_ids == batch.decision_ids
    assert record.application_ids == batch.applications.application_ids
    assert record.features.tobytes() == batch.features.tobytes()
    assert record.raw.tobytes() == batch.raw.tobytes()
    assert record.application is not None
    assert record.application.tobytes() == batch.applications.values.tobytes()
    assert record.outcome.tolist() == batch.outcome.tolist()
    assert record.reason_subject.tolist() == batch.reasons.subject.tolist()
    assert np.allclose(record.contributions, batch.contributions, rtol=1e-6)
    assert record.feature_names == batch.model.features
    assert record.header["sources"] == [["loan-applications", 2, 10, 16]]
    assert record.header["model"]["version"] == "1"
    assert record.header["policy_digest"] == batch.model.policy.digest


def test_a_record_of_before_applications_were_kept_is_read_too() -> None:
    """It has no such column, and one of a schema with other columns has no application that we could name."""
    with pa.ipc.open_stream(encode_audit(decision_batch(2), "kafka", [])) as reader:
        table = reader.read_all()
    other = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(6)), 3)
    without = table.drop_columns(["application"])
    for former in (without, without.append_column("application", other)):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, former.schema) as writer:
            writer.write_table(former)
        record = decode_audit(sink.getvalue().to_pybytes())
        assert record.application is None
        assert len(record) == 2


def test_one_decision_is_a_record_too() -> None:
    """n = 1 is a batch."""
    assert len(decode_audit(encode_audit(decision_batch(1), "http", []))) == 1


def test_a_batch_of_poison_alone_is_a_record_too() -> None:
    """No rows, no model; what was read and that all of it was rejected stands in the header, columns are as ever."""
    sources = [SourceRange("loan-applications", 0, 5, 7)]
    record = decode_audit(encode_rejections("kafka", sources, 3))
    assert (len(record), record.feature_names, record.header["model"]) == (0, (), None)
    assert (record.header["sources"], record.header["rejected"]) == ([["loan-applications", 0, 5, 7]], 3)
    decided = decode_audit(encode_audit(decision_batch(2), "kafka", sources))
    assert record.header.keys() == decided.header.keys()
    for name in record.__slots__:
        empty, full = getattr(record, name), getattr(decided, name)
        if isinstance(empty, np.ndarray):
            assert (empty.dtype, empty.ndim) == (full.dtype, full.ndim), name


@pytest.mark.parametrize("payload", [b"", b"not arrow", b"\xff" * 100])
def test_other_bytes_are_refused_by_name(payload: bytes) -> None:
    """A record that is none gives a ValueError, which a consumer counts and passes over."""
    with pytest.raises(ValueError, match="audit"):
        decode_audit(payload)


def test_a_cut_record_is_refused() -> None:
    """Half a record is not read as a smaller one."""
    whole = encode_audit(decision_batch(5), "kafka", [])
    with pytest.raises(ValueError, match="audit"):
        decode_audit(whole[: len(whole) // 2])
