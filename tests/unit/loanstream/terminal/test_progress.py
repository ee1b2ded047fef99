"""Progress where there is no terminal."""

from __future__ import annotations

import io

from rich.console import Console

from loanstream.terminal.progress import progress_line


def test_a_log_has_each_note_once() -> None:
    """Outside a terminal a note is printed when it changes, however often it is reported."""
    console = Console(file=io.StringIO(), force_terminal=False)
    with progress_line(console) as report:
        for note, fraction in (("reading", 0.0), ("reading", 0.5), ("fitting", 0.6), ("fitting", 1.0)):
            report(note, fraction)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == ["reading", "fitting"]
