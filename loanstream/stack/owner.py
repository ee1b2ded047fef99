"""Who started the stack of a home: a lasting `up`, or a `demo` that ends it, and whether that one still lives."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psutil

Kind = Literal["up", "demo"]


@dataclass(frozen=True, slots=True)
class Owner:
    """The command that started the stack, by pid and start time; an `up` has ended when its stack runs."""

    kind: Kind
    pid: int
    started: float

    @classmethod
    def this(cls, kind: Kind) -> Owner:
        return cls(kind, os.getpid(), psutil.Process().create_time())

    @property
    def lives(self) -> bool:
        try:
            return abs(psutil.Process(self.pid).create_time() - self.started) <= 1.0
        except psutil.NoSuchProcess:
            return False


def read_owner(run: Path) -> Owner | None:
    """Return who started the stack; None where nobody did or the record is unreadable."""
    try:
        return Owner(**json.loads((run / "owner.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_owner(run: Path, owner: Owner) -> None:
    (run / "owner.json").write_text(json.dumps(asdict(owner)))


def clear_owner(run: Path) -> None:
    (run / "owner.json").unlink(missing_ok=True)
