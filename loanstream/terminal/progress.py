"""One line of progress for commands that take a while: a bar on a terminal, a line a step elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

Report = Callable[[str, float], None]


@contextlib.contextmanager
def progress_line(console: Console) -> Iterator[Report]:
    """Yield a function to call with what is done now and the part of all that is done (0 to 1)."""
    if not console.is_terminal:
        told = ""

        def tell(note: str, _fraction: float) -> None:
            nonlocal told
            if note != told:
                told = note
                console.print(note, highlight=False, soft_wrap=True)

        yield tell
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=1.0)
        yield lambda note, fraction: progress.update(task, description=note, completed=fraction)


@contextlib.contextmanager
def progress_count(console: Console, what: str) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with how many are done of a number that nobody knows."""
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(what) as status:
        yield lambda count: status.update(f"{what}: {count:,}")
