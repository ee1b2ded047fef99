"""The audit record: one Arrow IPC stream a micro-batch, with everything needed to prove a decision afterwards.

Columnar, so that a monitor or a replay reads a hundred thousand decisions without touching one as an object. What is
one for the batch (model, policy, source, door) stands in the schema's metadata under `loanstream` as JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import BaseModel, Field

from credit.application import FloatArray, IntArray
from credit.decision import DecisionBatch, ModelRef
from credit.policy import Policy
from credit.reasons import MAX_REASONS
from credit.schema import APPLICATION_COLUMNS

AUDIT_VERSION = 1
_METADATA_KEY = b"loanstream"

Door = Literal["kafka", "http", "replay"]


class AuditModel(BaseModel):
    """The model that decided a micro-batch."""

    name: str
    version: str
    digest: str
    catalog_hash: str
    features: list[str] = Field(description="In the order of the columns `features` and `contributions`.")


class AuditHeader(BaseModel):
    """Metadata `loanstream` of an audit record's Arrow schema; model and policy null where nothing was decided."""

    audit_version: Literal[1]
    door: Door
    model: AuditModel | None
    policy: Policy | None
    policy_digest: str | None
    expected_value: float | None = Field(description="Log-odds to which contributions add up to `raw`.")
    sources: list[tuple[str, int, int, int]] = Field(
        description="Topic, partition, first and last offset that this record answers; empty for HTTP."
    )
    rejected: int = Field(ge=0, description="How many of those became dead letters.")


@dataclass(frozen=True, slots=True)
class SourceRange:
    """Where a micro-batch was read: records `first` to `last` (both included) of one topic's partition."""

    topic: str
    partition: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An audit record read back; arrays as in `DecisionBatch`, `header` the batch's metadata.

    application: float64[n, columns], the applications as they were decided, whether or not the booster read a column;
    None in a record of before they were kept, or of a schema with other columns.
    """

    header: dict[str, Any]
    application_ids: list[str]
    decision_ids: list[str]
    client_ids: IntArray
    submitted_ms: IntArray
    decided_ms: IntArray
    outcome: npt.NDArray[np.int8]
    mode: npt.NDArray[np.int8]
    history: npt.NDArray[np.bool_]
    raw: FloatArray
    probability: FloatArray
    points: npt.NDArray[np.int32]
    reason_subject: npt.NDArray[np.int16]
    reason_feature: npt.NDArray[np.int16]
    reason_share: npt.NDArray[np.float32]
    features: FloatArray
    contributions: npt.NDArray[np.float32]
    application: FloatArray | None

    def __len__(self) -> int:
        return len(self.decision_ids)

    @property
    def feature_names(self) -> tuple[str, ...]:
        return _features(self.header)


def _features(header: dict[str, Any]) -> tuple[str, ...]:
    # No model where nothing was decided: a micro-batch of poison alone.
    return tuple((header["model"] or {"features": ()})["features"])


def encode_audit(batch: DecisionBatch, door: Door, sources: list[SourceRange], rejected: int = 0) -> bytes:
    """Return the audit record of one micro-batch as an Arrow IPC stream.

    sources: the ranges read for it, empty for HTTP; rejected: how many of their records became dead letters, so that
    ranges = decisions + dead letters can be checked from the record alone.
    """
    reasons, applications = batch.reasons, batch.applications
    columns: dict[str, Any] = {
        "application_id": applications.application_ids,
        "decision_id": batch.decision_ids,
        "sk_id_curr": applications.client_ids,
        "submitted_ms": applications.submitted_ms,
        "decided_ms": batch.decided_ms,
        "outcome": batch.outcome,
        "mode": batch.mode,
        "history": batch.history,
        "raw": batch.raw,
        "probability": batch.probability,
        "points": batch.points,
        "reason_subject": reasons.subject,
        "reason_feature": reasons.feature,
        "reason_share": reasons.share,
        "features": batch.features,
        "contributions": batch.contributions,
        "application": applications.values,
    }
    width = batch.features.shape[1]
    arrays = [_column(values, COLUMN_TYPES[name]) for name, values in columns.items()]
    return _written(_header(door, _decided_by(batch.model, batch.expected_value), sources, rejected), arrays, width)


def encode_rejections(door: Door, sources: list[SourceRange], rejected: int) -> bytes:
    """Return the audit record of a micro-batch in which nothing was decided: no rows, no model, all of it rejected.

    Without it those offsets would be named nowhere, and would look like a gap.
    """
    return _written(_header(door, _UNDECIDED, sources, rejected), [pa.array([], k) for k in COLUMN_TYPES.values()], 0)


# Members of the header, without the braces around them.
_UNDECIDED = '"model":null,"policy":null,"policy_digest":null,"expected_value":null'
# Lists have as many items as the model has features; 0 stands for that here.
COLUMN_TYPES = {
    "application_id": pa.string(),
    "decision_id": pa.string(),
    "sk_id_curr": pa.int64(),
    "submitted_ms": pa.int64(),
    "decided_ms": pa.int64(),
    "outcome": pa.int8(),
    "mode": pa.int8(),
    "history": pa.bool_(),
    "raw": pa.float64(),
    "probability": pa.float64(),
    "points": pa.int32(),
    "reason_subject": pa.list_(pa.int16(), MAX_REASONS),
    "reason_feature": pa.list_(pa.int16(), MAX_REASONS),
    "reason_share": pa.list_(pa.float32(), MAX_REASONS),
    "features": pa.list_(pa.float64(), 0),
    "contributions": pa.list_(pa.float32(), 0),
    # In the order of `credit.schema.APPLICATION_COLUMNS`, encoded as that says.
    "application": pa.list_(pa.float64(), len(APPLICATION_COLUMNS)),
}
# Below this many rows packing saves less than what it costs to set up: half of a lone decision's encoding.
_PACKED_FROM = 16
_PACKED = pa.ipc.IpcWriteOptions(compression="lz4")
_PLAIN = pa.ipc.IpcWriteOptions()


def _column(values: Any, kind: pa.DataType) -> pa.Array:
    """Return a column of an audit record: of n texts or numbers, or of an n x m matrix."""
    if not pa.types.is_fixed_size_list(kind):
        return pa.array(values, kind)
    flat = np.ascontiguousarray(values, dtype=kind.value_type.to_pandas_dtype()).reshape(-1)
    return pa.FixedSizeListArray.from_arrays(pa.array(flat), values.shape[1])


@lru_cache(maxsize=8)
def _decided_by(model: ModelRef, expected_value: float) -> str:
    """Return what the header says of a model, as JSON: the same for every batch that it decides."""
    members = {
        "model": {
            "name": model.name,
            "version": model.version,
            "digest": model.digest,
            "catalog_hash": model.catalog_hash,
            "features": list(model.features),
        },
        "policy": model.policy.model_dump(),
        "policy_digest": model.policy.digest,
        "expected_value": expected_value,
    }
    return json.dumps(members, separators=(",", ":"))[1:-1]


@lru_cache(maxsize=8)
def _schema(width: int) -> pa.Schema:
    kinds = dict(COLUMN_TYPES)
    if width:
        kinds |= {"features": pa.list_(pa.float64(), width), "contributions": pa.list_(pa.float32(), width)}
    return pa.schema(list(kinds.items()))


def _header(door: Door, decided_by: str, sources: list[SourceRange], rejected: int) -> bytes:
    ranges = json.dumps([[s.topic, s.partition, s.first, s.last] for s in sources], separators=(",", ":"))
    head = f'"audit_version":{AUDIT_VERSION},"door":"{door}"'
    return f'{{{head},{decided_by},"sources":{ranges},"rejected":{rejected}}}'.encode()


def _written(header: bytes, columns: list[pa.Array], width: int) -> bytes:
    schema = _schema(width).with_metadata({_METADATA_KEY: header})
    record = pa.RecordBatch.from_arrays(columns, schema=schema)
    sink = pa.BufferOutputStream()
    options = _PACKED if record.num_rows >= _PACKED_FROM else _PLAIN
    with pa.ipc.new_stream(sink, schema, options=options) as writer:
        writer.write_batch(record)
    return bytes(sink.getvalue())


def decode_audit(payload: bytes) -> AuditRecord:
    """Read an audit record; raises ValueError where the bytes are not one of a known version."""
    try:
        with pa.ipc.open_stream(payload) as reader:
            header = json.loads((reader.schema.metadata or {})[_METADATA_KEY])
            record = reader.read_next_batch()
    except (pa.ArrowException, OSError, KeyError, StopIteration, ValueError) as error:
        raise ValueError(f"not an audit record: {error}") from None
    if header.get("audit_version") != AUDIT_VERSION:
        raise ValueError(
            f"audit version {header.get('audit_version')!r} is not known, this version reads {AUDIT_VERSION}"
        )
    n, f = record.num_rows, len(_features(header))

    def flat(name: str) -> Any:
        return record.column(name).to_numpy(zero_copy_only=False)

    def matrix(name: str, width: int) -> Any:
        return record.column(name).flatten().to_numpy(zero_copy_only=False).reshape(n, width)

    return AuditRecord(
        header,
        record.column("application_id").to_pylist(),
        record.column("decision_id").to_pylist(),
        flat("sk_id_curr"),
        flat("submitted_ms"),
        flat("decided_ms"),
        flat("outcome"),
        flat("mode"),
        flat("history"),
        flat("raw"),
        flat("probability"),
        flat("points"),
        matrix("reason_subject", MAX_REASONS),
        matrix("reason_feature", MAX_REASONS),
        matrix("reason_share", MAX_REASONS),
        matrix("features", f),
        matrix("contributions", f),
        _applications(record),
    )


def _applications(record: pa.RecordBatch) -> FloatArray | None:
    place = record.schema.get_field_index("application")
    if place < 0 or record.schema.field(place).type != COLUMN_TYPES["application"]:
        return None
    values = record.column(place).flatten().to_numpy(zero_copy_only=False)
    return np.asarray(values.reshape(record.num_rows, len(APPLICATION_COLUMNS)), dtype=np.float64)
