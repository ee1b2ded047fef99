"""Callers that go on while something happens to a running stack."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from streaming.feed import read_rows
from tests.fixtures.stack import RunningStack

_CALLERS = 4


@dataclass(frozen=True)
class Answered:
    """One answer: its status, and the version that decided or else what it said."""

    status: int
    model_version: str


def answers_during(
    stack: RunningStack,
    happening: Callable[[], None],
    until: Callable[[Answered], bool],
    timeout_s: float = 60.0,
) -> list[Answered]:
    """Call `/explain` again and again during `happening`, and on until an answer is as it should be then."""
    clients = [row["SK_ID_CURR"] for row in itertools.islice(read_rows(stack.applications), 20)]
    stop = threading.Event()
    answers: list[Answered] = []

    def caller() -> None:
        with stack.client() as client:
            for client_id in itertools.cycle(clients):
                if stop.is_set():
                    return
                answer = client.post("/explain", json={"sk_id_curr": client_id})
                answers.append(Answered(answer.status_code, answer.json().get("model_version", answer.text)))

    callers = [threading.Thread(target=caller) for _ in range(_CALLERS)]
    for thread in callers:
        thread.start()
    try:
        happening()
        end = time.monotonic() + timeout_s
        while not (answers and until(answers[-1])):
            if time.monotonic() > end:
                raise AssertionError(f"{timeout_s:.0f} s after it happened the answer is still {answers[-1:]}")
            time.sleep(0.1)
    finally:
        stop.set()
        for thread in callers:
            thread.join()
    return answers
