"""The JSON Schema of every message.

One file for each version of each message. Only those of today's versions are written; those of former versions stay as
they are, and what they describe is still read. A change that a version's users would trip over is not written: the
message needs a new version number.
"""

from __future__ import annotations

import json
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


def todays_files(folder: Path) -> dict[Path, str]:
    """Return today's schemas by file; raises IncompatibleSchema where one cannot take the place of what is there."""
    wanted = {folder / file_name(message.name, message.version): message for message in messages()}
    for path, message in wanted.items():
        if path.exists():
            check(message, json.loads(path.read_text()))
    return {path: as_text(message.schema()) for path, message in wanted.items()}
