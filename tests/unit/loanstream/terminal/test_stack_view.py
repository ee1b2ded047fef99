"""The steps of a start and the addresses, as a terminal shows them."""

from __future__ import annotations

from loanstream.stack.steps import Result, State, Step, StepPart
from loanstream.terminal.stack_view import StepsView, draw_addresses
from tests.fixtures.terminal import text_of


def test_the_start_shows_every_step_with_its_state() -> None:
    """Before the stream runs each step is shown, with its note while it runs and its detail when it is done."""
    done = Step("a", "Kafka", lambda _: Result(), state=State.DONE, detail="127.0.0.1:9092", started=1.0, ended=4.2)
    running = Step("b", "Model", lambda _: Result(), state=State.RUNNING, started=1.0)
    running.progress.say("fold 3 of 5", 0.5)
    waiting = Step("c", "Features", lambda _: Result())
    shown = text_of(StepsView([done, running, waiting]).draw())
    assert all(word in shown for word in ("Kafka", "127.0.0.1:9092", "3.2 s", "fold 3 of 5", "Features"))


def test_the_parts_of_a_step_stand_below_it() -> None:
    """With their seconds, so that one sees what a start waits for."""
    step = Step("a", "Serve graph", lambda _: Result(), state=State.DONE, started=1.0, ended=9.0)
    step.parts = (StepPart("replicas", 4.4), StepPart("replica of http", 3.1, "model 0.4 s"))
    lines = text_of(StepsView([step]).draw()).splitlines()
    place = next(number for number, line in enumerate(lines) if "Serve graph" in line)
    assert "replicas" in lines[place + 1]
    assert "4.4 s" in lines[place + 1]
    assert all(word in lines[place + 2] for word in ("replica of http", "model 0.4 s", "3.1 s"))


def test_a_long_address_is_folded_not_cut() -> None:
    """An address is shown whole in a narrow terminal: a person has to open it."""
    address = "http://127.0.0.1:8000/" + "x" * 90
    shown = text_of(draw_addresses({"HTTP API": address}), width=60)
    assert "".join(line[len(" HTTP API") :].strip() for line in shown.splitlines()) == address
