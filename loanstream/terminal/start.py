"""Brings a stack up in front of a person: a live view of the steps on a terminal, plain lines elsewhere."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence

from rich.console import Console
from rich.live import Live

from loanstream.stack.actions import Wanted
from loanstream.stack.stack import Stack
from loanstream.stack.steps import State, Step, run_steps
from loanstream.stack.surroundings import Place
from loanstream.terminal.stack_view import StepsView

_NOTES_S = 15.0


class PlainLines:
    """Prints one line when a step begins and one when it ends, for logs; what a long one does, now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, State] = {}
        self._noted = time.monotonic()

    def __call__(self, steps: Sequence[Step]) -> None:
        now = time.monotonic()
        if now - self._noted > _NOTES_S:
            self._noted = now
            for step in steps:
                if step.state is State.RUNNING and step.progress.note:
                    part = "" if step.progress.fraction is None else f" {100 * step.progress.fraction:.0f} %"
                    self._console.print(f"{step.title}: {step.progress.note}{part}", highlight=False, soft_wrap=True)
        for step in steps:
            if self._told.get(step.name) is step.state or step.state is State.WAITING:
                continue
            self._told[step.name] = step.state
            words = {State.RUNNING: "starts", State.FAILED: "failed"}.get(step.state, step.detail or "done")
            seconds = "" if step.state is State.RUNNING else f" ({step.seconds(now) or 0:.1f} s)"
            self._console.print(f"{step.title}: {words}{seconds}", highlight=False, soft_wrap=True)
            for timed in step.parts:
                line = f"{step.title}, {timed.title}: {timed.detail or 'done'} ({timed.seconds:.1f} s)"
                self._console.print(line, highlight=False, soft_wrap=True)


def bring_up(stack: Stack, place: Place, wanted: Wanted, console: Console) -> list[Step]:
    """Run the steps of a start and show them; on any failure or Ctrl-C what was started is stopped again."""
    steps = stack.steps(place, wanted)
    try:
        if console.is_terminal:
            view = StepsView(steps)
            with Live(get_renderable=view.draw, console=console, refresh_per_second=8):
                run_steps(steps)
        else:
            lines = PlainLines(console)
            run_steps(steps, lambda: lines(steps))
    except BaseException:
        stack.down()
        raise
    return steps


def stopping(stack: Stack, console: Console) -> int:
    """Stop a stack and say what is being stopped; a further Ctrl-C does not leave half of it behind."""
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with console.status("stopping the stack") as shown:
            return stack.down(lambda name: shown.update(f"stopping {name}"))
    finally:
        signal.signal(signal.SIGINT, former)
