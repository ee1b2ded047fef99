"""Steps of a start: what needs what, run side by side where nothing forbids it, with their state for a view."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum


class State(Enum):
    """Where a step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REUSED = "reused"
    FAILED = "failed"


@dataclass(slots=True)
class Progress:
    """What a running step says of itself: a word on what it does, and the part that is done (None: not known)."""

    note: str = ""
    fraction: float | None = None

    def say(self, note: str, fraction: float | None = None) -> None:
        self.note, self.fraction = note, fraction


@dataclass(frozen=True, slots=True)
class StepPart:
    """A part of a step that has ended: what it was, the seconds that it took, and into what they went."""

    title: str
    seconds: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a step, in a few words; `reused` where it had nothing to do; its parts, where they were timed."""

    detail: str = ""
    reused: bool = False
    parts: tuple[StepPart, ...] = ()


Action = Callable[[Progress], Result]


@dataclass(slots=True)
class Step:
    """One step of a start: `needs` names the steps that must be done before it."""

    name: str
    title: str
    action: Action
    needs: tuple[str, ...] = ()
    state: State = State.WAITING
    detail: str = ""
    parts: tuple[StepPart, ...] = ()
    progress: Progress = field(default_factory=Progress)
    started: float | None = None
    ended: float | None = None

    def seconds(self, now: float) -> float | None:
        """Return how long it ran or runs, on the monotonic clock; None before it starts."""
        return None if self.started is None else (self.ended or now) - self.started


def run_steps(steps: Sequence[Step], on_change: Callable[[], None] = lambda: None) -> None:
    """Run all steps, each as soon as what it needs is done; `on_change` is called several times a second.

    The first error is raised at once and no further step starts; what the running ones have begun is ended by whoever
    stops the stack.
    """
    by_name = {step.name: step for step in steps}
    for step in steps:
        unknown = set(step.needs) - by_name.keys()
        if unknown:
            raise ValueError(f"step {step.name} needs {sorted(unknown)}, which no step is called")
    ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
    running = 0
    while True:
        for step in steps:
            if step.state is State.WAITING and all(_is_done(by_name[name]) for name in step.needs):
                step.state, step.started = State.RUNNING, time.monotonic()
                # A daemon: Ctrl-C must not wait for a step that waits for a process.
                threading.Thread(target=_run, args=(step, ended), name=f"step-{step.name}", daemon=True).start()
                running += 1
        on_change()
        if not running:
            break
        try:
            error = ended.get(timeout=0.2)
        except queue.Empty:
            continue
        running -= 1
        if error is not None:
            on_change()
            raise error
    if any(step.state is State.WAITING for step in steps):
        raise ValueError("steps need each other in a circle")


def _is_done(step: Step) -> bool:
    return step.state in (State.DONE, State.REUSED)


def _run(step: Step, ended: queue.SimpleQueue[BaseException | None]) -> None:
    error: BaseException | None = None
    try:
        result = step.action(step.progress)
        step.detail, step.parts = result.detail, result.parts
        step.state = State.REUSED if result.reused else State.DONE
    except BaseException as caught:  # noqa: BLE001 - handed to the thread that called run_steps, which raises it
        error = caught
        step.state = State.FAILED
    step.ended = time.monotonic()
    ended.put(error)
