"""What a home was prepared with, so that a second start trains and materialises only where the tables changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from loanstream.stack.home import Home

TABLE_SUFFIXES = (".csv", ".parquet", ".csv.gz")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Which tables a home was prepared with, the registry that a model of them is in, and what was materialised."""

    data: str = ""
    fingerprint: str = ""
    trained_in: str = ""
    materialized: str = ""


def fingerprint(folder: Path) -> str:
    """Return a digest of the tables' names, sizes and times: it changes when a table does, and reads none."""
    digest = hashlib.sha256(str(folder.absolute()).encode())
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.endswith(TABLE_SUFFIXES):
            state = path.stat()
            digest.update(f"|{path.name}|{state.st_size}|{state.st_mtime_ns}".encode())
    return digest.hexdigest()


def read_prepared(home: Home) -> Prepared:
    """Return what the home was prepared with; an empty record where it never was."""
    try:
        return Prepared(**json.loads(_file(home).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return Prepared()


def write_prepared(home: Home, prepared: Prepared) -> None:
    part = _file(home).with_suffix(".part")
    part.write_text(json.dumps(asdict(prepared), indent=2) + "\n")
    part.replace(_file(home))


def prepared_for(home: Home, data: Path) -> Prepared:
    """Return the home's record if it is of the tables in `data` as they are now, else a fresh one for them."""
    kept, now = read_prepared(home), fingerprint(data)
    if kept.fingerprint == now:
        return kept
    return replace(Prepared(), data=str(data.absolute()), fingerprint=now)


def tables_of(home: Home) -> Path:
    """Return the folder of tables that a home works with: those it was last prepared with, or its synthetic ones."""
    kept = read_prepared(home).data
    return Path(kept) if kept and Path(kept).is_dir() else home.data


def _file(home: Home) -> Path:
    return home.root / "prepared.json"
