"""What is personal of a decision, packed into one small blob before it is sealed.

Layout, little-endian: version u8, client i64, length of the application's id u16, features u16, the reasons' places
(feature i16[4], share f32[4]), the id as UTF-8, then one zstd frame of the features (f64[f]) and the contributions
(f32[f]), each with its bytes sorted by significance: numbers of one row share their high bytes, so that packs better.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from credit.application import FloatArray
from credit.reasons import MAX_REASONS
from credit.wire.audit import AuditRecord

VERSION = 1
_HEAD = struct.Struct(f"<BqHH{MAX_REASONS}h{MAX_REASONS}f")
# Level 3 saves another 4 % for a fifth more time.
_CODEC = pa.Codec("zstd", compression_level=1)


@dataclass(frozen=True, slots=True)
class PersonalPart:
    """One decision's personal part; features: float64[f], contributions: float32[f], reasons as in `Reasons`."""

    client_id: int
    application_id: str
    reason_feature: npt.NDArray[np.int16]
    reason_share: npt.NDArray[np.float32]
    features: FloatArray
    contributions: npt.NDArray[np.float32]


def pack(record: AuditRecord) -> list[bytes]:
    """Return the packed personal part of each decision of an audit record, in its order."""
    n = len(record)
    if n == 0:
        return []
    matrices = np.concatenate([_by_significance(record.features), _by_significance(record.contributions)], axis=1)
    width = record.features.shape[1]
    packed = []
    for row, (client, application, feature, share) in enumerate(
        zip(
            record.client_ids.tolist(),
            record.application_ids,
            record.reason_feature.tolist(),
            record.reason_share.tolist(),
            strict=True,
        )
    ):
        name = application.encode()
        head = _HEAD.pack(VERSION, client, len(name), width, *feature, *share)
        packed.append(head + name + _CODEC.compress(matrices[row], asbytes=True))
    return packed


def unpack(packed: bytes) -> PersonalPart:
    """Read one packed part; raises ValueError where it is of no known version."""
    if packed[0] != VERSION:
        raise ValueError(f"payload version {packed[0]} is not known, this version reads {VERSION}")
    _, client, length, width, *places = _HEAD.unpack_from(packed)
    name = packed[_HEAD.size : _HEAD.size + length].decode()
    frame = _CODEC.decompress(packed[_HEAD.size + length :], decompressed_size=width * 12, asbytes=True)
    features = np.frombuffer(frame, np.uint8, width * 8).reshape(8, width).T
    contributions = np.frombuffer(frame, np.uint8, width * 4, width * 8).reshape(4, width).T
    return PersonalPart(
        client,
        name,
        np.array(places[:MAX_REASONS], np.int16),
        np.array(places[MAX_REASONS:], np.float32),
        np.ascontiguousarray(features).view(np.float64).reshape(width),
        np.ascontiguousarray(contributions).view(np.float32).reshape(width),
    )


def _by_significance(values: npt.NDArray[np.floating]) -> npt.NDArray[np.uint8]:
    n, width = values.shape
    size = values.itemsize
    as_bytes = np.ascontiguousarray(values).view(np.uint8).reshape(n, width, size)
    return np.ascontiguousarray(as_bytes.transpose(0, 2, 1)).reshape(n, width * size)
