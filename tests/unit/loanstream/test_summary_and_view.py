"""What people see at the end and on the way: the summary, the frames, the plain lines."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from loanstream.demo.feed import rate_for
from loanstream.demo.summary import Summary, write_summary
from loanstream.demo.tally import RecentDecision, Snapshot
from loanstream.demo.view import Screen, draw, draw_summary, sparkline
from loanstream.stack.start import PlainLines
from loanstream.stack.steps import Result, State, Step

SUMMARY = Summary(1000, 997, 2, 800, 150, 47, 512.34, 80, 410)


def text_of(renderable: object, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False, color_system=None)
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_summary_has_the_promised_keys(tmp_path: Path) -> None:
    """The JSON has exactly the keys that issue and README promise, and leaves no partial file."""
    path = tmp_path / "summary.json"
    write_summary(path, SUMMARY)
    keys = "applications_in decisions dead_letters approve refer decline decisions_per_s p50_ms p99_ms"
    assert list(json.loads(path.read_text())) == keys.split()
    assert [entry.name for entry in tmp_path.iterdir()] == ["summary.json"]


def test_undecided_applications_show() -> None:
    """What is neither decided nor dead is counted and shown."""
    assert SUMMARY.undecided == 1
    shown = text_of(draw_summary(SUMMARY, "the proof"))
    assert "undecided" in shown
    assert "the proof" in shown


@pytest.mark.parametrize("width", [80, 110, 200])
def test_a_frame_fits_its_terminal(width: int) -> None:
    """A frame of a running stream is no wider and no higher than the terminal, whatever its width."""
    recent = tuple(RecentDecision(str(n), "decline", 0.31, 480, ("income", "age " * 30), 80) for n in range(30))
    snapshot = Snapshot(
        123_456_789,
        {"approve": 100_000_000, "refer": 1, "decline": 9},
        3,
        99_999.0,
        tuple(range(60)),
        119_999,
        120_000,
        7,
        {"explainer": (1, 4)},
        recent,
        "loanstream v12",
    )
    step = Step("a", "Kafka", lambda _: Result(), state=State.DONE, started=0.0, ended=2.0)
    screen = Screen([step], {"HTTP API": "http://127.0.0.1:8000"}, snapshot, "deciding", "00:10", 1000, height=30)
    lines = text_of(draw(screen), width).rstrip("\n").split("\n")
    assert max(map(len, lines)) <= width
    assert len(lines) <= 30
    assert any("1→4" in line for line in lines)
    assert any("480" in line for line in lines)


def test_the_start_shows_every_step_with_its_state() -> None:
    """Before the stream runs each step is shown, with its note while it runs and its detail when it is done."""
    done = Step("a", "Kafka", lambda _: Result(), state=State.DONE, detail="127.0.0.1:9092", started=1.0, ended=4.2)
    running = Step("b", "Model", lambda _: Result(), state=State.RUNNING, started=1.0)
    running.progress.say("fold 3 of 5", 0.5)
    waiting = Step("c", "Features", lambda _: Result())
    shown = text_of(draw(Screen([done, running, waiting])))
    assert all(word in shown for word in ("Kafka", "127.0.0.1:9092", "3.2 s", "fold 3 of 5", "Features"))


def test_plain_lines_say_each_change_once() -> None:
    """Without a terminal each step is one line when it starts and one when it ends."""
    console = Console(file=io.StringIO(), force_terminal=False)
    lines = PlainLines(console)
    step = Step("a", "Kafka", lambda _: Result(), state=State.RUNNING, started=1.0)
    lines([step])
    lines([step])
    step.state, step.ended, step.detail = State.DONE, 3.0, "up"
    lines([step])
    lines([step])
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == "Kafka: starts\nKafka: up (2.0 s)\n"


def test_the_sparkline_shows_the_newest_and_scales_to_the_largest() -> None:
    """The line is as wide as asked, begins with the first that is not zero, and its largest is a full block."""
    assert sparkline([0, 0, 5, 10], 10) == "▄█"
    assert sparkline(range(100), 3)[-1] == "█"
    assert len(sparkline(range(100), 3)) == 3
    assert sparkline([0, 0], 10) == ""


@pytest.mark.parametrize(("total", "seconds", "rate"), [(48_744, 120, 541.6), (1000, 60, 200), (10**7, 60, 2000)])
def test_the_rate_sends_the_whole_table_in_time(total: int, seconds: float, rate: float) -> None:
    """The chosen rate sends a table in three quarters of the time, within bounds."""
    assert rate_for(total, seconds) == pytest.approx(rate, rel=1e-3)
