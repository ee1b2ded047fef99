"""Writes the JSON Schema of every message: `python -m loanstream.schemas docs/schemas`.

One file for each version of each message. Only those of today's versions are written; those of former versions stay as
they are, and what they describe is still read. A change that a version's users would trip over is not written: the
message needs a new version number.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from credit.errors import PermanentError
from credit.wire.evolution import breaks
from credit.wire.schemas import Message, messages


class IncompatibleSchema(PermanentError):
    """A message changed in a way that breaks its users: raise its version, and go on reading the former one."""


def file_name(name: str, version: int) -> str:
    """Return the name of a version's file."""
    return f"{name}.v{version}.schema.json"


def as_text(schema: dict[str, Any]) -> str:
    """Return a schema as it stands in its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def check(message: Message, former: dict[str, Any]) -> None:
    """Raise IncompatibleSchema where today's schema of a message cannot take the place of a former of its version."""
    found = breaks(former, message.schema(), read=message.read, written=message.written)
    if found:
        raise IncompatibleSchema(f"{message.name} v{message.version}: {'; '.join(found)}: raise its version")


def write(folder: Path) -> list[Path]:
    """Write today's schemas and return their files; raises IncompatibleSchema, before any is written."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {folder / file_name(message.name, message.version): message for message in messages()}
    for path, message in wanted.items():
        if path.exists():
            check(message, json.loads(path.read_text()))
    for path, message in wanted.items():
        path.write_text(as_text(message.schema()))
    return list(wanted)


if __name__ == "__main__":
    for written in write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/schemas")):
        sys.stdout.write(f"{written}\n")
