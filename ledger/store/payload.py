"""What is personal of a decision, packed into one small blob before it is sealed.

Layout, little-endian: version u8, client i64, length of the application's id u16, features u16, the reasons' places
(feature i16[4], share f32[4]), the id as UTF-8, from version 2 on the application's columns u16, then one zstd frame of
the features (f64[f]), the contributions (f32[f]) and, from version 2 on, the application (f64[c]), each with its bytes
sorted by significance: numbers of one row share their high bytes, so that packs better.
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

VERSION, _WITHOUT_APPLICATION = 2, 1
_COLUMNS = struct.Struct("<H")
_HEAD = struct.Struct(f"<BqHH{MAX_REASONS}h{MAX_REASONS}f")
# Level 3 saves another 4 % for a fifth more time.
_CODEC = pa.Codec("zstd", compression_level=1)


@dataclass(frozen=True, slots=True)
class PersonalPart:
    """One decision's personal part; features: float64[f], contributions: float32[f], reasons as in `Reasons`.

    application: float64[columns], as it was decided; None of a decision of before it was kept.
    """

    client_id: int
    application_id: str
    reason_feature: npt.NDArray[np.int16]
    reason_share: npt.NDArray[np.float32]
    features: FloatArray
    contributions: npt.NDArray[np.float32]
    application: FloatArray | None = None


def pack(record: AuditRecord) -> list[bytes]:
    """Return the packed personal part of each decision of an audit record, in its order."""
    n = len(record)
    if n == 0:
        return []
    applications = record.application
    parts = [_by_significance(record.features), _by_significance(record.contributions)]
    if applications is not None:
        parts.append(_by_significance(applications))
    matrices = np.concatenate(parts, axis=1)
    version = _WITHOUT_APPLICATION if applications is None else VERSION
    columns = b"" if applications is None else _COLUMNS.pack(applications.shape[1])
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
        head = _HEAD.pack(version, client, len(name), width, *feature, *share)
        packed.append(head + name + columns + _CODEC.compress(matrices[row], asbytes=True))
    return packed


def unpack(packed: bytes) -> PersonalPart:
    """Read one packed part; raises ValueError where it is of no known version."""
    if packed[0] not in (VERSION, _WITHOUT_APPLICATION):
        raise ValueError(f"payload version {packed[0]} is not known, this version reads {VERSION}")
    version, client, length, width, *places = _HEAD.unpack_from(packed)
    name = packed[_HEAD.size : _HEAD.size + length].decode()
    begin, columns = _HEAD.size + length, 0
    if version == VERSION:
        (columns,) = _COLUMNS.unpack_from(packed, begin)
        begin += _COLUMNS.size
    frame = _CODEC.decompress(packed[begin:], decompressed_size=width * 12 + columns * 8, asbytes=True)
    features = np.frombuffer(frame, np.uint8, width * 8).reshape(8, width).T
    contributions = np.frombuffer(frame, np.uint8, width * 4, width * 8).reshape(4, width).T
    application = None
    if columns:
        sorted_bytes = np.frombuffer(frame, np.uint8, columns * 8, width * 12).reshape(8, columns).T
        application = np.ascontiguousarray(sorted_bytes).view(np.float64).reshape(columns)
    return PersonalPart(
        client,
        name,
        np.array(places[:MAX_REASONS], np.int16),
        np.array(places[MAX_REASONS:], np.float32),
        np.ascontiguousarray(features).view(np.float64).reshape(width),
        np.ascontiguousarray(contributions).view(np.float32).reshape(width),
        application,
    )


def _by_significance(values: npt.NDArray[np.floating]) -> npt.NDArray[np.uint8]:
    n, width = values.shape
    size = values.itemsize
    as_bytes = np.ascontiguousarray(values).view(np.uint8).reshape(n, width, size)
    return np.ascontiguousarray(as_bytes.transpose(0, 2, 1)).reshape(n, width * size)
