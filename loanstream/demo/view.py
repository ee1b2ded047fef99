"""How a demo looks in a terminal: pure drawing of counts and decisions, for any width from 80 columns on."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich import box
from rich.bar import Bar
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from loanstream.demo.summary import Summary
from loanstream.demo.tally import OUTCOMES, RecentDecision, Snapshot
from loanstream.stack.steps import Step
from loanstream.terminal.stack_view import StepsView, draw_addresses
from loanstream.terminal.style import EDGE, OUTCOME_COLOUR

_BLOCKS = " ▁▂▃▄▅▆▇█"


@dataclass(slots=True)
class Screen:
    """What the view draws: `phase` says in a few words what happens now, `clock` how long it has and may take."""

    steps: Sequence[Step]
    addresses: Mapping[str, str] = field(default_factory=dict)
    snapshot: Snapshot | None = None
    phase: str = "starting"
    clock: str = ""
    expected: int | None = None
    height: int = 30
    _steps_view: StepsView | None = None

    @property
    def steps_view(self) -> StepsView:
        """The drawing of the start's steps, kept from frame to frame."""
        if self._steps_view is None or self._steps_view.steps is not self.steps:
            self._steps_view = StepsView(self.steps)
        return self._steps_view


def draw(screen: Screen) -> RenderableType:
    """Return one frame."""
    head = Table.grid(expand=True)
    head.add_column(no_wrap=True)
    head.add_column(justify="right", no_wrap=True)
    head.add_row(
        Text.assemble((" Loanstream ", "bold white on blue"), "  ", (screen.phase, "bold")),
        Text(f"{screen.clock}   Ctrl-C ends ".lstrip(), "dim"),
    )
    if screen.snapshot is None:
        return Group(head, screen.steps_view.draw())
    figures = Table.grid(expand=True)
    for _ in range(3):
        figures.add_column(ratio=1)
    figures.add_row(_stream(screen.snapshot, screen.expected), _outcomes(screen.snapshot), _pace(screen.snapshot))
    # Head, two lines, seven for the figures, three around the decisions, and the addresses: the rest is theirs.
    rows = max(3, min(12, screen.height - 14 - len(screen.addresses)))
    return Group(
        head,
        _steps_line(screen.steps),
        _replicas_line(screen.snapshot),
        figures,
        _recent(screen.snapshot.recent, rows),
        draw_addresses(screen.addresses),
    )


def _steps_line(steps: Sequence[Step]) -> Text:
    began = [step.started for step in steps if step.started is not None]
    ended = [step.ended for step in steps if step.ended is not None]
    line = Text(" ✔ ", "green", no_wrap=True, overflow="ellipsis")
    if began and ended:
        line.append(f"ready in {max(ended) - min(began):.0f} s", "default")
    parts = [f"{step.title.lower()} {step.seconds(0) or 0:.0f} s" for step in steps if (step.seconds(0) or 0) >= 1]
    line.append("   " + " · ".join(parts), "dim")
    return line


def _panel(title: str, content: RenderableType) -> Panel:
    return Panel(content, title=title, title_align="left", border_style=EDGE, box=box.ROUNDED, padding=(0, 1), height=7)


def _pairs(rows: Sequence[tuple[str, RenderableType]]) -> Table:
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for name, value in rows:
        table.add_row(name, value)
    return table


def _stream(snapshot: Snapshot, expected: int | None) -> Panel:
    dead = Text(f"{snapshot.dead_letters:,}", "bold red" if snapshot.dead_letters else "dim")
    rows: list[tuple[str, RenderableType]] = [
        ("in", Text(f"{snapshot.applications_in:,}", "bold")),
        ("decided", Text(f"{snapshot.decisions:,}", "bold")),
        ("dead letters", dead),
        ("lag", Text("–" if snapshot.lag is None else f"{snapshot.lag:,}")),
    ]
    done = snapshot.decisions + snapshot.dead_letters
    if expected:
        rows.append((f"of {expected:,}", ProgressBar(total=expected, completed=min(done, expected), width=10)))
    return _panel("stream", _pairs(rows))


def _outcomes(snapshot: Snapshot) -> Panel:
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True, style="dim", width=6)
    total = max(snapshot.decisions, 1)
    for outcome in OUTCOMES:
        count = snapshot.outcomes.get(outcome, 0)
        colour = OUTCOME_COLOUR[outcome]
        table.add_row(
            Text(outcome, colour), Bar(total, 0, count, color=colour), f"{count:,}", f"{100 * count / total:.1f} %"
        )
    return _panel("outcomes", Group(table, Text(""), Text(snapshot.model and f"decided by {snapshot.model}", "dim")))


def _pace(snapshot: Snapshot) -> Panel:
    pairs = _pairs(
        [
            ("decisions/s", Text(f"{snapshot.rate:,.0f}", "bold")),
            ("end to end p50", Text(_ms(snapshot.p50_ms), "bold")),
            ("end to end p99", Text(_ms(snapshot.p99_ms), "bold")),
        ]
    )
    return _panel("pace", Group(pairs, Text(""), _Sparkline(snapshot.rates)))


class _Sparkline:
    """The pace of the last minute, as wide as there is room for."""

    def __init__(self, values: Sequence[int]) -> None:
        self._values = values

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(sparkline(self._values, options.max_width), "cyan", no_wrap=True)


def _replicas_line(snapshot: Snapshot) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    if not snapshot.replicas:
        return line
    line.append("   replicas", "default")
    for name, (running, target) in snapshot.replicas.items():
        line.append("  " + name, "dim")
        line.append(f" {running}" + (f"→{target}" if target != running else ""), "bold" if running > 1 else "default")
    return line


def sparkline(values: Sequence[int], width: int) -> str:
    """Return the last `width` values, oldest first and leading zeros left out, as blocks; the largest is a full one."""
    shown = list(itertools.dropwhile(lambda value: not value, values))[-width:]
    top = max(shown, default=0)
    if not top:
        return ""
    return "".join(_BLOCKS[-(-value * (len(_BLOCKS) - 1) // top)] for value in shown)


def _ms(value: int | None) -> str:
    if value is None:
        return "–"
    return f"{value} ms" if value < 10_000 else f"{value / 1000:.1f} s"


def _recent(decisions: Sequence[RecentDecision], rows: int) -> Panel:
    table = Table(box=None, expand=True, padding=(0, 1), header_style="dim", pad_edge=False)
    table.add_column("application", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("P(default)", justify="right", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("principal reasons", ratio=1, no_wrap=True, overflow="ellipsis")
    for decision in decisions[:rows]:
        table.add_row(
            decision.application_id,
            Text(decision.outcome, f"bold {OUTCOME_COLOUR.get(decision.outcome, 'white')}"),
            f"{100 * decision.probability:.1f} %",
            str(decision.points),
            Text(" · ".join(decision.reasons), "default"),
        )
    for _ in range(rows - len(decisions)):
        table.add_row("", "", "", "", "")
    return Panel(
        table, title="recent decisions", title_align="left", border_style=EDGE, box=box.ROUNDED, padding=(0, 1)
    )


def draw_summary(summary: Summary, proof: str) -> Panel:
    """Return the summary of a run; `proof` says in a line how in and out were matched."""
    rows: list[tuple[str, RenderableType]] = [
        ("applications in", Text(f"{summary.applications_in:,}", "bold")),
        ("decisions", Text(f"{summary.decisions:,}", "bold")),
        *((f"  {name}", Text(f"{getattr(summary, name):,}", OUTCOME_COLOUR[name])) for name in OUTCOMES),
        ("dead letters", Text(f"{summary.dead_letters:,}")),
        ("undecided", Text(f"{summary.undecided:,}", "bold red" if summary.undecided else "dim")),
        ("decisions a second", Text(f"{summary.decisions_per_s:,.1f}")),
        ("latency p50 / p99", Text(f"{_ms(summary.p50_ms)} / {_ms(summary.p99_ms)}")),
    ]
    return Panel(
        Group(_pairs(rows), Text(proof, "dim")),
        title="summary, read back from the topics",
        title_align="left",
        border_style=EDGE,
        width=64,
        padding=(0, 1),
    )
