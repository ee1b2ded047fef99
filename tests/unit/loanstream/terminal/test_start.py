"""A start in front of a person: the plain lines of a log."""

from __future__ import annotations

import io

from rich.console import Console

from loanstream.stack.steps import Result, State, Step, StepPart
from loanstream.terminal.start import PlainLines


def test_plain_lines_say_each_change_once() -> None:
    """Without a terminal each step is one line when it starts and one when it ends."""
    console = Console(file=io.StringIO(), force_terminal=False)
    lines = PlainLines(console)
    step = Step("a", "Kafka", lambda _: Result(), state=State.RUNNING, started=1.0)
    lines([step])
    lines([step])
    step.state, step.ended, step.detail = State.DONE, 3.0, "up"
    step.parts = (StepPart("topics", 0.5),)
    lines([step])
    lines([step])
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == "Kafka: starts\nKafka: up (2.0 s)\nKafka, topics: done (0.5 s)\n"
