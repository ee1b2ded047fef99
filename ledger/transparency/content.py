"""The personal part of a decision as the bytes that its receipt commits to.

How a ledger packs it on disk may change; these bytes may not. They are of fixed width for all decisions of a model, so
that a hundred thousand are made as arrays, and a stranger reads one with `struct` alone. Little-endian, in this order:

    4 bytes "LSC2" | u32 f | i64 client | i16[4] reasons' features | f32[4] reasons' shares | f64[f] features
    | f32[f] contributions | u32 c | f64[c] application | application id, UTF-8

A decision of before applications were kept has "LSC1", and neither c nor the application.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from credit.errors import PermanentError
from credit.reasons import MAX_REASONS
from credit.wire.audit import AuditRecord
from ledger.transparency.receipt import content_hash

_MAGIC, _WITHOUT_APPLICATION = b"LSC2", b"LSC1"
_A_FEATURE = 12  # bytes of a feature and its contribution


class ContentRefused(PermanentError):
    """The personal part of a receipt is not of a known layout: it was altered, or a newer version wrote it."""


@dataclass(frozen=True, slots=True)
class PersonalParts:
    """The personal parts of n decisions by one model; arrays as in `credit.wire.audit.AuditRecord`."""

    application_ids: list[str]
    client_ids: IntArray
    reason_feature: npt.NDArray[np.int16]
    reason_share: npt.NDArray[np.float32]
    features: FloatArray
    contributions: npt.NDArray[np.float32]
    application: FloatArray | None = None

    @classmethod
    def of(cls, record: AuditRecord, rows: Sequence[int]) -> Self:
        """Take the personal parts of some rows of an audit record."""
        chosen = np.asarray(rows, dtype=np.int64)
        return cls(
            [record.application_ids[row] for row in chosen.tolist()],
            record.client_ids[chosen],
            record.reason_feature[chosen],
            record.reason_share[chosen],
            record.features[chosen],
            record.contributions[chosen],
            None if record.application is None else record.application[chosen],
        )

    def __len__(self) -> int:
        return len(self.application_ids)

    def contents(self) -> list[bytes]:
        """Return the bytes of each, that its receipt commits to."""
        width = self.features.shape[1]
        columns = None if self.application is None else self.application.shape[1]
        laid = np.zeros(len(self), dtype=content_layout(width, columns))
        laid["magic"] = _WITHOUT_APPLICATION if columns is None else _MAGIC
        laid["width"], laid["client_id"] = width, self.client_ids
        laid["reason_feature"], laid["reason_share"] = self.reason_feature, self.reason_share
        laid["features"], laid["contributions"] = self.features, self.contributions
        if columns is not None:
            laid["columns"], laid["application"] = columns, self.application
        together, size = laid.tobytes(), laid.dtype.itemsize
        return [
            together[at * size : (at + 1) * size] + application_id.encode()
            for at, application_id in enumerate(self.application_ids)
        ]

    def hashes(self, salts: Sequence[bytes]) -> list[bytes]:
        """Return what each receipt commits to, 32 bytes, under its salt of 32 bytes."""
        return [content_hash(salt, content) for salt, content in zip(salts, self.contents(), strict=True)]


def content_layout(width: int, columns: int | None = None) -> np.dtype[np.void]:
    """Return the layout of all but the application's id, for a model of `width` features.

    columns: of the application; None where it was not kept.
    """
    kept = [] if columns is None else [("columns", "<u4"), ("application", "<f8", (columns,))]
    return np.dtype(
        [
            ("magic", "S4"),
            ("width", "<u4"),
            ("client_id", "<i8"),
            ("reason_feature", "<i2", (MAX_REASONS,)),
            ("reason_share", "<f4", (MAX_REASONS,)),
            ("features", "<f8", (width,)),
            ("contributions", "<f4", (width,)),
            *kept,
        ]
    )


def read_contents(contents: Sequence[bytes]) -> PersonalParts:
    """Read n >= 1 personal parts of one model; raises ContentRefused where they are not of one known layout."""
    first = contents[0]
    if first[:4] not in (_MAGIC, _WITHOUT_APPLICATION) or len(first) < 8:
        raise ContentRefused("a receipt's personal part has no known layout: altered, or written by a newer version")
    width, columns, counted = int.from_bytes(first[4:8], "little"), None, slice(0, 0)
    cut = ContentRefused("a receipt's personal part is cut short, or of another model than its neighbours")
    if width * _A_FEATURE > len(first):
        raise cut
    if first[:4] == _MAGIC:
        end = content_layout(width).itemsize
        counted = slice(end, end + 4)
        columns = int.from_bytes(first[counted], "little")
        if len(first) < counted.stop or columns * 8 > len(first):
            raise cut
    layout = content_layout(width, columns)
    size = layout.itemsize
    if any(len(c) < size or c[:8] != first[:8] or c[counted] != first[counted] for c in contents):
        raise cut
    laid = np.frombuffer(b"".join(content[:size] for content in contents), dtype=layout)
    try:
        application_ids = [content[size:].decode() for content in contents]
    except UnicodeDecodeError:
        raise ContentRefused("an application's id in a receipt is no text") from None
    return PersonalParts(
        application_ids,
        laid["client_id"],
        laid["reason_feature"],
        laid["reason_share"],
        np.ascontiguousarray(laid["features"]),
        np.ascontiguousarray(laid["contributions"]),
        None if columns is None else np.ascontiguousarray(laid["application"]),
    )
