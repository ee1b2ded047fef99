"""What all backends agree on: clients' keys, packed vectors, versions and what a version says of itself.

A version is one whole materialisation. Its name and its description carry the hash of the history features, so that a
vector is never read in an order other than the one it was packed in.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from credit.errors import SettingsError

MAX_CLIENT = 2**63 - 1
HistoryArray = npt.NDArray[np.float32]
ClientValue = tuple[int, bytes]
"""A client's id and what is stored of him: a packed vector, or an application as a JSON object."""


def client_key(client_id: int) -> bytes:
    """Return a client's key: SK_ID_CURR as 8 bytes, big-endian, unsigned, so that keys sort as ids do."""
    return int(client_id).to_bytes(8, "big")


def prefix_ranges(prefix: str) -> list[tuple[int, int]]:
    """Return the ranges of client ids, both ends included, whose decimal digits begin with `prefix`, lowest first.

    prefix: digits, or nothing for all clients.
    """
    if not prefix:
        return [(1, MAX_CLIENT)]
    if prefix.startswith("0"):
        return []  # no id is written like that
    first, ranges = int(prefix), []
    width = 1
    while first * width <= MAX_CLIENT:
        ranges.append((first * width, min(first * width + width - 1, MAX_CLIENT)))
        width *= 10
    return ranges


def pack(vectors: HistoryArray) -> list[bytes]:
    """Return each row of float32[n, width] as little-endian bytes."""
    return [vector.tobytes() for vector in np.ascontiguousarray(vectors, dtype="<f4")]


def unpack(vectors: list[bytes | None], width: int) -> tuple[HistoryArray, npt.NDArray[np.bool_]]:
    """Turn n packed vectors into float32[n, width], NaN where one is None, and bool[n], whether it is there.

    Raises SettingsError where a vector is of another length.
    """
    known = np.array([vector is not None for vector in vectors], dtype=np.bool_)
    missing = np.full(width, np.nan, dtype="<f4").tobytes()
    packed = b"".join(missing if vector is None else vector for vector in vectors)
    if len(packed) != len(vectors) * width * 4:
        raise SettingsError("the feature store holds vectors of another length; run `loanstream materialize` again")
    return np.frombuffer(packed, dtype="<f4").reshape(len(vectors), width), known


def version_name(history_hash: str, number: int) -> str:
    """Return the name of the version built as the `number`-th from features of this hash."""
    return f"{history_hash[:16]}-{number}"


@dataclass(frozen=True)
class StoreMeta:
    """What a filled version says of itself.

    checksum: hex SHA-256 over the keys and values that were put, in the order they were put in; source: digest of the
    tables and of the catalog that it was built from.
    """

    history_hash: str
    clients: int
    applications: int
    checksum: str
    created_at: str
    source: str = ""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode()


def read_meta(document: bytes | None) -> StoreMeta | None:
    """Return a version's description, None where there is none that can be read."""
    try:
        return StoreMeta(**json.loads(document or b""))
    except (TypeError, ValueError):
        return None


def check_features(meta: StoreMeta | None, history_hash: str, where: str) -> None:
    """Raise SettingsError where a version holds other features than those of `history_hash`, or does not say which."""
    if meta is None or meta.history_hash != history_hash:
        raise SettingsError(
            f"the features in {where} were built by another version of the catalog; run `loanstream materialize` again"
        )


@dataclass(frozen=True)
class Building:
    """How far a version is that is being built: from which source, and that all clients up to `filled_to` are in.

    version: its name, where the backend gives it one before it is finished.
    """

    source: str
    filled_to: int
    version: str = ""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()


def read_building(document: bytes | None) -> Building | None:
    """Return what is being built, None where nothing is."""
    return Building(**json.loads(document)) if document else None
