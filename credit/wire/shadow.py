"""What a challenger would have decided, as it stands on `loan-shadow`: one Arrow IPC stream for some micro-batches.

Serving publishes it off the path of the answer and outside the gateway's transaction: a shadow record may be lost or
doubled, a decision may not. Monitoring joins it to the audit record by decision id.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import BaseModel

from credit.application import FloatArray, IntArray
from credit.policy import Policy

SHADOW_VERSION = 1
SHADOW_COLUMNS = {
    "decision_id": pa.string(),
    "decided_ms": pa.int64(),
    "probability": pa.float64(),
    "outcome": pa.int8(),
}
_METADATA_KEY = b"loanstream"


class ShadowModel(BaseModel):
    """The challenger that would have decided."""

    name: str
    version: str
    digest: str


class ShadowHeader(BaseModel):
    """Metadata `loanstream` of a shadow record's Arrow schema."""

    shadow_version: Literal[1]
    model: ShadowModel
    policy: Policy


@dataclass(frozen=True, slots=True)
class ShadowRecord:
    """A challenger's answers to n decided applications.

    name, version, digest: the challenger's; policy: its own; decision_ids: those of the champion's decisions;
    decided_ms: int64[n]; probability: float64[n], the challenger's probability of default; outcome: int8[n].
    """

    name: str
    version: str
    digest: str
    policy: Policy
    decision_ids: list[str]
    decided_ms: IntArray
    probability: FloatArray
    outcome: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.decision_ids)


def encode_shadow(record: ShadowRecord) -> bytes:
    """Return a shadow record as an Arrow IPC stream."""
    header = {
        "shadow_version": SHADOW_VERSION,
        "model": {"name": record.name, "version": record.version, "digest": record.digest},
        "policy": record.policy.model_dump(),
    }
    columns = {
        "decision_id": pa.array(record.decision_ids, pa.string()),
        "decided_ms": pa.array(record.decided_ms),
        "probability": pa.array(record.probability),
        "outcome": pa.array(record.outcome),
    }
    batch = pa.record_batch(columns)
    schema = batch.schema.with_metadata({_METADATA_KEY: json.dumps(header, separators=(",", ":")).encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(batch.replace_schema_metadata(schema.metadata))
    return bytes(sink.getvalue())


def decode_shadow(payload: bytes) -> ShadowRecord:
    """Read a shadow record; raises ValueError where the bytes are not one of a known version."""
    try:
        with pa.ipc.open_stream(payload) as reader:
            header: dict[str, Any] = json.loads((reader.schema.metadata or {})[_METADATA_KEY])
            batch = reader.read_next_batch()
        if header.get("shadow_version") != SHADOW_VERSION:
            raise ValueError(f"shadow version {header.get('shadow_version')!r} is not known")
        model = header["model"]
        columns: Sequence[Any] = [
            batch.column(name).to_numpy(zero_copy_only=False) for name in ("decided_ms", "probability", "outcome")
        ]
        return ShadowRecord(
            str(model["name"]),
            str(model["version"]),
            str(model["digest"]),
            Policy(**header["policy"]),
            batch.column("decision_id").to_pylist(),
            *columns,
        )
    except (pa.ArrowInvalid, KeyError, StopIteration, TypeError, OSError) as error:
        raise ValueError(f"not a shadow record: {error}") from None
