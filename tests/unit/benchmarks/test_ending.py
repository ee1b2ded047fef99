"""What a benchmark starts is ended, whatever ends the benchmark."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import pytest

from benchmarks.ending import all_ended

PROGRAM = """
    import signal
    from benchmarks.ending import all_ended

    with all_ended() as ending:
        ending.callback(print, "broker stopped", flush=True)
        ending.callback(lambda: 1 / 0)
        ending.callback(print, "database stopped", flush=True)
        print("up", flush=True)
        signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_that_was_started_though_one_of_it_fails(number: signal.Signals) -> None:
    """The last that was started is stopped first, and a failure on the way keeps nothing of the rest running."""
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        said, _ = process.communicate(timeout=30)
    assert said.splitlines() == ["database stopped", "broker stopped"]
    assert process.returncode != 0


def test_afterwards_signals_mean_what_they_meant() -> None:
    """Whoever calls a benchmark as a function keeps its own handlers."""
    former = signal.getsignal(signal.SIGTERM)
    with all_ended():
        assert signal.getsignal(signal.SIGTERM) is not former
    assert signal.getsignal(signal.SIGTERM) is former
