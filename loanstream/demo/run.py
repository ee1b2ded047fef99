"""The main job from start to end: bring the stack up, stream applications, show it, drain, count, stop."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.live import Live

from credit.errors import StackError
from loanstream.demo.feed import Feed, rate_for
from loanstream.demo.reader import StreamReader
from loanstream.demo.summary import Summary, check_writable, write_summary
from loanstream.demo.tally import OUTCOMES
from loanstream.demo.view import Screen, draw, draw_summary
from loanstream.intake.lag import LagProbe
from loanstream.intake.tables import count_rows, table_to_stream
from loanstream.stack import desk
from loanstream.stack.actions import Wanted
from loanstream.stack.graph import GraphState, graph_state
from loanstream.stack.ledger import PROCESSES as LEDGER_PROCESSES
from loanstream.stack.stack import PortOptions, Stack
from loanstream.stack.steps import run_steps
from loanstream.stack.surroundings import GATEWAY_GROUP, Place
from loanstream.terminal.stack_view import draw_addresses
from loanstream.terminal.start import PlainLines, stopping
from streaming.kafka.reading import end_positions
from streaming.proof.readback import Proof, prove

# They read the topics again from where they were, or hold nothing, so that a run need not end with them.
_MENDED_LATER = {"monitor", *LEDGER_PROCESSES, desk.NAME}
_FRAME_S = 0.25
_PLAIN_S = 5.0


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What `loanstream demo` is asked for; seconds: of streaming, None until Ctrl-C; rate: a second, None to choose."""

    wanted: Wanted
    ports: PortOptions
    seconds: float | None = None
    rate: float | None = None
    summary: Path | None = None
    drain_s: float = 300.0


class Demo:
    """One run of the main job."""

    def __init__(self, stack: Stack, options: DemoOptions, console: Console) -> None:
        self._stack = stack
        self._options = options
        self._console = console
        self._screen = Screen([], height=console.height)
        self._lines = PlainLines(console)
        self._next_line = 0.0
        self._cut_short = False

    def run(self) -> Summary:
        """Run to the end and return what was counted; the stack ends too unless it was up before."""
        if self._options.summary is not None:
            check_writable(self._options.summary)
        with self._stack.home.locked():
            place, was_up = self._stack.claim("demo", self._options.ports)
        try:
            with self._showing():
                self._bring_up(place, was_up)
                summary, proof, reader = self._stream(place)
            self._console.print(draw_summary(summary, proof.line()))
            if self._options.summary is not None:
                write_summary(self._options.summary, summary)
            if reader.failure is not None:
                self._console.print(f"the live view lost its reader: {reader.failure}", style="yellow")
            if not (proof.holds or self._cut_short):
                raise StackError(
                    f"the topics do not add up: {proof.line()}; look with `loanstream up`, then `reconcile`"
                )
            return summary
        finally:
            if not was_up:
                stopping(self._stack, self._console)

    def _bring_up(self, place: Place, was_up: bool) -> None:
        self._screen.steps = [] if was_up else self._stack.steps(place, self._options.wanted)
        self._screen.addresses = place.addresses()
        run_steps(self._screen.steps, self._on_steps)
        first = desk.first_sign_in(place)
        if first is not None:
            self._screen.addresses = {**self._screen.addresses, "sign in as": first}
        if not self._console.is_terminal:
            self._console.print(draw_addresses(self._screen.addresses))

    def _on_steps(self) -> None:
        if not self._console.is_terminal:
            self._lines(self._screen.steps)

    def _stream(self, place: Place) -> tuple[Summary, Proof, StreamReader]:
        self._finish_backlog(place)
        feed = self._feed(place)
        self._screen.expected = feed.total
        topics = (place.topics.applications_topic, place.topics.decisions_topic, place.topics.dead_letters_topic)
        start = end_positions(place.bootstrap, list(topics))
        reader = StreamReader(place.bootstrap, place.topics, start, GATEWAY_GROUP)
        watch = ReplicaWatch(place)
        reader.start()
        watch.start()
        try:
            feed.start()
            self._until_over(place, feed, reader, watch)
            self._screen.phase = "intake has ended, deciding the rest"
            feed.stop()
            self._drain(place, reader, watch)
        finally:
            feed.stop()
            reader.stop()
            watch.stop()
        self._screen.phase = "reading the topics back"
        self._refresh(reader, watch)
        proof = prove(place.bootstrap, *topics, since=start)
        _, rate, p50, p99 = reader.tally.totals()
        counts = {outcome: proof.outcomes.get(outcome, 0) for outcome in OUTCOMES}
        summary = Summary(
            proof.applications_in,
            proof.decisions,
            proof.dead_letters,
            **counts,
            decisions_per_s=round(rate, 1),
            p50_ms=p50,
            p99_ms=p99,
        )
        return summary, proof, reader

    def _feed(self, place: Place) -> Feed:
        real = self._options.wanted.data
        table = table_to_stream(real or place.home.data)
        rate = self._options.rate or rate_for(count_rows(table), self._options.seconds)
        # Real applications are decided once each; synthetic ones go on as long as somebody watches.
        return Feed(place, self._stack.processes, table, rate, self._options.seconds, repeat=real is None)

    def _until_over(self, place: Place, feed: Feed, reader: StreamReader, watch: ReplicaWatch) -> None:
        """Show the stream until its time is over or Ctrl-C; raises StackError when a part of the stack dies."""
        began = time.monotonic()
        self._screen.phase = "deciding applications as they stream in"
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                seconds = time.monotonic() - began
                if self._options.seconds is not None and seconds >= self._options.seconds:
                    return
                self._screen.clock = _clock(seconds, self._options.seconds)
                if feed.ended and _all_answered(reader):
                    self._screen.phase = "all applications are decided"
                self._refresh(reader, watch)
                self._check_alive(place, feed)
                time.sleep(_FRAME_S)

    def _drain(self, place: Place, reader: StreamReader, watch: ReplicaWatch) -> None:
        until = time.monotonic() + self._options.drain_s
        # A second Ctrl-C means that its user does not want to wait for the rest.
        self._cut_short = True
        probe = LagProbe(place.bootstrap, place.topics.applications_topic, GATEWAY_GROUP)
        with contextlib.suppress(KeyboardInterrupt):
            time.sleep(2 * _FRAME_S)
            while time.monotonic() < until:
                # The reader's own count of applications may be a second old: the topic itself is asked.
                if probe.lag() == 0 and _all_answered(reader):
                    break
                self._refresh(reader, watch)
                self._check_alive(place, None)
                time.sleep(_FRAME_S)
            self._cut_short = False
        probe.close()

    def _finish_backlog(self, place: Place) -> None:
        """Let the gateway finish what an earlier run left, so that this run's counts are its own."""
        until = time.monotonic() + self._options.drain_s
        probe = LagProbe(place.bootstrap, place.topics.applications_topic, GATEWAY_GROUP)
        while time.monotonic() < until and (left := probe.lag()):
            self._screen.phase = f"{left:,} applications of an earlier run first"
            time.sleep(_FRAME_S)
        probe.close()

    def _check_alive(self, place: Place, feed: Feed | None) -> None:
        for name in self._stack.wanted_processes(place):
            if name not in _MENDED_LATER and not self._stack.processes.alive(name):
                raise StackError(f"{name} ended while the demo ran; its log is {self._stack.home.log(name)}")
        if feed is not None:
            feed.check()

    def _refresh(self, reader: StreamReader, watch: ReplicaWatch) -> None:
        state = watch.state
        replicas = state.replicas if state else {}
        self._screen.snapshot = replace(reader.snapshot(), replicas=replicas)
        self._screen.height = self._console.height
        if self._console.is_terminal or time.monotonic() < self._next_line:
            return
        self._next_line = time.monotonic() + _PLAIN_S
        seen = self._screen.snapshot
        self._console.print(
            f"in {seen.applications_in:,}  decided {seen.decisions:,} "
            f"({', '.join(f'{name} {count:,}' for name, count in seen.outcomes.items())})  "
            f"dead letters {seen.dead_letters:,}  {seen.rate:,.0f}/s  p50 {seen.p50_ms} ms  p99 {seen.p99_ms} ms  "
            f"lag {seen.lag}",
            highlight=False,
            soft_wrap=True,
        )

    @contextlib.contextmanager
    def _showing(self) -> Iterator[None]:
        if not self._console.is_terminal:
            yield
            return
        with Live(get_renderable=lambda: draw(self._screen), console=self._console, refresh_per_second=5):
            yield


class ReplicaWatch(threading.Thread):
    """Asks Serve for its replicas every other second, beside the view."""

    def __init__(self, place: Place) -> None:
        super().__init__(name="replica-watch", daemon=True)
        self._place = place
        self._stop_asked = threading.Event()
        self.state: GraphState | None = None

    def run(self) -> None:
        while not self._stop_asked.is_set():
            self.state = graph_state(self._place) or self.state
            self._stop_asked.wait(2.0)

    def stop(self) -> None:
        self._stop_asked.set()


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP like Ctrl-C, so that whoever ends a demo gets its summary and no stack is left.

    SIGINT is set too: a script's shell starts what runs behind it with that signal ignored, and Python leaves it so.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    former = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _all_answered(reader: StreamReader) -> bool:
    seen = reader.snapshot()
    return seen.applications_in > 0 and seen.decisions + seen.dead_letters >= seen.applications_in


def _clock(seconds: float, limit: float | None) -> str:
    def span(value: float) -> str:
        return f"{int(value) // 60:02d}:{int(value) % 60:02d}"

    return span(seconds) if limit is None else f"{span(seconds)} of {span(limit)}"
