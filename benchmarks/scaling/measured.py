"""What was measured of one core, one message and one client: the ground of the model, in one file with its sources."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("measured.json")


@dataclass(frozen=True, slots=True)
class CoreFigure:
    """One figure: what it is of, and the command that measures it again."""

    value: float
    unit: str
    what: str
    again: str


@dataclass(frozen=True, slots=True)
class OneCore:
    """The figures that the model reads; `_us` are microseconds, `_bytes` bytes, of one decision where nothing else is
    said."""

    gateway_cpu_us: CoreFigure
    gateway_rate: CoreFigure
    through_serve: CoreFigure
    stage_in_us: CoreFigure
    stage_out_us: CoreFigure
    batch_fixed_ms: CoreFigure
    explained_alone_us: CoreFigure
    http_cpu_us: CoreFigure
    http_composed_cpu_us: CoreFigure
    monitor_cpu_us: CoreFigure
    monitor_small_cpu_us: CoreFigure
    sink_cpu_us: CoreFigure
    sink_rate: CoreFigure
    ledger_bytes: CoreFigure
    application_bytes: CoreFigure
    decision_bytes: CoreFigure
    audit_bytes_50: CoreFigure
    audit_bytes_500: CoreFigure
    broker_cpu_us: CoreFigure
    redis_cpu_us: CoreFigure
    redis_client_us: CoreFigure
    redis_history_bytes: CoreFigure
    redis_application_bytes: CoreFigure
    batch_cpu_us: CoreFigure

    @staticmethod
    def read(file: Path = FILE) -> OneCore:
        """Read the figures; raises KeyError where one lacks."""
        return OneCore.of(json.loads(file.read_text()))

    @staticmethod
    def of(figures: dict[str, dict[str, Any]]) -> OneCore:
        return OneCore(**{field.name: CoreFigure(**figures[field.name]) for field in fields(OneCore)})


def digest(file: Path = FILE) -> str:
    """Return a digest of the figures, for what was computed from them."""
    return hashlib.sha256(json.dumps(json.loads(file.read_text()), sort_keys=True).encode()).hexdigest()


def write(found: dict[str, CoreFigure], file: Path = FILE) -> None:
    """Put figures that were measured now beside the others, each on a line of its own."""
    figures = json.loads(file.read_text())
    for name, figure in found.items():
        figures[name] = {"value": figure.value, "unit": figure.unit, "what": figure.what, "again": figure.again}
    lines = [f"  {json.dumps(name)}: {json.dumps(said)}" for name, said in figures.items()]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n")
