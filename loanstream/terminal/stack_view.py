"""How a start and its addresses look in a terminal: pure drawing, for any width from 80 columns on."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich import box
from rich.console import RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from loanstream.stack.steps import State, Step
from loanstream.terminal.style import EDGE

_MARK = {
    State.WAITING: Text("·", "dim"),
    State.DONE: Text("✔", "green"),
    State.REUSED: Text("✔", "cyan"),
    State.FAILED: Text("✘", "bold red"),
}


@dataclass(slots=True)
class StepsView:
    """The steps of a start, with one spinner a step, so that it turns from frame to frame."""

    steps: Sequence[Step]
    _spinners: dict[str, Spinner] = field(default_factory=dict)

    def draw(self) -> Panel:
        """Return the steps with their progress and times."""
        now = time.monotonic()
        table = Table.grid(expand=True, padding=(0, 1))
        table.add_column(width=1)
        table.add_column(no_wrap=True)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column(justify="right", no_wrap=True)
        for step in self.steps:
            running = step.state is State.RUNNING
            seconds = step.seconds(now)
            table.add_row(
                self._spinner(step.name) if running else _MARK[step.state],
                Text(step.title, "dim" if step.state is State.WAITING else ""),
                _doing(step),
                Text("" if seconds is None else f"{seconds:.1f} s", "cyan" if running else "dim"),
            )
            for part in step.parts:
                cells = (f"  {part.title}", part.detail, f"{part.seconds:.1f} s")
                table.add_row("", *(Text(cell, "dim") for cell in cells))
        return Panel(table, border_style=EDGE, box=box.ROUNDED, padding=(0, 1), title="start", title_align="left")

    def _spinner(self, name: str) -> Spinner:
        return self._spinners.setdefault(name, Spinner("dots", style="cyan"))


def _doing(step: Step) -> RenderableType:
    if step.state is not State.RUNNING:
        return Text(step.detail, "cyan" if step.state is State.REUSED else "dim")
    if step.progress.fraction is None:
        return Text(step.progress.note, "cyan")
    row = Table.grid(padding=(0, 1))
    row.add_row(ProgressBar(total=1.0, completed=step.progress.fraction, width=20), Text(step.progress.note, "cyan"))
    return row


def draw_addresses(addresses: Mapping[str, str]) -> Table:
    """Return where everything can be reached."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, address in addresses.items():
        table.add_row(f" {name}", Text(address, "cyan"))
    return table
